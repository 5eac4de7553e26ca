/** BIND on the static zone: one thread, minimal responses. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, startServer } from '../process.ts';
import { STATIC_ZONE_NEEDS, signStaticZone, ZONE } from '../static-zone.ts';
import type { Peer, Place } from './peer.ts';

export const bind = makeBind('BIND', () => '');
/** Queries by dnstap into a file. */
export const bindDnstap = makeBind(
  'BIND dnstap',
  (dir) => `  dnstap { auth query; };\n  dnstap-output file "${dir}/queries";\n`,
);

function makeBind(name: string, logging: (dir: string) => string): Peer {
  return {
    name,
    missing: () => ['named', ...STATIC_ZONE_NEEDS].find((program) => !isInstalled(program)),
    start(place) {
      const config = join(place.dir, 'named.conf');
      writeFileSync(config, configuration(place, signStaticZone(place.dir), logging(place.dir)));
      return startServer('named', ['-f', '-n', '1', '-c', config], join(place.dir, 'log'));
    },
  };
}

const configuration = ({ dir, port }: Place, zoneFile: string, logging: string) => `options {
  directory "${dir}";
  pid-file none;
  session-keyfile none;
  lock-file none;
  managed-keys-directory "${dir}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  allow-query { any; };
  notify no;
  minimal-responses yes;
  dnssec-validation no;
  edns-udp-size 4096;
  max-udp-size 4096;
  tcp-clients 1000;
${logging}};
controls { };
logging { channel log { stderr; severity warning; }; category default { log; }; category queries { null; }; };
zone "${ZONE}" { type primary; file "${zoneFile}"; };
`;
