/** BIND 9's named, iterating from the root. */
import { bindTrustAnchors } from '../../test/support/resolvers/anchor.ts';
import { sized } from '../../test/support/resolvers/resolver.ts';
import type { Software } from './resolver.ts';

export const bind: Software = {
  name: 'bind',
  package: 'bind9',
  binary: 'named',

  configure(directory, { own, ednsSize, anchors, hintsFile, addition }) {
    const config = `options {
  directory "${directory}"; managed-keys-directory "${directory}";
  pid-file none; lock-file none; session-keyfile "${directory}/session.key";
  listen-on { ${own.ipv4}; }; listen-on-v6 { none; };
  query-source address ${own.ipv4};${addition.isIpv4Only ? '' : ` query-source-v6 address ${own.ipv6};`}
  recursion yes; allow-query { any; }; allow-recursion { any; };
  dnssec-validation yes; empty-zones-enable no;
${sized(ednsSize, (octets) => `  edns-udp-size ${octets}; max-udp-size ${octets};\n`)}};
controls { };
${bindTrustAnchors(anchors)}zone "." { type hint; file "${hintsFile}"; };
${addition.lines}`;
    return {
      files: { 'named.conf': config, ...addition.files },
      args: [
        '-g',
        '-n',
        '1',
        ...(addition.isIpv4Only ? ['-4'] : []),
        ...(addition.args ?? []),
        '-c',
        `${directory}/named.conf`,
      ],
    };
  },
};
