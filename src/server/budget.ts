/** Token buckets in tables of fixed size: what may leave in a second, by destination prefix and in all (RFC 5358, DESIGN: safety). */

export interface Buckets {
  /** Takes `amount` where there is as much; otherwise takes nothing. */
  take(key: number, amount: number, now: number): boolean;
}

/**
 * Buckets for any number of keys in `slots` places. Keys that fall together share a bucket: stricter, never looser.
 * @param perSecond refill; 0 switches the limit off
 * @param burst what a full bucket holds
 */
export function makeBuckets(perSecond: number, burst: number, slots: number): Buckets {
  if (perSecond === 0) return { take: () => true };
  const level = new Float64Array(slots).fill(burst);
  const filledAt = new Float64Array(slots);
  return {
    take(key, amount, now) {
      const slot = key % slots;
      const elapsed = Math.max(0, now - filledAt[slot]!);
      level[slot] = Math.min(burst, level[slot]! + (elapsed * perSecond) / 1000);
      filledAt[slot] = now;
      if (level[slot]! < amount) return false;
      level[slot]! -= amount;
      return true;
    },
  };
}

export interface RecentProofs {
  note(tag: number, now: number): void;
  has(tag: number, now: number): boolean;
}

const RECENT_MS = 600_000;

/** Sources that proved their address in the last ten minutes, by 32-bit tag; a newer one takes the place of an older. */
export function makeRecentProofs(slots = 65_536): RecentProofs {
  const tags = new Uint32Array(slots);
  const provenAt = new Float64Array(slots);
  return {
    note(tag, now) {
      tags[tag % slots] = tag;
      provenAt[tag % slots] = now;
    },
    has: (tag, now) => tags[tag % slots] === tag && now - provenAt[tag % slots]! < RECENT_MS,
  };
}
