/** Path MTUs that packet-too-big errors told UDP or TCP, by destination, for ten minutes (RFC 1191 §6.3, RFC 8201 §4). Anybody can forge one: they are recorded, and shape nothing. */

const SETS = 1024;
const WAYS = 4;
/** Four words of address, one of family and MTU, one of expiry in seconds since the epoch; padded to half a cache line. */
const ENTRY_WORDS = 8;
const SIZE = 4;
const EXPIRY = 5;
/** The first entry's place holds the expiry of the youngest: while that is past there is nothing to look for. */
const YOUNGEST = 0;
const LIFE_SECONDS = 600;

/** 128 KiB for 4096 destinations. */
export function makePathMtus(): SharedArrayBuffer {
  return new SharedArrayBuffer((1 + SETS * WAYS) * ENTRY_WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** Threads share the memory without locks: where two write one entry at a time it may name a wrong destination, for a row or two. */
export class PathMtus {
  private readonly words: Int32Array;
  private readonly key = new Int32Array(4);

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  /** @param address in its first 4 or 16 octets @param now milliseconds since the epoch */
  learn(address: Uint8Array, family: 4 | 6, mtu: number, now: number): void {
    if (mtu < 1 || mtu > 65_535) return;
    const { words, key } = this;
    const seconds = Math.floor(now / 1000);
    const at = this.place(address, family, seconds);
    words[at + SIZE] = 0;
    for (let word = 0; word < 4; word++) words[at + word] = key[word]!;
    words[at + EXPIRY] = seconds + LIFE_SECONDS;
    Atomics.store(words, at + SIZE, (family << 16) | mtu);
    Atomics.store(words, YOUNGEST, seconds + LIFE_SECONDS);
  }

  /** True until the first is learned. */
  get isEmpty(): boolean {
    return this.words[YOUNGEST] === 0;
  }

  /** 0 where nothing was learned. */
  of(address: Uint8Array, family: 4 | 6, now: number): number {
    const { words } = this;
    const seconds = Math.floor(now / 1000);
    if (words[YOUNGEST]! <= seconds) return 0;
    const first = this.readKey(address, family);
    for (let way = 0; way < WAYS; way++) {
      const at = first + way * ENTRY_WORDS;
      if (this.holds(at, family) && words[at + EXPIRY]! > seconds) return words[at + SIZE]! & 0xffff;
    }
    return 0;
  }

  /** The entry of this destination, else the one of its set that expires first. */
  private place(address: Uint8Array, family: 4 | 6, seconds: number): number {
    const { words } = this;
    const first = this.readKey(address, family);
    let oldest = first;
    for (let way = 0; way < WAYS; way++) {
      const at = first + way * ENTRY_WORDS;
      if (this.holds(at, family)) return at;
      if (words[at + EXPIRY]! <= seconds || words[at + EXPIRY]! < words[oldest + EXPIRY]!) oldest = at;
    }
    return oldest;
  }

  private holds(at: number, family: number): boolean {
    const { words, key } = this;
    for (let word = 0; word < 4; word++) if (words[at + word] !== key[word]) return false;
    return words[at + SIZE]! >> 16 === family;
  }

  /** @returns where its set begins */
  private readKey(address: Uint8Array, family: 4 | 6): number {
    const { key } = this;
    let hash: number = family;
    for (let word = 0; word < 4; word++) {
      key[word] = family === 4 && word > 0 ? 0 : wordAt(address, 4 * word);
      hash = Math.imul(hash ^ key[word]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return (1 + (hash & (SETS - 1)) * WAYS) * ENTRY_WORDS;
  }
}

function wordAt(octets: Uint8Array, at: number): number {
  return (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;
}
