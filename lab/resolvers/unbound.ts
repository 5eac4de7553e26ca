/** Unbound, iterating from the root. */
import { readAnchor } from '../../test/support/resolvers/anchor.ts';
import { sized } from '../../test/support/resolvers/resolver.ts';
import type { Software } from './resolver.ts';

export const unbound: Software = {
  name: 'unbound',
  package: 'unbound',
  binary: 'unbound',

  // What it finds after 1.9 s it drops without SERVFAIL unless discard-timeout is raised.
  configure(directory, { own, ednsSize, anchors, hintsFile, addition }) {
    const trusted = anchors
      .map(readAnchor)
      .map(({ zone, ds }) => `  trust-anchor: "${zone} DS ${ds.join(' ')}"\n`);
    const config = `server:
  interface: ${own.ipv4}
  outgoing-interface: ${own.ipv4}
${addition.isIpv4Only ? '  do-ip6: no' : `  outgoing-interface: ${own.ipv6}`}
  access-control: 0.0.0.0/0 allow
  username: ""
  chroot: ""
  directory: "${directory}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  val-log-level: 2
  root-hints: "${hintsFile}"
  discard-timeout: 60000
${trusted.join('')}${sized(ednsSize, (octets) => `  edns-buffer-size: ${octets}\n`)}${addition.lines}remote-control:
  control-enable: no
`;
    return {
      files: { 'unbound.conf': config, ...addition.files },
      args: ['-d', '-c', `${directory}/unbound.conf`],
    };
  },
};
