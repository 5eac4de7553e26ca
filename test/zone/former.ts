/** The forms of tokens as they were before they were read and written in place: what nodes of earlier versions still do. */
import { hkdfSync, timingSafeEqual } from 'node:crypto';
import siphash from 'siphash';
import { lower, type Name } from '../../src/wire/name.ts';
import type { Gate } from '../../src/zone/gate.ts';
import type { Purpose } from '../../src/zone/mac.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS, type Receipt } from '../../src/zone/receipt.ts';

export type FormerHash = (message: Uint8Array) => Uint8Array;

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';
const TWO_32 = 2 ** 32;
const TWO_40 = 2 ** 40;

export function formerHash(secret: Uint8Array, purpose: Purpose): FormerHash {
  return hashOfKey(new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `padzone ${purpose}`, 16)));
}

export function hashOfKey(octets: Uint8Array): FormerHash {
  const words = new DataView(octets.buffer, octets.byteOffset);
  const key = Uint32Array.from([0, 4, 8, 12], (at) => words.getUint32(at, true));
  return (message) => {
    const { h, l } = siphash.hash(key, message);
    const hash = new DataView(new ArrayBuffer(8));
    hash.setUint32(0, l, true);
    hash.setUint32(4, h, true);
    return new Uint8Array(hash.buffer);
  };
}

/** The first octets of the hash as a number, the last of them highest. */
export function formerTag(hash: FormerHash, message: Uint8Array, octets: 3 | 4): number {
  const made = hash(message);
  return new DataView(made.buffer).getUint32(0, true) >>> (32 - 8 * octets);
}

export function formerFormatBase32hex(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

export function formerParseBase32hex(text: string, octets: number): Uint8Array | undefined {
  if (text.length !== Math.ceil((octets * 8) / 5)) return undefined;
  const parsed = new Uint8Array(octets);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      parsed[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return held === 0 ? parsed : undefined;
}

export function formerSealToken(content: Uint8Array, apex: Name, hash: FormerHash): string {
  return formerFormatBase32hex(Uint8Array.from([...content, ...hash(covered(content, apex))]));
}

export function formerOpenToken(text: string, apex: Name, hash: FormerHash): Uint8Array | undefined {
  const octets = formerParseBase32hex(text, 38);
  if (!octets) return undefined;
  const content = octets.subarray(0, 30);
  return timingSafeEqual(hash(covered(content, apex)), octets.subarray(30)) ? content : undefined;
}

function covered(content: Uint8Array, apex: Name): Uint8Array {
  return Uint8Array.from([...content, ...lower(apex)]);
}

export function formerWriteGate(gate: Gate): Uint8Array {
  const content = new Uint8Array(30);
  const view = new DataView(content.buffer);
  content[0] = (1 << 4) | gate.behavior;
  view.setUint16(1, gate.n);
  view.setUint8(3, Math.floor(gate.state / TWO_32));
  view.setUint32(4, gate.state % TWO_32);
  content.set(Buffer.from(gate.run, 'hex'), 8);
  view.setUint32(14, Math.floor(gate.issuedAt / 10) % TWO_32);
  for (const [index, tag] of gate.prefixes.slice(0, 4).entries()) {
    view.setUint8(18 + index * 3, tag >>> 16);
    view.setUint16(19 + index * 3, tag & 0xffff);
  }
  return content;
}

export function formerReadGate(content: Uint8Array, now: number): Gate | undefined {
  if (content[0]! >> 4 !== 1) return undefined;
  const view = new DataView(content.buffer, content.byteOffset);
  const ticks = Math.floor(now / 10);
  const age = ((ticks % TWO_32) - view.getUint32(14)) | 0;
  const prefixes = [18, 21, 24, 27].map((at) => view.getUint8(at) * 0x1_0000 + view.getUint16(at + 1));
  return {
    behavior: content[0]! & 0xf,
    n: view.getUint16(1),
    state: view.getUint8(3) * TWO_32 + view.getUint32(4),
    run: Buffer.from(content.subarray(8, 14)).toString('hex'),
    issuedAt: (ticks - age) * 10,
    prefixes: prefixes.filter((tag) => tag !== 0),
  };
}

export function formerWriteReceipt(receipt: Receipt): Uint8Array {
  const content = new Uint8Array(30);
  const view = new DataView(content.buffer);
  content[0] = 1 << 4;
  view.setUint8(1, receipt.node);
  view.setUint32(2, receipt.instance);
  view.setUint8(6, Math.floor((receipt.at % TWO_40) / TWO_32));
  view.setUint32(7, receipt.at % TWO_32);
  view.setUint32(11, receipt.sourceTag);
  view.setUint16(15, receipt.asked);
  view.setUint16(17, receipt.sent);
  view.setUint16(19, receipt.edns);
  view.setUint16(
    21,
    (RECEIPT_TRANSPORTS.indexOf(receipt.transport) << 14) |
      (Math.min(receipt.fragments, 15) << 10) |
      (RECEIPT_FILLERS.indexOf(receipt.filler) << 7) |
      (receipt.family === 6 ? 1 << 6 : 0),
  );
  content.set(Buffer.from(receipt.run, 'hex'), 23);
  view.setUint8(29, receipt.ttl);
  return content;
}

export function formerReadReceipt(content: Uint8Array, now: number): Receipt | undefined {
  if (content[0]! >> 4 !== 1) return undefined;
  const view = new DataView(content.buffer, content.byteOffset);
  const word = view.getUint16(21);
  const transport = RECEIPT_TRANSPORTS[word >> 14];
  const filler = RECEIPT_FILLERS[(word >> 7) & 7];
  if (!transport || !filler) return undefined;
  const low = view.getUint8(6) * TWO_32 + view.getUint32(7);
  return {
    node: view.getUint8(1),
    instance: view.getUint32(2),
    at: now + ((((low - now) % TWO_40) + TWO_40 * 1.5) % TWO_40) - TWO_40 / 2,
    sourceTag: view.getUint32(11),
    asked: view.getUint16(15),
    sent: view.getUint16(17),
    edns: view.getUint16(19),
    transport,
    fragments: (word >> 10) & 15,
    filler,
    family: word & (1 << 6) ? 6 : 4,
    run: Buffer.from(content.subarray(23, 29)).toString('hex'),
    ttl: view.getUint8(29),
  };
}
