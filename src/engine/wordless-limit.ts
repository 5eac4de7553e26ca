/** One row a second for each source whose connections end before they have asked: a flood of those writes no flood of rows (RFC 7766 §6.2.2). */

const SLOTS = 4096;
const QUIET_MS = 1000;

export class WordlessLimit {
  private readonly notedAt = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);

  /**
   * Whether such a connection deserves a row. Sources that fall together share one: stricter, never looser.
   *
   * @param words the whole source address, 32 bits each: resolvers of many networks end in the same `::53`
   * @param now milliseconds
   */
  take(words: readonly number[], now: number): boolean {
    const slot = hashOf(words) % SLOTS;
    const since = now - this.notedAt[slot]!;
    // A clock that goes back has been set anew.
    if (since >= 0 && since < QUIET_MS) return false;
    this.notedAt[slot] = now;
    return true;
  }
}

/** Every bit of every word counts: neighbors differ in the last ones, hosts of different networks in the first. */
function hashOf(words: readonly number[]): number {
  let hash = 0;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    hash ^= hash >>> 13;
  }
  return hash >>> 0;
}
