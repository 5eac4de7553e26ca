/** The resolvers of the lab, one row each. */
import { bind } from './bind.ts';
import { dnsmasq } from './dnsmasq.ts';
import { knot } from './knot.ts';
import { powerdns } from './powerdns.ts';
import type { Software } from './resolver.ts';
import { unbound } from './unbound.ts';

export const RESOLVERS: readonly Software[] = [unbound, bind, knot, powerdns, dnsmasq];
