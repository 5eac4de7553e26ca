/**
 * Token buckets and recent proofs in tables of fixed size: what may leave in a second, by destination prefix and in all (RFC 5358,
 * DESIGN: safety). Their memory may be shared, so that many threads spend one budget and a reload forgets nothing.
 */

export interface Buckets {
  /** Takes `amount` where there is as much; otherwise takes nothing. */
  take(key: number, amount: number, now: number): boolean;
}

/** Two words a bucket: what is spent, and when time was last turned into credit. All zero is a full bucket. */
const BUCKET_OCTETS = 8;
/** A clock that goes back further has been set anew. */
const CLOCK_STEP_MS = 60_000;
/** Most that a word of what is spent may hold. */
const MOST_SPENT = 2 ** 30;

/** Memory for `makeBuckets`; all zero. */
export function bucketMemory(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer(slots * BUCKET_OCTETS);
}

/**
 * Buckets for any number of keys in `slots` places. Keys that fall together share a bucket: stricter, never looser.
 *
 * Threads that share the memory never spend the same credit twice: both words change by compare-and-exchange only. A reload
 * that changes a burst by more than a power of two misjudges what was spent before it, for the time of one burst.
 *
 * @param perSecond refill; 0 switches the limit off
 * @param burst what a full bucket holds
 * @param memory of `bucketMemory(slots)`
 */
export function makeBuckets(
  perSecond: number,
  burst: number,
  slots: number,
  memory: SharedArrayBuffer = bucketMemory(slots),
): Buckets {
  if (perSecond === 0) return { take: () => true };
  const spent = new Int32Array(memory, 0, slots);
  const creditedAt = new Int32Array(memory, 4 * slots, slots);
  // Parts of an octet, so that a millisecond of a small budget still counts; a power of two, so that sums stay exact.
  const scale = 2 ** Math.floor(Math.log2(MOST_SPENT / Math.max(1, burst)));
  const full = Math.floor(burst * scale);
  const perMillisecond = (perSecond / 1000) * scale;

  function credit(slot: number, now: number): void {
    const before = Atomics.load(creditedAt, slot);
    // Milliseconds modulo 2^32: a clock that is set back, or three weeks of silence, are a clock that stands still.
    const elapsed = (now - before) | 0;
    // Clocks of threads and batches differ by milliseconds: a step back of that kind must not be credited twice.
    if (elapsed <= 0 && elapsed > -CLOCK_STEP_MS) return;
    const gained = Math.floor(elapsed * perMillisecond);
    if (gained === 0) return;
    if (Atomics.compareExchange(creditedAt, slot, before, now | 0) !== before) return;
    for (let has = Atomics.load(spent, slot); gained > 0 && has > 0; has = Atomics.load(spent, slot))
      if (Atomics.compareExchange(spent, slot, has, Math.max(0, has - gained)) === has) return;
  }

  return {
    take(key, amount, now) {
      const slot = key % slots;
      credit(slot, now);
      const wanted = Math.ceil(amount * scale);
      for (;;) {
        const has = Atomics.load(spent, slot);
        if (has + wanted > full) return false;
        if (Atomics.compareExchange(spent, slot, has, has + wanted) === has) return true;
      }
    },
  };
}

export interface RecentProofs {
  note(tag: number, now: number): void;
  has(tag: number, now: number): boolean;
}

const RECENT_SECONDS = 600;
/** Tag and second. */
const PROOF_OCTETS = 8;

/** Memory for `makeRecentProofs`; all zero. */
export function proofMemory(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer(slots * PROOF_OCTETS);
}

const PROOF_SLOTS = 65_536;

/**
 * Sources that proved their address in the last ten minutes, by 32-bit tag; a newer one takes the place of an older.
 *
 * Threads may write the two words of a place across each other: then both sources have proven themselves just now.
 *
 * @param memory of `proofMemory(slots)`
 */
export function makeRecentProofs(slots = PROOF_SLOTS, memory = proofMemory(slots)): RecentProofs {
  const tags = new Uint32Array(memory, 0, slots);
  const provenAt = new Uint32Array(memory, 4 * slots, slots);
  return {
    note(tag, now) {
      tags[tag % slots] = tag;
      provenAt[tag % slots] = Math.floor(now / 1000);
    },
    has: (tag, now) =>
      tags[tag % slots] === tag && Math.floor(now / 1000) - provenAt[tag % slots]! < RECENT_SECONDS,
  };
}
