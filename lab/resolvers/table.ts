/** The resolvers of the lab, one row each. */
import { bind } from './bind.ts';
import { dnsmasq, dnsmasqValidating } from './dnsmasq.ts';
import { knot } from './knot.ts';
import { powerdns } from './powerdns.ts';
import type { Software } from './resolver.ts';
import { unbound } from './unbound.ts';
import { unboundOpen } from './unbound-open.ts';

/** In the matrix. */
export const RESOLVERS: readonly Software[] = [unbound, bind, knot, powerdns, dnsmasq];

/** With those that only a suite wants. */
export const ALL_SOFTWARE: readonly Software[] = [...RESOLVERS, dnsmasqValidating, unboundOpen];
