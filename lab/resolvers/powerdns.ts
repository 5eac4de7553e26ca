/** PowerDNS Recursor, iterating from the root. */
import { readAnchor } from '../../test/support/resolvers/anchor.ts';
import { sized } from '../../test/support/resolvers/resolver.ts';
import type { Software } from './resolver.ts';

export const powerdns: Software = {
  name: 'powerdns',
  package: 'pdns-recursor',
  binary: 'pdns_recursor',

  // Without an empty dont-query it asks no server in a documentation prefix.
  configure(directory, { own, ednsSize, anchors, hintsFile, addition }) {
    const trusted = anchors.map(readAnchor).map(({ zone, ds }) => `addTA('${zone}', '${ds.join(' ')}')\n`);
    const config = `local-address=${own.ipv4}
query-local-address=${own.ipv4}${addition.isIpv4Only ? '' : `,${own.ipv6}`}
allow-from=0.0.0.0/0
dont-query=
socket-dir=${directory}
hint-file=${hintsFile}
dnssec=validate
dnssec-log-bogus=yes
lua-config-file=${directory}/anchors.lua
threads=1
disable-syslog=yes
security-poll-suffix=
${sized(ednsSize, (octets) => `edns-outgoing-bufsize=${octets}\nudp-truncation-threshold=${octets}\n`)}`;
    const lua = `clearTA('.')\n${trusted.join('')}${addition.lines}`;
    return {
      files: { 'recursor.conf': config, 'anchors.lua': lua },
      args: [`--config-dir=${directory}`, '--daemon=no', '--write-pid=no'],
    };
  },
};
