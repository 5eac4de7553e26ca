/** NSD on the static zone: one server process, no rate limit, minimal responses. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, startServer } from '../process.ts';
import { STATIC_ZONE_NEEDS, signStaticZone, ZONE } from '../static-zone.ts';
import type { Peer, Place } from './peer.ts';

export const nsd = makeNsd('NSD', []);
/** Queries by dnstap over a socket to fstrm_capture, whose CPU time is not counted. */
export const nsdDnstap = makeNsd('NSD dnstap', ['fstrm_capture']);

function makeNsd(name: string, taps: readonly string[]): Peer {
  return {
    name,
    missing: () => ['nsd', ...STATIC_ZONE_NEEDS, ...taps].find((program) => !isInstalled(program)),
    start(place) {
      const { dir } = place;
      const zoneFile = signStaticZone(dir);
      const config = join(dir, 'nsd.conf');
      writeFileSync(config, configuration(place, zoneFile) + (taps.length > 0 ? dnstap(dir) : ''));
      if (taps.length === 0) return startServer('nsd', ['-d', '-c', config], join(dir, 'log'));
      const options = ['-t', 'protobuf:dnstap.Dnstap', '-u', join(dir, 'tap'), '-w', join(dir, 'queries')];
      const capture = startServer('fstrm_capture', options, join(dir, 'log'));
      const server = startServer('nsd', ['-d', '-c', config], join(dir, 'log'));
      server.on('exit', () => capture.kill());
      return server;
    },
  };
}

const dnstap = (dir: string) => `dnstap:
  dnstap-enable: yes
  dnstap-socket-path: "${dir}/tap"
  dnstap-log-auth-query-messages: yes
`;

const configuration = ({ dir, port }: Place, zoneFile: string) => `server:
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
  tcp-count: 1000
remote-control:
  control-enable: no
zone:
  name: "${ZONE}"
  zonefile: "${zoneFile}"
`;
