/** What is left of an answer that may not leave in one piece: header, question and OPT, with TC set (RFC 2181 §9, RFC 6891 §7). */
import type { Facts } from '../../record/facts.ts';
import { FLAG, HEADER_OCTETS, readHeader } from '../../wire/header.ts';
import { opt } from '../../wire/rdata/opt.ts';
import { Reader } from '../../wire/reader.ts';
import { Writer } from '../../wire/writer.ts';

/** EDNS Padding may be what filled the answer (RFC 7830). */
const PADDING = 12;

/** @param answer well formed @returns a new message */
export function truncate(answer: Uint8Array): Uint8Array {
  const { id, flags, qdcount, ancount, nscount, arcount } = readHeader(answer);
  const reader = new Reader(answer, HEADER_OCTETS);
  for (let count = qdcount; count > 0; count--) {
    reader.name();
    reader.octets(4);
  }
  const question = answer.subarray(HEADER_OCTETS, reader.offset);
  const writer = new Writer('message');
  for (const word of [id, flags | FLAG.TC, qdcount, 0, 0, 0]) writer.u16(word);
  writer.octets(question);
  if (copyOpt(reader, ancount + nscount + arcount, writer)) writer.patchU16(ARCOUNT_AT, 1);
  return writer.finish();
}

const ARCOUNT_AT = 10;

/** @returns false where none of the records is an OPT */
function copyOpt(reader: Reader, records: number, writer: Writer): boolean {
  for (let count = records; count > 0; count--) {
    reader.name();
    const type = reader.u16();
    const udpPayloadSize = reader.u16();
    const flags = reader.u32();
    const rdlength = reader.u16();
    if (type === opt.type) {
      const options = opt.decode(reader, rdlength).options.filter(({ code }) => code !== PADDING);
      writer.u8(0);
      writer.u16(opt.type);
      writer.u16(udpPayloadSize);
      writer.u32(flags);
      writer.counted(() => opt.encode(writer, { options }));
      return true;
    }
    reader.octets(rdlength);
  }
  return false;
}

/** The facts of an answer that left truncated instead. @param octets that left */
export function truncatedFacts(facts: Facts, octets: number): Facts {
  return {
    ...facts,
    res_len: octets,
    tc: true,
    action: 'tc',
    filler: 'none',
    size_miss: false,
    fragments: 1,
    // The receipt is gone; a server cookie still numbers the response.
    instance: facts.cookie === 'none' ? null : facts.instance,
  };
}
