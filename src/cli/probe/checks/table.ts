/** THE TABLES of checks, in the order asked. */
import type { Check } from '../check.ts';
import { again } from './again.ts';
import { client } from './client.ts';
import { dnssec } from './dnssec.ts';
import { edns } from './edns.ts';
import { ipv4, ipv6 } from './ip-versions.ts';
import { ladder } from './ladder.ts';
import { peerClock } from './peer-clock.ts';
import { peerDnskey } from './peer-dnskey.ts';
import { peerEdns } from './peer-edns.ts';
import { peerPlain } from './peer-plain.ts';
import { peerSizes } from './peer-sizes.ts';
import { postQuantum } from './post-quantum.ts';
import { rootKeys } from './root-keys.ts';
import { sentinel } from './sentinel.ts';
import { servers } from './servers.ts';
import { sizes } from './sizes.ts';
import { peerTcp, tcp } from './tcp.ts';

/** Through a resolver. It remembers losses, so what cannot get lost for its size is asked before what can. */
export const RESOLVER_CHECKS: readonly Check[] = [
  edns,
  dnssec,
  sentinel,
  sizes,
  tcp,
  rootKeys,
  ladder,
  ipv4,
  ipv6,
  client,
  postQuantum,
  again,
  servers,
];

/** At a name server of the origin itself, as a resolver would ask it. */
export const PEER_CHECKS: readonly Check[] = [
  peerEdns,
  peerPlain,
  peerSizes,
  peerTcp,
  ladder,
  peerDnskey,
  peerClock,
];
