/** Memory that the threads of one server share, and that outlives a reload: budgets, recent proofs, numbers of responses. */
import { bucketMemory, proofMemory } from './budget.ts';

/** Buckets of destination prefixes, and places for recent proofs. */
export const PREFIX_SLOTS = 16_384;
export const PROOF_SLOTS = 65_536;
/** Budgets of signatures and other work: no flood from forged addresses takes what proven sources need. */
export const WORK_BUDGETS = { strangers: 0, proven: 1 } as const;
export const WORK_SLOTS = 2;

/** Survives structured cloning: every thread that is handed it sees the same octets. */
export interface SharedTables {
  readonly recent: SharedArrayBuffer;
  readonly prefixOctets: SharedArrayBuffer;
  readonly allOctets: SharedArrayBuffer;
  readonly signing: SharedArrayBuffer;
  /** The last number of each thread; as many words as the step between two numbers of one thread. */
  readonly instances: SharedArrayBuffer;
}

/**
 * @param threads that answer, 1..64
 * @param random octets that nobody can guess
 */
export function makeSharedTables(threads: number, random: (octets: number) => Uint8Array): SharedTables {
  const step = 2 ** Math.ceil(Math.log2(threads));
  const instances = new SharedArrayBuffer(4 * step);
  const start = new DataView(random(4).buffer).getUint32(0);
  const words = new Uint32Array(instances);
  for (const thread of words.keys()) words[thread] = start - (start % step) + thread;
  return {
    recent: proofMemory(PROOF_SLOTS),
    prefixOctets: bucketMemory(PREFIX_SLOTS),
    allOctets: bucketMemory(1),
    signing: bucketMemory(WORK_SLOTS),
    instances,
  };
}

/**
 * Numbers of responses, modulo 2^32. Each thread counts in steps through numbers of its own, so that no two answers of a node share
 * one; a thread that takes the place of another, or begins anew after a reload, goes on where that one stopped.
 */
export function instanceCounter({ instances }: SharedTables, thread: number): () => number {
  const words = new Uint32Array(instances);
  const step = words.length;
  // One writer a word: no atomics needed.
  return () => {
    words[thread]! += step;
    return words[thread]!;
  };
}
