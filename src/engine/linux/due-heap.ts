/** DueHeap: things that wait for their time, the earliest first; of equals the one that came first. */

export interface Due {
  /** By `performance.now()`. */
  readonly dueAt: number;
}

export class DueHeap<Thing extends Due> {
  private readonly heap: { readonly thing: Thing; readonly order: number }[] = [];
  private order = 0;

  /** When the earliest is due, infinite where none waits. */
  get nextAt(): number {
    return this.heap[0]?.thing.dueAt ?? Number.POSITIVE_INFINITY;
  }

  add(thing: Thing): void {
    const { heap } = this;
    const entry = { thing, order: this.order++ };
    let at = heap.length;
    while (at > 0 && isBefore(entry, heap[(at - 1) >> 1]!)) {
      heap[at] = heap[(at - 1) >> 1]!;
      at = (at - 1) >> 1;
    }
    heap[at] = entry;
  }

  /** Removes and returns the earliest. */
  take(): Thing | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top?.thing;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top?.thing;
  }
}

function isBefore(
  one: { readonly thing: Due; readonly order: number },
  other: { readonly thing: Due; readonly order: number },
): boolean {
  const earlier = one.thing.dueAt - other.thing.dueAt;
  return earlier < 0 || (earlier === 0 && one.order < other.order);
}
