/** dnsmasq, the forwarder of home routers, in front of an Unbound of its own that offers the same EDNS size. */
import {
  dnsmasq as forwarder,
  dnsmasqValidating as validator,
} from '../../test/support/resolvers/dnsmasq.ts';
import type { Resolver } from '../../test/support/resolvers/resolver.ts';
import type { Software } from './resolver.ts';

/** The Unbound behind it validates. */
export const dnsmasq: Software = inFrontOf('unbound', forwarder);

/** It validates itself. */
export const dnsmasqValidating: Software = inFrontOf('unbound-open', validator);

function inFrontOf(behind: string, { name, package: debian, binary, configure }: Resolver): Software {
  return {
    name,
    package: debian,
    binary,
    behind,

    configure(directory, { own, ednsSize, anchors, upstream }) {
      const none = { origin: { zone: '', address: '' }, root: '' };
      return configure(directory, { ...none, listen: own.ipv4, ednsSize, anchors, upstream });
    },
  };
}
