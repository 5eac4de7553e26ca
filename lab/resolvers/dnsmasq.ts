/** dnsmasq, the forwarder of home routers, in front of an Unbound of its own that offers the same EDNS size. */
import { dnsmasq as forwarder } from '../../test/support/resolvers/dnsmasq.ts';
import type { Software } from './resolver.ts';

export const dnsmasq: Software = {
  name: forwarder.name,
  package: forwarder.package,
  binary: forwarder.binary,
  behind: 'unbound',

  configure(directory, { own, ednsSize, upstream }) {
    const none = { anchors: [], origin: { zone: '', address: '' }, root: '' };
    return forwarder.configure(directory, { ...none, listen: own.ipv4, ednsSize, upstream });
  },
};
