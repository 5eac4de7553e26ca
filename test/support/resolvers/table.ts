/** The resolvers that tests run, one row each. A forwarder comes after the validator that it asks. */
import { bind } from './bind.ts';
import { dnsmasq } from './dnsmasq.ts';
import { knot } from './knot.ts';
import { powerdns } from './powerdns.ts';
import type { Resolver } from './resolver.ts';
import { unbound } from './unbound.ts';

export const RESOLVERS: readonly Resolver[] = [unbound, bind, knot, powerdns, dnsmasq];
