/** NSD with a static signed zone whose TXT answer is 1232 octets. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, startServer } from './process.ts';

export const NSD_NEEDS = ['nsd', 'ldns-keygen', 'ldns-signzone'];

/** Signs the zone in `dir` and starts NSD on it: one server process, no rate limit, minimal responses. */
export function startNsd(dir: string, port: number, zone: string, owner: string, size: number): ChildProcess {
  mkdirSync(dir, { recursive: true });
  const key = runTool('ldns-keygen', ['-a', 'ECDSAP256SHA256', '-k', zone], dir).trim();
  writeFileSync(join(dir, 'zone'), masterFile(zone, owner, rdataOctets(zone, owner, size)));
  runTool('ldns-signzone', ['-o', zone, '-f', join(dir, 'zone.signed'), join(dir, 'zone'), key], dir);
  const config = join(dir, 'nsd.conf');
  writeFileSync(config, configuration(dir, port, zone));
  return startServer('nsd', ['-d', '-c', config], join(dir, 'log'));
}

/**
 * TXT RDATA octets for an answer of exactly `size`: header, question, TXT record, RRSIG of P-256, OPT.
 *
 * The signer's name in an RRSIG is never compressed (RFC 4034 §3.1.7).
 */
function rdataOctets(zone: string, owner: string, size: number): number {
  const wireLength = (name: string) => name.length + 2;
  return size - 12 - (wireLength(owner) + 4) - 12 - (12 + 18 + wireLength(zone) + 64) - 11;
}

function masterFile(zone: string, owner: string, octets: number): string {
  const strings: string[] = [];
  for (let left = octets; left > 0; left -= 256) strings.push(`"${'x'.repeat(Math.min(255, left - 1))}"`);
  return `$ORIGIN ${zone}.
$TTL 3600
@ SOA ns1 hostmaster 1 3600 900 604800 60
@ NS ns1
ns1 A 127.0.0.1
${owner}. TXT ${strings.join(' ')}
`;
}

function configuration(dir: string, port: number, zone: string): string {
  return `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  database: ""
  chroot: ""
  zonesdir: "${dir}"
  pidfile: "${dir}/pid"
  xfrdfile: "${dir}/xfrd"
  xfrdir: "${dir}"
  zonelistfile: "${dir}/zonelist"
  server-count: 1
  minimal-responses: yes
  rrl-ratelimit: 0
  ipv4-edns-size: 4096
remote-control:
  control-enable: no
zone:
  name: "${zone}"
  zonefile: "zone.signed"
`;
}
