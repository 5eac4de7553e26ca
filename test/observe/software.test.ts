import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { guessSoftware, SOFTWARE, type Software } from '../../src/observe/software.ts';
import { story } from './rows.ts';

/** What each resolver was seen to send in the lab, run by run; every row has the manner of its software. */
const MANNERS = {
  unbound: { cd: true, edns_options: [], qtype: 1 },
  bind: { edns_options: [10], cookie: 'valid', cookie_instance: 7 },
  knot: { cd: true, edns_options: [], qname: 'G2480000000001sk3OSO1j1UgB.pRoBe.eXample.' },
  powerdns: { edns_options: [] },
  dnsmasq: { rd: true },
} as const satisfies Record<Software, Partial<Observation>>;

type Told = ReturnType<typeof story>;

/** So many runs an hour apart, each told by `tell` in one manner. */
function runs(
  count: number,
  manner: Partial<Observation>,
  tell: (told: Told, manner: Partial<Observation>, at: number) => readonly Observation[],
  size = 4096,
): Observation[] {
  return Array.from({ length: count }, (_, at) => {
    const told = story({ size, run: (size * 100 + at).toString(16).padStart(12, '0') });
    return tell(told, manner, at * 3600);
  }).flat();
}

const arrives: Parameters<typeof runs>[2] = ({ gate, udp, receipt }, manner, at) => {
  const sent = udp(at + 0.01, 1, manner);
  return [gate(at, manner), sent, receipt(at + 0.02, sent, manner)];
};

/** As `arrives`, with the TYPE of the user only at the end (RFC 9156). */
const arrivesMinimized: Parameters<typeof runs>[2] = (told, manner, at) => {
  const rows = arrives(told, manner, at);
  return [...rows, ...rows.slice(-1).map((row) => ({ ...row, time: row.time + 1, qtype: 16 }))];
};

const fallsBackTo =
  (ednsUdp: number, version: 4 | 6 = 4): Parameters<typeof runs>[2] =>
  ({ gate, udp, tc, tcp }, manner, at) => {
    const own = { ...manner, ip_version: version };
    return [
      gate(at, own),
      udp(at + 0.01, 1, own),
      tc(at + 0.9, { ...own, edns_udp: ednsUdp }),
      tcp(at + 1, 2, { ...own, tcp_mss: version === 4 ? 1208 : 1428 }),
    ];
  };

const asksAgainAfter =
  (...seconds: readonly number[]): Parameters<typeof runs>[2] =>
  ({ gate, udp }, manner, at) => [
    gate(at, manner),
    ...[0, ...seconds].map((after, index) => udp(at + 0.01 + after, index + 1, manner)),
  ];

