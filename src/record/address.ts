/** IP addresses between rows and text, as the C library writes them (RFC 5952; ::a.b.c.d and ::ffff:a.b.c.d with dots). */
import { parseAddress } from '../wire/address.ts';

const ZERO = 0x30;
const DOT = 0x2e;
const COLON = 0x3a;
const LOWER_A = 0x61;

/** Writes 4 or 16 octets; an address of the other family than wanted, which should not be, becomes mapped or is cut. */
export function writeAddress(text: string, octets: Uint8Array, at: number, family: 4 | 6): void {
  if (family === 4 ? writeIpv4(text, octets, at) : writeIpv6(text, octets, at)) return;
  const address = parseAddress(text.replace(/%.*/, ''));
  if (family === 6 && address.length === 4) {
    octets.fill(0, at, at + 10);
    octets.fill(0xff, at + 10, at + 12);
    octets.set(address, at + 12);
  } else {
    octets.set(family === 4 ? address.subarray(-4) : address, at);
  }
}

function writeIpv4(text: string, octets: Uint8Array, at: number): boolean {
  let value = 0;
  let place = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      octets[at + place++] = value;
      value = 0;
    } else if (code >= ZERO && code <= ZERO + 9) {
      value = value * 10 + code - ZERO;
    } else {
      return false;
    }
  }
  octets[at + place] = value;
  return place === 3;
}

/** Only what has neither dots nor a zone. @returns false for all else, which it may have begun to write */
function writeIpv6(text: string, octets: Uint8Array, at: number): boolean {
  let to = at;
  let gap = -1;
  let value = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === COLON) {
      if (value >= 0) to = writeWord(octets, to, value);
      else gap = to;
      value = -1;
    } else {
      const digit = hexDigit(code);
      if (digit < 0) return false;
      value = (value < 0 ? 0 : value << 4) | digit;
    }
  }
  if (value >= 0) to = writeWord(octets, to, value);
  if (gap < 0) return to === at + 16;
  octets.copyWithin(at + 16 - (to - gap), gap, to);
  octets.fill(0, gap, at + 16 - (to - gap));
  return true;
}

function writeWord(octets: Uint8Array, to: number, word: number): number {
  octets[to] = word >> 8;
  octets[to + 1] = word;
  return to + 2;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO;
  return code >= LOWER_A && code <= LOWER_A + 5 ? code - LOWER_A + 10 : -1;
}

export function readAddress(octets: Uint8Array, at: number, family: number): string {
  if (family === 4) return dotted(octets, at);
  const [from, length] = longestZeros(octets, at);
  const isEmbedded = from === 0 && hasDots(octets, at, length);
  const last = isEmbedded ? 6 : 8;
  let text = '';
  for (let word = 0; word < last; word++) {
    if (word === from && length > 1) {
      text += '::';
      word += length - 1;
    } else {
      text += `${text === '' || text.endsWith(':') ? '' : ':'}${wordAt(octets, at, word).toString(16)}`;
    }
  }
  if (!isEmbedded) return text;
  return `${text}${text.endsWith(':') ? '' : ':'}${dotted(octets, at + 12)}`;
}

/** ::a.b.c.d, but for ::1 and ::, and ::ffff:a.b.c.d. */
function hasDots(octets: Uint8Array, at: number, zeros: number): boolean {
  if (zeros === 5) return wordAt(octets, at, 5) === 0xffff;
  return zeros === 6 || (zeros === 7 && wordAt(octets, at, 7) !== 1);
}

function wordAt(octets: Uint8Array, at: number, word: number): number {
  return (octets[at + 2 * word]! << 8) | octets[at + 2 * word + 1]!;
}

function dotted(octets: Uint8Array, at: number): string {
  return `${octets[at]}.${octets[at + 1]}.${octets[at + 2]}.${octets[at + 3]}`;
}

// RFC 5952 §4.2: the longest run of zeros, the first of equals, and never a single one.
function longestZeros(octets: Uint8Array, at: number): [from: number, length: number] {
  let from = 0;
  let most = 0;
  let run = 0;
  for (let word = 0; word < 8; word++) {
    run = wordAt(octets, at, word) === 0 ? run + 1 : 0;
    if (run > most) {
      most = run;
      from = word - run + 1;
    }
  }
  return [from, most];
}
