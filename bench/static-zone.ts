/** The zone of those peers that cannot make an answer of a size: TXT records that fill one, signed beforehand with P-256. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './process.ts';

export const ZONE = 'probe.example';
export const SIZES = [1232, 4096] as const;
/** The name whose answer has `size` octets, with every server. */
export const nameOfSize = (size: number) => `p${size}.${ZONE}`;
export const STATIC_ZONE_NEEDS = ['ldns-keygen', 'ldns-signzone'];

/** Head of every zone file here. */
export const APEX = `$ORIGIN ${ZONE}.
$TTL 3600
@ SOA ns1 hostmaster 1 3600 900 604800 60
@ NS ns1
ns1 A 127.0.0.1
`;

/** Writes and signs the zone in `dir`; returns the signed file. */
export function signStaticZone(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const key = runTool('ldns-keygen', ['-a', 'ECDSAP256SHA256', '-k', ZONE], dir).trim();
  writeFileSync(join(dir, 'zone'), APEX + SIZES.map(txtRecord).join(''));
  const signed = join(dir, 'zone.signed');
  runTool('ldns-signzone', ['-o', ZONE, '-f', signed, join(dir, 'zone'), key], dir);
  return signed;
}

function txtRecord(size: number): string {
  const owner = nameOfSize(size);
  const strings: string[] = [];
  for (let left = rdataOctets(owner, size); left > 0; left -= 256)
    strings.push(`"${'x'.repeat(Math.min(255, left - 1))}"`);
  return `${owner}. TXT ${strings.join(' ')}\n`;
}

/**
 * TXT RDATA octets for an answer of exactly `size`: header, question, TXT record, RRSIG of P-256, OPT.
 *
 * The signer's name in an RRSIG is never compressed (RFC 4034 §3.1.7).
 */
function rdataOctets(owner: string, size: number): number {
  const wireLength = (name: string) => name.length + 2;
  return size - 12 - (wireLength(owner) + 4) - 12 - (12 + 18 + wireLength(ZONE) + 64) - 11;
}
