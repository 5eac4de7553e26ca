/** THE TABLE of RR TYPEs, and the numbers that are QTYPEs or meta types only (IANA "Resource Record (RR) TYPEs"). */
import { a } from './a.ts';
import { aaaa } from './aaaa.ts';
import { cdnskey } from './cdnskey.ts';
import { cds } from './cds.ts';
import { cname } from './cname.ts';
import type { RdataCodec } from './codec.ts';
import { dnskey } from './dnskey.ts';
import { ds } from './ds.ts';
import { hinfo } from './hinfo.ts';
import { ns } from './ns.ts';
import { nsec } from './nsec.ts';
import { nsec3 } from './nsec3.ts';
import { nsec3param } from './nsec3param.ts';
import { nullRecord } from './null.ts';
import { opt } from './opt.ts';
import { rrsig } from './rrsig.ts';
import { soa } from './soa.ts';
import { txt } from './txt.ts';
import { unknown } from './unknown.ts';

export const RDATA_CODECS = [
  a,
  aaaa,
  cdnskey,
  cds,
  cname,
  dnskey,
  ds,
  hinfo,
  ns,
  nsec,
  nsec3,
  nsec3param,
  nullRecord,
  opt,
  rrsig,
  soa,
  txt,
] as const satisfies readonly RdataCodec<unknown>[];

/** Types without RDATA of their own. NXNAME marks a name that does not exist (RFC 9824 §2). */
export const QTYPES = {
  NXNAME: 128,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
} as const;

const codecs = new Map<number, RdataCodec<unknown>>(RDATA_CODECS.map((codec) => [codec.type, codec]));
const numbers = new Map<string, number>([
  ...RDATA_CODECS.map((codec) => [codec.mnemonic, codec.type] as const),
  ...Object.entries(QTYPES),
]);
const mnemonics = new Map(Array.from(numbers, ([mnemonic, type]) => [type, mnemonic]));

/** The codec of a TYPE; that of RFC 3597 for types without a line in the table. */
export function codecOf(type: number): RdataCodec<unknown> {
  return codecs.get(type) ?? unknown;
}

/** `TXT`, or `TYPE65280` for a type that has no mnemonic here (RFC 3597 §5). */
export function typeText(type: number): string {
  return mnemonics.get(type) ?? `TYPE${type}`;
}

/** The number behind a mnemonic or `TYPE<n>`, undefined for other text. */
export function parseType(text: string): number | undefined {
  const known = numbers.get(text.toUpperCase());
  if (known !== undefined) return known;
  const digits = /^TYPE(\d{1,5})$/i.exec(text)?.[1];
  return digits !== undefined && Number(digits) <= 0xffff ? Number(digits) : undefined;
}

/** OPT and the range 128..255: asked for, never stored (RFC 6895 §3.1). */
export function isMetaType(type: number): boolean {
  return type === opt.type || (type >= 128 && type <= 255);
}
