/**
 * The receipt: the CNAME target of one measured answer. Who asks for it has received that answer (DESIGN: receipts and gates).
 *
 *     r + token, content:
 *      0      version 4 bits, key id 4 bits
 *      1      node
 *      2..5   instance: a counter of the node
 *      6..10  time in milliseconds modulo 2^40
 *     11..14  keyed tag of the source that was sent the measured answer
 *     15..16  octets asked for        17..18  octets sent        19..20  its EDNS payload size, 0 for no EDNS
 *     21..22  transport 2 bits, fragments 4, filler 3, family 1, the rest 0
 *     23..28  run
 *     29      TTL of the receipt, seconds
 */
import type { Name } from '../wire/name.ts';
import { copyOctets, read16, read32, read40, write16, write32, write40 } from './fields.ts';
import type { Mac } from './mac.ts';
import { openToken, sealToken, TOKEN_CONTENT } from './token.ts';

/** How the measured answer left. */
export const RECEIPT_TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

/** What brought it to its size, in the order of the bits. */
export const RECEIPT_FILLERS = ['none', 'signed', 'plain', 'label', 'txt', 'padding'] as const;

export interface Receipt {
  readonly node: number;
  readonly instance: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sourceTag: number;
  readonly asked: number;
  readonly sent: number;
  readonly edns: number;
  readonly transport: (typeof RECEIPT_TRANSPORTS)[number];
  /** IP packets of the measured answer, 1..15; 0 where the server could not know. */
  readonly fragments: number;
  readonly filler: (typeof RECEIPT_FILLERS)[number];
  readonly family: 4 | 6;
  /** 12 hex digits; all 0 where the name carried no run and no gate made one. */
  readonly run: string;
  /** Seconds, 0..255. */
  readonly ttl: number;
}

export const RECEIPT_LETTER = 'r';
const VERSION = 1;
const RUN_OCTETS = 6;
const TWO_40 = 2 ** 40;

/** A receipt that is filled anew for each message; `run` is 6 octets. */
export type MutableReceipt = { -readonly [Field in Exclude<keyof Receipt, 'run'>]: Receipt[Field] } & {
  readonly run: Uint8Array;
};

export function makeMutableReceipt(): MutableReceipt {
  return {
    node: 0,
    instance: 0,
    at: 0,
    sourceTag: 0,
    asked: 0,
    sent: 0,
    edns: 0,
    transport: 'udp',
    fragments: 0,
    filler: 'none',
    family: 4,
    run: new Uint8Array(RUN_OCTETS),
    ttl: 0,
  };
}

/** Writes the 30 octets of content of a receipt; allocates nothing. */
export function writeReceipt(content: Uint8Array, receipt: MutableReceipt): void {
  content[0] = VERSION << 4;
  content[1] = receipt.node;
  write32(content, 2, receipt.instance);
  write40(content, 6, receipt.at);
  write32(content, 11, receipt.sourceTag);
  write16(content, 15, receipt.asked);
  write16(content, 17, receipt.sent);
  write16(content, 19, receipt.edns);
  write16(
    content,
    21,
    (RECEIPT_TRANSPORTS.indexOf(receipt.transport) << 14) |
      (Math.min(receipt.fragments, 15) << 10) |
      (RECEIPT_FILLERS.indexOf(receipt.filler) << 7) |
      (receipt.family === 6 ? 1 << 6 : 0),
  );
  copyOctets(receipt.run, 0, RUN_OCTETS, content, 23);
  content[29] = receipt.ttl;
}

/**
 * Reads the content of an opened token into `receipt`; allocates nothing.
 * @param now milliseconds since the epoch: completes the time that the content holds
 * @returns false where it is of another version, or names a transport or filler that we do not have
 */
export function readReceiptInto(content: Uint8Array, now: number, receipt: MutableReceipt): boolean {
  const word = read16(content, 21);
  const transport = RECEIPT_TRANSPORTS[word >> 14];
  const filler = RECEIPT_FILLERS[(word >> 7) & 7];
  if (content[0]! >> 4 !== VERSION || !transport || !filler) return false;
  receipt.node = content[1]!;
  receipt.instance = read32(content, 2);
  receipt.at = nearest(read40(content, 6), now);
  receipt.sourceTag = read32(content, 11);
  receipt.asked = read16(content, 15);
  receipt.sent = read16(content, 17);
  receipt.edns = read16(content, 19);
  receipt.transport = transport;
  receipt.fragments = (word >> 10) & 15;
  receipt.filler = filler;
  receipt.family = word & (1 << 6) ? 6 : 4;
  copyOctets(content, 23, RUN_OCTETS, receipt.run, 0);
  receipt.ttl = content[29]!;
  return true;
}

/** Label of a receipt in the zone `apex`, 62 characters. */
export function formatReceipt(receipt: Receipt, apex: Name, mac: Mac): string {
  const content = new Uint8Array(TOKEN_CONTENT);
  writeReceipt(content, { ...receipt, run: Buffer.from(receipt.run, 'hex') });
  return RECEIPT_LETTER + sealToken(content, apex, mac);
}

/**
 * Reads a receipt label (lower case); undefined where it is none of ours in this zone.
 * @param now milliseconds since the epoch: completes the time that the label holds
 */
export function parseReceipt(label: string, apex: Name, mac: Mac, now: number): Receipt | undefined {
  const content = label.startsWith(RECEIPT_LETTER) ? openToken(label.slice(1), apex, mac) : undefined;
  const receipt = makeMutableReceipt();
  if (!content || !readReceiptInto(content, now, receipt)) return undefined;
  return { ...receipt, run: Buffer.from(receipt.run).toString('hex') };
}

// The time with these low 40 bits that lies nearest to now.
function nearest(low: number, now: number): number {
  return now + ((((low - now) % TWO_40) + TWO_40 * 1.5) % TWO_40) - TWO_40 / 2;
}
