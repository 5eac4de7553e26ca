/** Names from presentation form into a row: what `formatName` made goes back to the same octets, in place. */
import { formatName, MAX_NAME } from '../wire/name.ts';

const BACKSLASH = 0x5c;
const DOT = 0x2e;

/** Octets of the name in wire form; 0 for no name. */
export function nameOctets(text: string): number {
  if (text === '' || text === '.') return text.length;
  let octets = text.length + (text.endsWith('.') ? 1 : 2);
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const characters = escapeLength(text, at);
    octets -= characters - 1;
    at += characters;
  }
  return octets;
}

/** @returns octets written, at most 255; 0 for a text that is no name, which would be a bug of ours */
export function writeName(text: string, octets: Uint8Array, start: number): number {
  const size = nameOctets(text);
  if (size === 0 || size > MAX_NAME) return 0;
  const end = start + size - 1;
  let label = start;
  let to = start + 1;
  for (let at = 0; at < text.length && to <= end; to++) {
    const code = text.charCodeAt(at);
    const characters = code === BACKSLASH ? escapeLength(text, at) : 1;
    if (code === DOT) {
      octets[label] = to - label - 1;
      label = to;
    } else {
      octets[to] =
        characters === 4 ? Number(text.slice(at + 1, at + 4)) : text.charCodeAt(at + characters - 1);
    }
    at += characters;
  }
  octets[label] = to - label - 1;
  octets[end] = 0;
  return size;
}

/** `\DDD` or `\X` (RFC 1035 §5.1). */
function escapeLength(text: string, at: number): 2 | 4 {
  const next = text.charCodeAt(at + 1);
  return next >= 0x30 && next <= 0x39 ? 4 : 2;
}

/** Presentation form as Latin-1, in place of the text of `formatName` and several times as fast. */
export interface NameText {
  readonly octets: Buffer;
  /** Characters of the whole name, and of its end that is the apex of the zone. */
  length: number;
  apexLength: number;
}

/** Room for the longest: 255 octets, each written as `\DDD`. */
export function makeNameText(): NameText {
  return { octets: Buffer.allocUnsafeSlow(4 * MAX_NAME), length: 0, apexLength: 0 };
}

/** The name of `length` octets at `start`, whose last `apex` octets are the apex of its zone. */
export function formatNameInto(
  text: NameText,
  octets: Uint8Array,
  start: number,
  length: number,
  apex: number,
): void {
  const cut = start + length - apex;
  let to = 0;
  let apexAt = 0;
  for (let at = start; at < start + length - 1; ) {
    if (at === cut) apexAt = to;
    const end = Math.min(at + octets[at]!, start + length - 2);
    for (at++; at <= end; at++) to = writeCharacter(text.octets, to, octets[at]!);
    text.octets[to++] = DOT;
  }
  if (length === 1) text.octets[to++] = DOT;
  text.length = to;
  text.apexLength = apex === 1 ? 1 : apex === 0 ? 0 : to - apexAt;
}

function writeCharacter(text: Uint8Array, to: number, octet: number): number {
  const kind = CHARACTERS[octet];
  if (kind === PLAIN) {
    text[to] = octet;
    return to + 1;
  }
  text[to] = BACKSLASH;
  if (kind === QUOTED) {
    text[to + 1] = octet;
    return to + 2;
  }
  text[to + 1] = 0x30 + Math.floor(octet / 100);
  text[to + 2] = 0x30 + (Math.floor(octet / 10) % 10);
  text[to + 3] = 0x30 + (octet % 10);
  return to + 4;
}

const PLAIN = 1;
const QUOTED = 2;
/** Length of what `formatName` makes of each octet: the one place where that is decided. */
const CHARACTERS = Uint8Array.from(
  { length: 256 },
  (_, octet) => formatName(Uint8Array.of(1, octet, 0)).length - 1,
);
