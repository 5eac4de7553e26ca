/** One name over and over: 1232 and 4096 octets, with and without a record of it. */
import { dnsperf } from '../dnsperf.ts';
import { bind, bindDnstap } from '../peers/bind.ts';
import { dns2 } from '../peers/dns2.ts';
import { echo } from '../peers/echo.ts';
import { knot, knotDnstap } from '../peers/knot.ts';
import { nsd, nsdDnstap } from '../peers/nsd.ts';
import { padzoneOpen, padzoneWithoutRecord } from '../peers/padzone.ts';
import type { Peer } from '../peers/peer.ts';
import { powerdns, powerdnsQueryLog } from '../peers/powerdns.ts';
import { oneName } from '../queries.ts';
import { nameOfSize } from '../static-zone.ts';
import type { Case, Subject } from './case.ts';
import { recordAtFullLoad } from './record.ts';

export const STATIC_PEERS = [nsd, knot, bind, powerdns] as const;

const asking = (size: number, peers: readonly Peer[]): Subject[] =>
  peers.map((peer) => ({
    label: peer.name,
    peer,
    load: dnsperf(oneName(nameOfSize(size))),
    expect: { qname: nameOfSize(size), octets: size, isUnsigned: peer === dns2 },
  }));

export const p1232: Case = {
  key: 'a',
  title: 'one name, 1232 octets, UDP; padzone records each query, its peers log nothing',
  subjects: () => asking(1232, [padzoneOpen, ...STATIC_PEERS, echo]),
  hasLatency: true,
};

export const recording: Case = {
  key: 'b',
  title: 'one name, 1232 octets, UDP: what recording costs',
  subjects: () => asking(1232, [padzoneOpen, padzoneWithoutRecord]),
  after: recordAtFullLoad,
};

export const p4096: Case = {
  key: 'd',
  title: 'one name, 4096 octets, UDP',
  subjects: () => asking(4096, [padzoneOpen, ...STATIC_PEERS]),
};

export const logging: Case = {
  key: 'g',
  title: 'one name, 1232 octets, UDP; everybody records queries',
  explanation:
    'padzone: a row of facts a query and answer. NSD, Knot, BIND: dnstap of queries, without answers. PowerDNS: a line of text.',
  subjects: () => asking(1232, [padzoneOpen, nsdDnstap, knotDnstap, bindDnstap, powerdnsQueryLog]),
};

export const nodeServers: Case = {
  key: 'n',
  title: "one name, 1232 octets, UDP: dns2's own server",
  subjects: () => asking(1232, [padzoneOpen, dns2]),
};
