/** dnsmasq, the forwarder of home routers, in front of a validating resolver. */
import { type Resolver, sized } from './resolver.ts';

export const dnsmasq: Resolver = {
  name: 'dnsmasq',
  package: 'dnsmasq-base',
  binary: 'dnsmasq',
  address: '127.0.0.15',
  role: 'forwarder',
  needsRoot: false,

  // no-daemon keeps it from changing its user, which a user namespace denies.
  configure(directory, { listen, ednsSize, upstream }) {
    const config = `no-daemon
no-hosts
no-resolv
listen-address=${listen}
bind-interfaces
server=${upstream}
proxy-dnssec
log-queries
log-facility=-
${sized(ednsSize, (octets) => `edns-packet-max=${octets}\n`)}`;
    return { files: { 'dnsmasq.conf': config }, args: [`--conf-file=${directory}/dnsmasq.conf`] };
  },
};
