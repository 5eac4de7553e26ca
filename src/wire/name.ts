/** Domain names as uncompressed wire octets, root octet included, so that a label may hold any octet (RFC 1035 §3.1). */
import { WireError } from './error.ts';

/** Uncompressed wire form: length octet and label, …, 0. At most 255 octets. The case is kept. */
export type Name = Uint8Array;

export const ROOT: Name = Uint8Array.of(0);
export const MAX_NAME = 255;
export const MAX_LABEL = 63;

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const CASE_BIT = 0x20;

/** The octet with ASCII letters lower-cased (RFC 4343 §2). Length octets are at most 63 and so never change. */
export function lowerOctet(octet: number): number {
  return octet >= UPPER_A && octet <= UPPER_Z ? octet | CASE_BIT : octet;
}

/** A lower-cased copy: the canonical form of a name (RFC 4034 §6.2). */
export function lower(name: Name): Name {
  const copy = new Uint8Array(name.length);
  for (let at = 0; at < name.length; at++) copy[at] = lowerOctet(name[at]!);
  return copy;
}

/** A key for maps: equal for names that differ in case only. */
export function nameKey(name: Name): string {
  const canonical = lower(name);
  return Buffer.from(canonical.buffer, canonical.byteOffset, canonical.length).toString('latin1');
}

export function sameName(a: Name, b: Name): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (lowerOctet(a[at]!) !== lowerOctet(b[at]!)) return false;
  return true;
}

/** Labels from left to right, the root excluded: views into `name`. */
export function labels(name: Name): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; name[at]! > 0; at += name[at]! + 1) found.push(name.subarray(at + 1, at + 1 + name[at]!));
  return found;
}

/** Number of labels without the root, as the Labels field of an RRSIG counts them (RFC 4034 §3.1.3). */
export function countLabels(name: Name): number {
  let count = 0;
  for (let at = 0; name[at]! > 0; at += name[at]! + 1) count++;
  return count;
}

/** The name without its leftmost label; the parent of the root is the root. */
export function parentName(name: Name): Name {
  return name[0] === 0 ? ROOT : name.subarray(name[0]! + 1);
}

/** Whether `name` is `ancestor` or below it. */
export function isWithin(name: Name, ancestor: Name): boolean {
  let rest = name;
  while (rest.length > ancestor.length) rest = parentName(rest);
  return sameName(rest, ancestor);
}

/** The labels of `name` left of `ancestor`, leftmost first. `name` must be within `ancestor`. */
export function labelsBelow(name: Name, ancestor: Name): Uint8Array[] {
  return labels(name).slice(0, countLabels(name) - countLabels(ancestor));
}

/**
 * `label` put in front of `name`.
 * @throws {RangeError} for a label outside 1..63 octets or a name over 255: a bug in our own naming
 */
export function prepend(label: Uint8Array | string, name: Name): Name {
  const octets = typeof label === 'string' ? latin1(label) : label;
  if (octets.length < 1 || octets.length > MAX_LABEL)
    throw new RangeError(`label of ${octets.length} octets, want 1..63`);
  if (octets.length + 1 + name.length > MAX_NAME)
    throw new RangeError(`name of ${octets.length + 1 + name.length} octets, want 255 or less`);
  const joined = new Uint8Array(1 + octets.length + name.length);
  joined[0] = octets.length;
  joined.set(octets, 1);
  joined.set(name, 1 + octets.length);
  return joined;
}

/** One octet a character; for ASCII text of our own. */
export function latin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
  return octets;
}

/** A label as lower-case text; octets above 127 come out as U+0080..U+00FF and match no grammar. */
export function labelText(label: Uint8Array): string {
  let text = '';
  for (const octet of label) text += String.fromCharCode(lowerOctet(octet));
  return text;
}

/** Presentation form with the final dot; special characters escaped, unprintable octets as \\DDD (RFC 4343 §2.1). */
export function formatName(name: Name): string {
  if (name[0] === 0) return '.';
  let text = '';
  for (let at = 0; name[at]! > 0; at += name[at]! + 1) {
    for (let k = at + 1; k <= at + name[at]!; k++) text += ESCAPED[name[k]!]!;
    text += '.';
  }
  return text;
}

const ESCAPED: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  if (octet < 0x21 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return '."();@$\\'.includes(character) ? `\\${character}` : character;
});

/**
 * Presentation text to a name; relative text is completed with `origin` (default: the root).
 * @throws {WireError} TEXT, with the offset in the text
 */
export function parseName(text: string, origin: Name = ROOT): Name {
  if (text === '@') return origin;
  if (text === '.') return ROOT;
  const octets: number[] = [];
  let label: number[] = [];
  const close = (at: number) => {
    if (label.length === 0) throw new WireError('TEXT', at, `name '${text}': empty label`);
    if (label.length > MAX_LABEL)
      throw new WireError('TEXT', at, `name '${text}': label of ${label.length} octets, at most 63`);
    octets.push(label.length, ...label);
    label = [];
  };
  for (let at = 0; at < text.length; ) {
    if (text[at] === '.') {
      close(at);
      at++;
    } else {
      const [octet, taken] = readEscaped(text, at);
      label.push(octet);
      at += taken;
    }
  }
  if (label.length > 0 || octets.length === 0) {
    close(text.length);
    octets.push(...origin);
  } else {
    octets.push(0);
  }
  if (octets.length > MAX_NAME)
    throw new WireError('TEXT', text.length, `name '${text}' of ${octets.length} octets, at most 255`);
  return Uint8Array.from(octets);
}

/** One octet of presentation text, `\X` and `\DDD` understood (RFC 1035 §5.1), and how many characters it took. */
export function readEscaped(text: string, at: number): [octet: number, taken: number] {
  const code = text.charCodeAt(at);
  if (code > 0xff) throw new WireError('TEXT', at, `'${text}': character outside Latin-1`);
  if (text[at] !== '\\') return [code, 1];
  const digits = /^\d{3}/.exec(text.slice(at + 1))?.[0];
  if (digits !== undefined) {
    if (Number(digits) > 255) throw new WireError('TEXT', at, `'${text}': \\${digits} is above 255`);
    return [Number(digits), 4];
  }
  if (at + 1 >= text.length) throw new WireError('TEXT', at, `'${text}': ends in a backslash`);
  // RFC 1035 §5.1: \X is for characters other than digits.
  if (/\d/.test(text[at + 1]!))
    throw new WireError('TEXT', at, `'${text}': a backslash and a digit, want three`);
  const escaped = text.charCodeAt(at + 1);
  if (escaped > 0xff) throw new WireError('TEXT', at + 1, `'${text}': character outside Latin-1`);
  return [escaped, 2];
}
