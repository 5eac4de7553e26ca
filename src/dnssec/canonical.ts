/** What a signature covers: RRSIG RDATA without the signature, then the RRset in canonical form and order (RFC 4034 §3.1.8.1, §6). */

import { labels, lower, type Name } from '../wire/name.ts';
import { encodeUnsigned, type Rrsig } from '../wire/rdata/rrsig.ts';
import { codecOf } from '../wire/rdata/table.ts';
import { CLASS, type Rrset } from '../wire/rrset.ts';
import { Writer } from '../wire/writer.ts';

// One buffer for all: nothing else runs while a record is written.
const shared = new Writer('canonical', 4096);

export function signedOctets(set: Rrset, rdata: Omit<Rrsig, 'signature'>): Uint8Array {
  const writer = new Writer('canonical', 512);
  encodeUnsigned(writer, rdata);
  for (const record of canonicalRdata(set)) {
    writer.name(set.owner);
    writer.u16(set.type);
    writer.u16(CLASS.IN);
    writer.u32(rdata.originalTtl);
    writer.u16(record.length);
    writer.octets(record);
  }
  return writer.finish();
}

/** Each RDATA in canonical form, sorted as unsigned octets, duplicates removed (RFC 4034 §6.3). */
function canonicalRdata({ type, rdatas }: Rrset): Uint8Array[] {
  const codec = codecOf(type);
  const forms = rdatas.map((rdata) => {
    codec.encode(shared.reset(), rdata);
    return shared.finish();
  });
  forms.sort(Buffer.compare);
  return forms.filter((form, index) => index === 0 || Buffer.compare(form, forms[index - 1]!) !== 0);
}

/** Canonical order of names: label by label from the right, in lower case (RFC 4034 §6.1). */
export function compareNames(one: Name, other: Name): number {
  const [left, right] = [labels(lower(one)).reverse(), labels(lower(other)).reverse()];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = Buffer.compare(left[at]!, right[at]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
