/** Trust anchors for any resolver: a DS or DNSKEY line, always handed on as its DS (RFC 4034 §5.1.4). */
import { createHash } from 'node:crypto';

export interface TrustAnchor {
  /** With the final dot. */
  readonly zone: string;
  /** Key tag, algorithm, digest type, digest in hex without spaces. */
  readonly ds: readonly [string, string, string, string];
}

/** RFC 4034 Appendix B, for every algorithm but 1. */
function keyTag(rdata: Uint8Array): number {
  const sum = rdata.reduce((total, octet, at) => total + (at % 2 === 0 ? octet << 8 : octet), 0);
  return (sum + (sum >>> 16)) & 0xffff;
}

function wireName(zone: string): Uint8Array {
  const labels = zone
    .toLowerCase()
    .split('.')
    .filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

/**
 * @param line one record of presentation format on one line; TTL and class may be missing
 * @throws {Error} for another TYPE
 */
export function readAnchor(line: string): TrustAnchor {
  const [zone = '', ...fields] = (line.split(';')[0] ?? '').trim().split(/\s+/);
  const at = fields.findIndex((field) => field === 'DS' || field === 'DNSKEY');
  const [first = '', second = '', third = '', ...rest] = fields.slice(at + 1);
  if (fields[at] === 'DS') return { zone, ds: [first, second, third, rest.join('')] };
  if (fields[at] !== 'DNSKEY') throw new Error(`trust anchor "${line}": want a DS or DNSKEY line`);

  const key = Buffer.from(rest.join(''), 'base64');
  const flags = Number(first);
  const rdata = Buffer.from([flags >> 8, flags & 0xff, Number(second), Number(third), ...key]);
  const digest = createHash('sha256').update(wireName(zone)).update(rdata).digest('hex');
  return { zone, ds: [String(keyTag(rdata)), third, '2', digest] };
}

/** The `trust-anchors` statement of named.conf, which delv reads as well. */
export function bindTrustAnchors(lines: readonly string[]): string {
  const entries = lines.map(readAnchor).map(({ zone, ds: [tag, algorithm, type, digest] }) => {
    return `  "${zone}" static-ds ${tag} ${algorithm} ${type} "${digest}";\n`;
  });
  return `trust-anchors {\n${entries.join('')}};\n`;
}