const CASES: readonly { why: string; is: Software; rows: readonly Observation[]; because: RegExp }[] = [
  {
    why: 'returns cookies',
    is: 'bind',
    rows: runs(1, MANNERS.bind, arrives),
    because: /^It sends a COOKIE in every query and returns those that it was sent\.$/,
  },
  {
    why: 'offers 512 after a silence, and a short MSS',
    is: 'bind',
    rows: runs(1, MANNERS.bind, fallsBackTo(512)),
    because: /, offered EDNS 512 after a silence, and takes TCP segments of at most 1220 octets\.$/,
  },
  {
    why: 'offers what it got before after a silence',
    is: 'bind',
    rows: runs(1, MANNERS.bind, fallsBackTo(927, 6)),
    because: /, and offered EDNS 927 after a silence\.$/,
  },
  {
    why: 'mixes upper and lower case',
    is: 'knot',
    rows: runs(1, MANNERS.knot, arrives),
    because: /^It sets CD=1 and writes each query name in upper and lower case at random\.$/,
  },
  {
    why: 'asks over TCP unbidden',
    is: 'knot',
    rows: runs(1, MANNERS.knot, ({ gate, udp, tcp }, manner, at) => [
      gate(at, manner),
      udp(at + 0.01, 1, manner),
      udp(at + 0.03, 2, manner),
      tcp(at + 0.05, 3, manner),
    ]),
    because: /, and asked over TCP after a silence, without being sent TC=1\.$/,
  },
  {
    why: 'asks for A on the way',
    is: 'unbound',
    rows: runs(2, MANNERS.unbound, arrivesMinimized),
    because: /^It sets CD=1 and asks for TYPE A on the way and for the wanted TYPE only at the end\.$/,
  },
  {
    why: 'falls back to 1472 over IPv4',
    is: 'unbound',
    rows: runs(1, MANNERS.unbound, fallsBackTo(1472)),
    because: /^It sets CD=1 and offered EDNS 1472 after a silence\.$/,
  },
  {
    why: 'falls back to 1232 over IPv6',
    is: 'unbound',
    rows: runs(1, MANNERS.unbound, fallsBackTo(1232, 6)),
    because: /EDNS 1232 after a silence\.$/,
  },
  {
    why: 'asks another address after 1500 ms, this one after 3000',
    is: 'powerdns',
    rows: runs(2, MANNERS.powerdns, asksAgainAfter(3.08)),
    because:
      /^It leaves CD=0, never changes its EDNS size, and waits 1500 to 2000 ms before it asks another address\.$/,
  },
  {
    why: 'waits so whatever happened to its TCP, or was asked an hour later',
    is: 'powerdns',
    rows: [
      ...runs(2, MANNERS.powerdns, asksAgainAfter(1.51, 3600)),
      ...runs(1, MANNERS.powerdns, ({ tc }, manner, at) => [tc(at, manner), tc(at + 0.003, manner)], 1400),
    ],
    because: / waits 1500 to 2000 ms /,
  },
  {
    why: 'looks up to half a second later whether its time is over, and waits as long for TCP that is silent',
    is: 'powerdns',
    rows: [
      ...runs(1, MANNERS.powerdns, asksAgainAfter(1.86)),
      ...runs(1, MANNERS.powerdns, ({ tc }, manner, at) => [tc(at, manner), tc(at + 1.502, manner)], 1400),
    ],
    because: / waits 1500 to 2000 ms /,
  },
  {
    why: 'asks once for what gets lost',
    is: 'powerdns',
    rows: [
      ...runs(3, MANNERS.powerdns, asksAgainAfter()),
      ...runs(3, MANNERS.powerdns, arrives, 512).map(apart),
    ],
    because: /, and asked only once for what got lost\.$/,
  },
  {
    why: 'passes on what several clients ask',
    is: 'dnsmasq',
    rows: [
      ...runs(2, { ...MANNERS.dnsmasq, ad: true }, ({ gate }, manner, at) => [gate(at, manner)]),
      ...runs(1, { ...MANNERS.dnsmasq, edns_version: -1, edns_udp: 0 }, ({ gate }, manner, at) => [
        gate(at, manner),
      ]),
    ],
    because: /^It sets RD=1 and passes on EDNS and AD /,
  },
];

/** Rows of answers of their own, beside others. */
function apart(row: Observation): Observation {
  const { seq, instance, receipt } = row;
  return {
    ...row,
    seq: seq + 1000,
    instance: instance === null ? null : instance + 1000,
    receipt: receipt && { ...receipt, instance: receipt.instance + 1000 },
  };
}

describe('says', () => {
  it.each(CASES)('$is where it $why', ({ is, rows, because }) => {
    expect(guessSoftware(rows)).toEqual({ software: is, because: expect.stringMatching(because) });
  });
});

