/** Knot DNS: one UDP worker; on the static zone, with dnstap, or signing each answer anew (mod-onlinesign). */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, startServer } from '../process.ts';
import { STATIC_ZONE_NEEDS, signStaticZone, ZONE } from '../static-zone.ts';
import type { Peer, Place } from './peer.ts';

interface Variant {
  readonly needs: readonly string[];
  /** Writes the zone and returns its file. */
  zoneFile(dir: string): string;
  /** Modules of the zone and the sections that describe them. */
  readonly modules?: string;
  sections?(dir: string): string;
  readonly readySeconds?: number;
}

export const knot = makeKnot('Knot', { needs: STATIC_ZONE_NEEDS, zoneFile: signStaticZone });

/** Queries by dnstap into a file. */
export const knotDnstap = makeKnot('Knot dnstap', {
  needs: STATIC_ZONE_NEEDS,
  zoneFile: signStaticZone,
  modules: 'mod-dnstap/tap',
  sections: (dir) => `mod-dnstap:
  - id: tap
    sink: "${dir}/queries"
    log-queries: on
    log-responses: off
`,
});

/** P-256 signatures made for each answer, none kept. */
export function knotOnline(zoneFile: (dir: string) => string, readySeconds = 15): Peer {
  const sections = () => `policy:
  - id: p256
    algorithm: ecdsap256sha256
    single-type-signing: on
mod-onlinesign:
  - id: online
    policy: p256
`;
  return makeKnot('Knot onlinesign', {
    needs: [],
    zoneFile,
    modules: 'mod-onlinesign/online',
    sections,
    readySeconds,
  });
}

function makeKnot(name: string, variant: Variant): Peer {
  return {
    name,
    readySeconds: variant.readySeconds ?? 15,
    missing: () => {
      if (name.endsWith('dnstap') && !hasDnstap()) return 'module dnstap (package knot-module-dnstap)';
      return ['knotd', ...variant.needs].find((program) => !isInstalled(program));
    },
    start(place) {
      const { dir } = place;
      // Without it mod-onlinesign finds no place for its key, and Knot serves the zone unsigned.
      mkdirSync(join(dir, 'db'));
      const config = join(dir, 'knot.conf');
      writeFileSync(config, configuration(place, variant.zoneFile(dir), variant));
      return startServer('knotd', ['-c', config], join(dir, 'log'));
    },
  };
}

const hasDnstap = () =>
  ['x86_64', 'aarch64'].some((cpu) => existsSync(`/usr/lib/${cpu}-linux-gnu/knot/modules-3.2/dnstap.so`));

const configuration = ({ dir, port }: Place, zoneFile: string, { modules, sections }: Variant) => `server:
  rundir: "${dir}"
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  udp-max-payload: 4096
  tcp-max-clients: 1000
database:
  storage: "${dir}/db"
log:
  - target: stderr
    any: warning
${sections?.(dir) ?? ''}template:
  - id: default
    storage: "${dir}"
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: ${ZONE}
    file: "${zoneFile}"
${modules === undefined ? '' : `    module: ${modules}\n`}`;
