/** PowerDNS Recursor, with a forward zone for the origin; it follows referrals from there. */
import { readAnchor } from './anchor.ts';
import { type Resolver, sized } from './resolver.ts';

export const powerdns: Resolver = {
  name: 'powerdns',
  package: 'pdns-recursor',
  binary: 'pdns_recursor',
  address: '127.0.0.14',
  role: 'validator',
  needsRoot: false,

  // Without an empty dont-query no server on loopback is asked that a referral names.
  configure(directory, { listen, ednsSize, anchors, origin }) {
    const trusted = anchors.map(readAnchor).map(({ zone, ds }) => `addTA('${zone}', '${ds.join(' ')}')\n`);
    const config = `local-address=${listen}
query-local-address=${listen}
allow-from=127.0.0.0/8
dont-query=
socket-dir=${directory}
dnssec=validate
dnssec-log-bogus=yes
lua-config-file=${directory}/anchors.lua
forward-zones=${origin.zone}=${origin.address}
threads=1
disable-syslog=yes
security-poll-suffix=
${sized(ednsSize, (octets) => `edns-outgoing-bufsize=${octets}\nudp-truncation-threshold=${octets}\n`)}`;
    return {
      files: { 'recursor.conf': config, 'anchors.lua': `clearTA('.')\n${trusted.join('')}` },
      args: [`--config-dir=${directory}`, '--daemon=no', '--write-pid=no'],
    };
  },
};
