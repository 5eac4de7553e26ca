/** A map of bounded size: what was used last is kept. */
export class LastUsed<T> {
  private readonly entries = new Map<string, T>();
  private readonly most: number;

  /** @param most entries, at least one */
  constructor(most: number) {
    this.most = most;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** What is kept at a key, or else what `make` gives, which is kept from now on. */
  get(key: string, make: () => T): T {
    const value = this.entries.get(key) ?? make();
    // The last of the map is the one used last.
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.most) this.entries.delete(this.entries.keys().next().value!);
    return value;
  }
}
