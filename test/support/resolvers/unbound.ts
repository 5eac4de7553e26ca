/** Unbound, with a stub zone for the origin. */
import { readAnchor } from './anchor.ts';
import { type Resolver, sized } from './resolver.ts';

export const unbound: Resolver = {
  name: 'unbound',
  package: 'unbound',
  binary: 'unbound',
  address: '127.0.0.11',
  role: 'validator',
  needsRoot: false,

  // Unbound answers test. from a local zone of its own unless told otherwise, and late results
  // (after 1.9 s) are dropped without SERVFAIL unless discard-timeout is raised.
  configure(directory, { listen, ednsSize, anchors, origin }) {
    const trusted = anchors
      .map(readAnchor)
      .map(({ zone, ds }) => `  trust-anchor: "${zone} DS ${ds.join(' ')}"\n`);
    const config = `server:
  interface: ${listen}
  outgoing-interface: ${listen}
  access-control: 127.0.0.0/8 allow
  do-ip6: no
  do-not-query-localhost: no
  username: ""
  chroot: ""
  directory: "${directory}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  val-log-level: 2
  local-zone: "test." nodefault
  discard-timeout: 60000
${trusted.join('')}${sized(ednsSize, (octets) => `  edns-buffer-size: ${octets}\n`)}stub-zone:
  name: "${origin.zone}"
  stub-addr: ${origin.address}
`;
    return { files: { 'unbound.conf': config }, args: ['-d', '-c', `${directory}/unbound.conf`] };
  },
};
