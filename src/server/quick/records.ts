/** Where the records of a message stand: for finding the patched places of a template, once, in an answer of our own making (RFC 1035 §4.1.3). */

export interface PlacedRecord {
  readonly section: 'answer' | 'authority' | 'additional';
  readonly type: number;
  readonly ttl: number;
  readonly ownerAt: number;
  /** What the owner is a pointer to, -1 where it is written in full or in part. */
  readonly ownerPointer: number;
  readonly rdataAt: number;
  readonly rdlength: number;
}

const POINTER = 0xc0;

/** @param octets a response with one question */
export function placeRecords(octets: Uint8Array): PlacedRecord[] {
  const word = (at: number) => (octets[at]! << 8) | octets[at + 1]!;
  const placed: PlacedRecord[] = [];
  let at = endOfName(octets, 12) + 4;
  for (const [section, countAt] of [
    ['answer', 6],
    ['authority', 8],
    ['additional', 10],
  ] as const) {
    for (let left = word(countAt); left > 0; left--) {
      const fixed = endOfName(octets, at);
      const rdlength = word(fixed + 8);
      placed.push({
        section,
        type: word(fixed),
        ttl: word(fixed + 4) * 0x1_0000 + word(fixed + 6),
        ownerAt: at,
        ownerPointer: octets[at]! >= POINTER ? word(at) & 0x3fff : -1,
        rdataAt: fixed + 10,
        rdlength,
      });
      at = fixed + 10 + rdlength;
    }
  }
  return placed;
}

/** Targets of the compression pointers in the names of a stretch of octets that holds `names` names one after the other. */
export function pointersIn(octets: Uint8Array, from: number, names: number): number[] {
  const targets: number[] = [];
  let at = from;
  for (let left = names; left > 0; left--) {
    while (octets[at]! > 0 && octets[at]! < POINTER) at += octets[at]! + 1;
    if (octets[at]! >= POINTER) targets.push(((octets[at]! & 0x3f) << 8) | octets[at + 1]!);
    at += octets[at]! >= POINTER ? 2 : 1;
  }
  return targets;
}

function endOfName(octets: Uint8Array, from: number): number {
  let at = from;
  while (octets[at]! > 0 && octets[at]! < POINTER) at += octets[at]! + 1;
  return at + (octets[at]! >= POINTER ? 2 : 1);
}
