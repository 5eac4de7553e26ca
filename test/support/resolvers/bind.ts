/** BIND 9's named, with a static-stub zone for the origin. */
import { bindTrustAnchors } from './anchor.ts';
import { type Resolver, sized } from './resolver.ts';

export const bind: Resolver = {
  name: 'bind',
  package: 'bind9',
  binary: 'named',
  address: '127.0.0.12',
  role: 'validator',
  needsRoot: false,

  configure(directory, { listen, ednsSize, anchors, origin }) {
    const config = `options {
  directory "${directory}"; managed-keys-directory "${directory}";
  pid-file none; lock-file none; session-keyfile "${directory}/session.key";
  listen-on { ${listen}; }; listen-on-v6 { none; };
  query-source address ${listen};
  recursion yes; allow-query { any; }; allow-recursion { any; };
  dnssec-validation yes; empty-zones-enable no;
${sized(ednsSize, (octets) => `  edns-udp-size ${octets}; max-udp-size ${octets};\n`)}};
controls { };
${bindTrustAnchors(anchors)}zone "${origin.zone}" { type static-stub; server-addresses { ${origin.address}; }; };
`;
    return {
      files: { 'named.conf': config },
      args: ['-4', '-g', '-n', '1', '-c', `${directory}/named.conf`],
    };
  },
};
