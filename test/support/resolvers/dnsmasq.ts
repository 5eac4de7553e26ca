/** dnsmasq in both of its manners: the forwarder of home routers, in front of a validating resolver, and a validator itself. */
import { readAnchor } from './anchor.ts';
import { type Resolver, type ResolverOptions, sized } from './resolver.ts';

/** It hands on what the validator behind it says, with its AD. */
export const dnsmasq: Resolver = {
  name: 'dnsmasq',
  package: 'dnsmasq-base',
  binary: 'dnsmasq',
  address: '127.0.0.15',
  role: 'forwarder',
  needsRoot: false,
  configure: (directory, options) => configure(directory, options, 'proxy-dnssec\nlog-queries\n'),
};

/** What it forwards to must hand on signatures, and validate nothing (dnsmasq(8), --dnssec). */
export const dnsmasqValidating: Resolver = {
  ...dnsmasq,
  name: 'dnsmasq-validating',
  role: 'validator',
  // No log-queries: 2.90 writes past a buffer when it logs a DS that it does not support, and ends some time after.
  configure(directory, options) {
    const trusted = options.anchors
      .map(readAnchor)
      .map(({ zone, ds }) => `trust-anchor=${zone === '.' ? zone : zone.replace(/\.$/, '')},${ds.join()}\n`);
    return configure(directory, options, `dnssec\ndnssec-check-unsigned\n${trusted.join('')}`);
  },
};

// no-daemon keeps it from changing its user, which a user namespace denies.
function configure(
  directory: string,
  { listen, ednsSize, upstream }: ResolverOptions,
  manner: string,
): ReturnType<Resolver['configure']> {
  const config = `no-daemon
no-hosts
no-resolv
listen-address=${listen}
bind-interfaces
server=${upstream}
log-facility=-
${manner}${sized(ednsSize, (octets) => `edns-packet-max=${octets}\n`)}`;
  return { files: { 'dnsmasq.conf': config }, args: [`--conf-file=${directory}/dnsmasq.conf`] };
}