describe('says nothing where', () => {
  it.each<{ why: string; rows: readonly Observation[] }>([
    { why: 'there are no rows', rows: [] },
    {
      why: 'cookies are sent and never returned',
      rows: runs(3, { edns_options: [10], cookie: 'client' }, arrives),
    },
    { why: 'CD=0 is all there is to see', rows: runs(9, MANNERS.powerdns, arrives) },
    { why: 'CD=1 is all there is to see', rows: runs(9, MANNERS.unbound, arrives) },
    { why: 'it minimised only once', rows: runs(1, MANNERS.unbound, arrivesMinimized) },
    { why: 'it waited 1500 ms only once', rows: runs(1, MANNERS.powerdns, asksAgainAfter(1.51)) },
    {
      why: 'it waited 3000 ms for TCP',
      rows: runs(3, MANNERS.powerdns, ({ tc }, manner, at) => [tc(at, manner), tc(at + 3.0, manner)]),
    },
    { why: 'it did not always wait 1500 ms', rows: runs(3, MANNERS.powerdns, asksAgainAfter(1.51, 2.3)) },
    { why: 'one client forwards in one manner', rows: runs(5, MANNERS.dnsmasq, arrives) },
    {
      why: 'an unknown one mixes case without asking others not to validate',
      rows: runs(5, { ...MANNERS.knot, cd: false }, arrives),
    },
    {
      why: 'Unbound mixes case (use-caps-for-id), which looks like two at once',
      rows: runs(3, { ...MANNERS.unbound, qname: MANNERS.knot.qname }, arrivesMinimized),
    },
    {
      why: 'it waits as PowerDNS does, but changes its EDNS size',
      rows: runs(2, MANNERS.powerdns, ({ udp }, manner, at) =>
        [0, 1.51, 3.02].map((after, index) =>
          udp(at + after, index + 1, { ...manner, edns_udp: index === 1 ? 512 : 4096 }),
        ),
      ),
    },
    {
      why: 'what it did not ask for again is no larger than what arrived',
      rows: [
        ...runs(3, MANNERS.powerdns, asksAgainAfter(), 512),
        ...runs(3, MANNERS.powerdns, arrives).map(apart),
      ],
    },
    {
      why: 'the signs of two fit: a forwarder with several clients, all in the manner of Unbound',
      rows: [
        ...runs(1, { ...MANNERS.unbound, rd: true, ad: true }, fallsBackTo(1472)),
        ...runs(1, { ...MANNERS.unbound, rd: true }, fallsBackTo(1472), 1400),
      ],
    },
    {
      why: 'two resolvers share the address',
      rows: [...runs(2, MANNERS.unbound, arrivesMinimized), ...runs(2, MANNERS.bind, arrives, 1232)],
    },
  ])('$why', ({ rows }) => {
    expect(guessSoftware(rows)).toBeUndefined();
  });
});

it('leaves out what dig asked from the same machine, and rows that are no queries', () => {
  const rows = [
    ...runs(2, MANNERS.unbound, arrivesMinimized),
    ...runs(1, { rd: true, ad: true, edns_options: [10], cookie: 'client' }, arrives, 1232),
    ...runs(1, { ad: true, edns_options: [10], cookie: 'client' }, arrives, 1232),
    ...runs(1, { event: 'path', qname: 'MiXed.PrObE.ExAmple.' }, arrives, 1400),
  ];
  expect(guessSoftware(rows)?.software).toBe('unbound');
});

it.each(CASES)('still says $is where it $why and then asks without EDNS', ({ is, rows }) => {
  const last = rows.filter(({ step }) => step === 'gate').slice(0, 1);
  const plain = last.map((row) => ({
    ...row,
    edns_version: -1,
    edns_do: false,
    edns_options: [],
    cookie: 'none' as const,
  }));
  expect(guessSoftware([...rows, ...plain])?.software).toBe(is);
});

it('does not depend on the order of the rows', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CASES).chain(({ is, rows }) =>
        fc.record({
          is: fc.constant(is),
          shuffled: fc.shuffledSubarray([...rows.entries()], { minLength: rows.length }),
        }),
      ),
      ({ is, shuffled }) => {
        expect(guessSoftware(shuffled.map(([, row]) => row))?.software).toBe(is);
      },
    ),
  );
});

it('knows a line of configuration for each', () => {
  expect(Object.values(SOFTWARE).map(({ title, line }) => `${title}: ${line(1232)}`)).toEqual([
    'Unbound: edns-buffer-size: 1232',
    'BIND: edns-udp-size 1232;',
    'Knot Resolver: net.bufsize(1232)',
    'PowerDNS Recursor: edns-outgoing-bufsize=1232',
    'dnsmasq: edns-packet-max=1232',
  ]);
});
