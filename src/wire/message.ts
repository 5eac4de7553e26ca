/** Encodes a response message: the only encoder of what leaves this server (RFC 1035 §4.1, RFC 6891 §6.1.2). */
import { FLAG } from './header.ts';
import { ROOT } from './name.ts';
import type { Question } from './query.ts';
import { EDNS_FLAG } from './query.ts';
import { type EdnsOption, opt } from './rdata/opt.ts';
import { CLASS, encodeRrset, type Rrset } from './rrset.ts';
import { Writer } from './writer.ts';

export interface ResponseEdns {
  /** What we advertise for queries to us. */
  readonly udpPayloadSize: number;
  readonly dnssecOk: boolean;
  readonly compactOk: boolean;
  readonly options: readonly EdnsOption[];
}

export interface Response {
  readonly id: number;
  /** QR, Opcode, AA, TC, RD, AD, CD; the RCODE is added from `rcode`. */
  readonly flags: number;
  /** 0..4095; what is above 15 needs `edns`. */
  readonly rcode: number;
  readonly question: Question | undefined;
  readonly answer: readonly Rrset[];
  readonly authority: readonly Rrset[];
  readonly additional: readonly Rrset[];
  /** Present exactly when the query had OPT (RFC 6891 §6.1.1). */
  readonly edns: ResponseEdns | undefined;
}

// One buffer for all: nothing else runs while a message is written.
const shared = new Writer('message', 8192);

/** The response as octets; a new array, owned by the caller. May exceed what a transport carries: `server/fit.ts` judges. */
export function encodeResponse(response: Response): Uint8Array {
  return writeResponse(response).finish();
}

/** Octets that `encodeResponse` would give. */
export function measureResponse(response: Response): number {
  return writeResponse(response).length;
}

function writeResponse(response: Response): Writer {
  const { id, flags, rcode, question, answer, authority, additional, edns } = response;
  const writer = shared.reset();
  const count = (sets: readonly Rrset[]) => sets.reduce((sum, set) => sum + set.rdatas.length, 0);
  writer.u16(id);
  writer.u16(flags | FLAG.QR | (rcode & 0xf));
  writer.u16(question ? 1 : 0);
  writer.u16(count(answer));
  writer.u16(count(authority));
  writer.u16(count(additional) + (edns ? 1 : 0));
  if (question) {
    writer.name(question.qname);
    writer.u16(question.qtype);
    writer.u16(question.qclass);
  }
  for (const set of [...answer, ...authority, ...additional])
    encodeRrset(writer, set, question?.qclass ?? CLASS.IN);
  if (edns) encodeOpt(writer, edns, rcode);
  return writer;
}

function encodeOpt(
  writer: Writer,
  { udpPayloadSize, dnssecOk, compactOk, options }: ResponseEdns,
  rcode: number,
): void {
  writer.name(ROOT);
  writer.u16(opt.type);
  writer.u16(udpPayloadSize);
  writer.u8(rcode >> 4);
  writer.u8(0); // version 0, the only one there is
  writer.u16((dnssecOk ? EDNS_FLAG.DO : 0) | (compactOk ? EDNS_FLAG.CO : 0));
  writer.counted(() => opt.encode(writer, { options }));
}
