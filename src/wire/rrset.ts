/** RRset: all records of one owner, class IN and type (RFC 2181 §5). */
import type { Name } from './name.ts';
import type { RdataCodec } from './rdata/codec.ts';
import { codecOf } from './rdata/table.ts';
import type { Writer } from './writer.ts';

export interface Rrset {
  readonly owner: Name;
  readonly type: number;
  readonly ttl: number;
  /** Values that the codec of `type` encodes; made through `rrset()`, which ties the two. */
  readonly rdatas: readonly unknown[];
}

export const CLASS = { IN: 1, CH: 3, NONE: 254, ANY: 255 } as const;

/** An RRset whose RDATA the compiler checks against the TYPE. */
export function rrset<T>(codec: RdataCodec<T>, owner: Name, ttl: number, rdatas: readonly T[]): Rrset {
  return { owner, type: codec.type, ttl, rdatas };
}

/** Writes every record of the set; `qclass` other than IN only for CHAOS answers. */
export function encodeRrset(
  writer: Writer,
  { owner, type, ttl, rdatas }: Rrset,
  qclass: number = CLASS.IN,
): void {
  const codec = codecOf(type);
  for (const rdata of rdatas) {
    writer.name(owner);
    writer.u16(type);
    writer.u16(qclass);
    writer.u32(ttl);
    writer.counted(() => codec.encode(writer, rdata));
  }
}
