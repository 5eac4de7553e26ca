/** Rows on keys as who wants to keep a report busy makes them, for many-rows.test.ts. */
import type { Observation } from '../../src/observe/observation.ts';
import { CUT, MANNERS, RSA_ZONE, rolling, ZONE } from './key-roll/rolls.ts';
import { trialing } from './replicas.ts';
import { observation, RUN, START } from './rows.ts';

export interface KeyShape {
  readonly what: string;
  /** The findings that must come of it. */
  readonly finds: 'keyRolls' | 'sentinels' | 'replicas' | 'errorReports';
  /** So many would take minutes if work grew with the square. */
  readonly rows: number;
  make(n: number): readonly Observation[];
}

const told = trialing();
const rolled = rolling();
/** Of a zone that is minted anew each time. */
const zoneOf = (n: number) => ZONE.replace('0123abcd', n.toString(32).padStart(8, '0'));
const addressOf = (n: number) => `2001:db8::${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}`;
const PROOF = { step: 'proof', signal: 'own' } as const;

function sentinel(n: number, changes: Partial<Observation>): Observation {
  const tag = String(n % 0x1_0000).padStart(5, '0');
  return observation({
    ...{ time: START + n, behavior: 'sentinel', run: RUN, qtype: 1 },
    qname: `root-key-sentinel-is-ta-${tag}.n0.probe.example.`,
    ...changes,
  });
}

const unserved = rolling(MANNERS.unbound, RSA_ZONE);

export const KEY_SHAPES: readonly KeyShape[] = [
  {
    what: 'TC=1 for the keys of one roll, thousands of times a second, as Knot Resolver asks where TCP is blocked',
    finds: 'keyRolls',
    rows: 200_000,
    make: (n) => [unserved.fetch(37 + n / 20_000, CUT)],
  },
  {
    what: 'keys and signed answers of one trial, of other addresses each',
    finds: 'replicas',
    rows: 150_000,
    make: (n) => [told.live(n / 1000, { src: addressOf(n) }), told.tc(n / 1000, { src: addressOf(n) })],
  },
  {
    what: 'clients of one trial through other addresses each',
    finds: 'replicas',
    rows: 150_000,
    make: (n) => [told.proof(n / 1000, { src: addressOf(n) })],
  },
  {
    what: 'clients of one run of sentinels through other addresses each',
    finds: 'sentinels',
    rows: 200_000,
    make: (n) => [sentinel(38_696, { ...PROOF, time: START + n, src: addressOf(n) })],
  },
  {
    what: 'tags of one run of sentinels, and as many clients',
    finds: 'sentinels',
    rows: 60_000,
    make: (n) => [
      sentinel(n, {}),
      sentinel(n, { behavior: 'live', excluded: 'fault', qname: 'live-n0.bogus.probe.example.' }),
      sentinel(n, { ...PROOF, behavior: 'live', src: addressOf(n), qname: 'v0.live-n0.probe.example.' }),
    ],
  },
  {
    what: 'keys of one roll with TC=1 and over TCP, to addresses of one network',
    finds: 'keyRolls',
    rows: 100_000,
    make: (n) => [rolled.fetch(30, { src: addressOf(n), ...(n % 2 === 0 ? CUT : { proto: 'tcp' }) })],
  },
  {
    what: 'rolls of one source, and bogus answers',
    finds: 'keyRolls',
    rows: 100_000,
    make: (n) => [
      rolled.live(30 + n / 1000, { zone: zoneOf(n), qname: `live.${zoneOf(n)}` }),
      rolled.bogus(30 + n / 1000, { run: n.toString(16).padStart(12, '0') }),
    ],
  },
  {
    what: 'error reports of other names, and as many zones',
    finds: 'errorReports',
    rows: 200_000,
    make: (n) => [
      observation({
        ...{ time: START + n, behavior: 'error-report', zone: 'er.probe.example.' },
        qname: `_er.1.a${n}.elsewhere.example.7._er.er.probe.example.`,
      }),
      rolled.live(30, { zone: zoneOf(n), qname: `live.${zoneOf(n)}` }),
    ],
  },
];
