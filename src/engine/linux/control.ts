/** Words of shared memory through which the main thread speaks to its loops, which never return to an event loop. */

/** What a loop looks at once a round. */
export interface LoopControl {
  /** True once the thread is to finish: answer what has been received, send it, return. */
  readonly isStopping: boolean;
  /** Changes whenever a message waits on the port (new zones and settings). */
  readonly generation: number;
}

const STOPPING = 0;
const GENERATION = 1;
const WORDS = 2;

export function makeControlWords(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
}

export function readControl(memory: SharedArrayBuffer): LoopControl {
  const words = new Int32Array(memory);
  return {
    get isStopping() {
      return Atomics.load(words, STOPPING) !== 0;
    },
    get generation() {
      return Atomics.load(words, GENERATION);
    },
  };
}

/** Loops see it within 50 ms. */
export function requestStop(memory: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(memory), STOPPING, 1);
}

/** To be called after the message was posted. */
export function announce(memory: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(memory), GENERATION, 1);
}
