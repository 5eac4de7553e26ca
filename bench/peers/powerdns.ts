/** PowerDNS Authoritative with the BIND backend: one receiver and one distributor; presigned or signing each answer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, runTool, startServer } from '../process.ts';
import { STATIC_ZONE_NEEDS, signStaticZone, ZONE } from '../static-zone.ts';
import type { Peer, Place } from './peer.ts';

interface Variant {
  readonly needs: readonly string[];
  zoneFile(dir: string): string;
  /** Commands of pdnsutil before it starts. */
  readonly preparation: readonly (readonly string[])[];
  readonly settings: Readonly<Record<string, string>>;
  readonly readySeconds?: number;
}

const PRESIGNED: Variant = {
  needs: STATIC_ZONE_NEEDS,
  zoneFile: signStaticZone,
  preparation: [['set-presigned', ZONE]],
  settings: { 'cache-ttl': '3600', loglevel: '3' },
};

/** Presigned, answers from its packet cache. */
export const powerdns = makePowerdns('PowerDNS', PRESIGNED);
/** The same, each query a line on stderr, which is a file. */
export const powerdnsQueryLog = makePowerdns('PowerDNS query log', {
  ...PRESIGNED,
  settings: { 'cache-ttl': '3600', loglevel: '5', 'log-dns-queries': 'yes' },
});

/** P-256 signatures as answers need them, NSEC3 narrow; no packet cache, since no name comes twice. */
export function powerdnsOnline(zoneFile: (dir: string) => string, readySeconds = 15): Peer {
  return makePowerdns('PowerDNS online', {
    needs: [],
    zoneFile,
    preparation: [
      ['add-zone-key', ZONE, 'ksk', '256', 'active', 'published', 'ecdsa256'],
      ['set-nsec3', ZONE, '1 0 0 -', 'narrow'],
    ],
    settings: { 'cache-ttl': '0', loglevel: '3' },
    readySeconds,
  });
}

function makePowerdns(name: string, variant: Variant): Peer {
  return {
    name,
    readySeconds: variant.readySeconds ?? 15,
    missing: () => ['pdns_server', 'pdnsutil', ...variant.needs].find((program) => !isInstalled(program)),
    start(place) {
      const { dir } = place;
      const zone = `zone "${ZONE}" { type master; file "${variant.zoneFile(dir)}"; };\n`;
      writeFileSync(join(dir, 'named.conf'), zone);
      writeFileSync(join(dir, 'pdns.conf'), configuration(place, variant.settings));
      runTool('pdnsutil', [`--config-dir=${dir}`, 'create-bind-db', join(dir, 'dnssec')], dir);
      for (const command of variant.preparation)
        runTool('pdnsutil', [`--config-dir=${dir}`, ...command], dir);
      return startServer('pdns_server', [`--config-dir=${dir}`], join(dir, 'log'));
    },
  };
}

function configuration({ dir, port }: Place, settings: Variant['settings']): string {
  const all = {
    launch: 'bind',
    'bind-config': join(dir, 'named.conf'),
    'bind-dnssec-db': join(dir, 'dnssec'),
    'socket-dir': dir,
    'local-address': '127.0.0.1',
    'local-port': `${port}`,
    daemon: 'no',
    guardian: 'no',
    'write-pid': 'no',
    'disable-syslog': 'yes',
    'security-poll-suffix': '',
    'receiver-threads': '1',
    'distributor-threads': '1',
    'udp-truncation-threshold': '4096',
    'max-tcp-connections': '1000',
    ...settings,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
