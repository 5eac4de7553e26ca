/** Answers that nobody has asked for before: each is signed when it is asked for. */
import { chase } from '../chase.ts';
import { dnsperf } from '../dnsperf.ts';
import { echo } from '../peers/echo.ts';
import { knotOnline } from '../peers/knot.ts';
import { padzoneGate, padzoneOpen } from '../peers/padzone.ts';
import { powerdnsOnline } from '../peers/powerdns.ts';
import { listedCount, listedNames, newRuns, oneName } from '../queries.ts';
import { nameOfSize, ZONE } from '../static-zone.ts';
import { uniqueZone } from '../unique-zone.ts';
import type { Case, Fact } from './case.ts';
import { nodeSignatureMicros, opensslSignatureMicros } from './signature.ts';

const READY_SECONDS = 60;

export const unique: Case = {
  key: 'c',
  title: 'unique names, each answer signed with P-256 when it is asked for, UDP',
  explanation:
    'padzone gate: s1232 with a new run id, followed to its receipt; three answers a trial, each a new RRset (CNAME, CNAME, TXT) with one new ' +
    "signature (the filler's is kept), so the octets are a mean. padzone open: s1232 asked once, one CNAME with one new signature, 1232 octets. Knot " +
    '(mod-onlinesign) and PowerDNS (live signing, no packet cache): one TXT of 40 octets that the zone file lists and nobody asked before, one new signature. ' +
    'echo floor: 1232 octets, nothing signed.',
  subjects({ rounds, seconds }) {
    const zone = uniqueZone(listedCount(seconds, rounds + 1));
    const listed = dnsperf(listedNames);
    const online = { load: listed, expect: { qname: `u0.${ZONE}` } };
    const [knot, powerdns] = [knotOnline(zone, READY_SECONDS), powerdnsOnline(zone, READY_SECONDS)];
    return [
      {
        label: 'padzone gate, trials',
        peer: padzoneGate,
        load: chase(1232, ZONE),
        expect: { qname: `s1232-n0123456789.${ZONE}` },
      },
      {
        label: 'padzone open, s1232',
        peer: padzoneOpen,
        load: dnsperf(newRuns('s1232')),
        expect: { qname: `s1232-n0123456789.${ZONE}`, octets: 1232 },
      },
      { label: knot.name, peer: knot, ...online },
      { label: powerdns.name, peer: powerdns, ...online },
      {
        label: echo.name,
        peer: echo,
        load: dnsperf(oneName(nameOfSize(1232))),
        expect: { qname: nameOfSize(1232), octets: 1232 },
      },
    ];
  },
  after: async () => signatureFacts(),
};

function signatureFacts(): readonly Fact[] {
  const costs = [
    { name: 'signature by node:crypto', value: nodeSignatureMicros() },
    { name: 'signature by openssl', value: opensslSignatureMicros() },
  ];
  return costs
    .filter(({ value }) => Number.isFinite(value))
    .map(({ name, value }) => ({ name, value, text: `one P-256 ${name}: ${value.toFixed(1)} µs CPU` }));
}
