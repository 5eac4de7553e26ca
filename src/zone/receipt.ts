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
const TWO_32 = 2 ** 32;
const TWO_40 = 2 ** 40;

/** Label of a receipt in the zone `apex`, 62 characters. */
export function formatReceipt(receipt: Receipt, apex: Name, mac: Mac): string {
  const content = new Uint8Array(TOKEN_CONTENT);
  const view = new DataView(content.buffer);
  content[0] = VERSION << 4;
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
  return RECEIPT_LETTER + sealToken(content, apex, mac);
}

/**
 * Reads a receipt label (lower case); undefined where it is none of ours in this zone.
 * @param now milliseconds since the epoch: completes the time that the label holds
 */
export function parseReceipt(label: string, apex: Name, mac: Mac, now: number): Receipt | undefined {
  const content = label.startsWith(RECEIPT_LETTER) ? openToken(label.slice(1), apex, mac) : undefined;
  if (!content || content[0]! >> 4 !== VERSION) return undefined;
  const view = new DataView(content.buffer, content.byteOffset);
  const word = view.getUint16(21);
  const transport = RECEIPT_TRANSPORTS[word >> 14];
  const filler = RECEIPT_FILLERS[(word >> 7) & 7];
  if (!transport || !filler) return undefined;
  return {
    node: view.getUint8(1),
    instance: view.getUint32(2),
    at: nearest(view.getUint8(6) * TWO_32 + view.getUint32(7), now),
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

// The time with these low 40 bits that lies nearest to now.
function nearest(low: number, now: number): number {
  return now + ((((low - now) % TWO_40) + TWO_40 * 1.5) % TWO_40) - TWO_40 / 2;
}
