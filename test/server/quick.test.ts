/** The quick way says what the general way says, octet for octet and row for row, over long conversations. */

import { generateKeyPairSync } from 'node:crypto';
import { decode } from 'dns-packet';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ZoneKey, zoneKey } from '../../src/dnssec/key.ts';
import type { Facts } from '../../src/record/facts.ts';
import { makeCore, type ResponderSettings, type Surroundings } from '../../src/server/core.ts';
import { Inbound, type LocalAddress } from '../../src/server/inbound.ts';
import { QuickResponder } from '../../src/server/quick/quick-responder.ts';
import { arrivalOf } from '../../src/server/quick/service.ts';
import { respondWith } from '../../src/server/respond.ts';
import { addressKey, parseAddress } from '../../src/wire/address.ts';
import { OPTION } from '../../src/wire/edns-option.ts';
import { latin1, parseName } from '../../src/wire/name.ts';
import { buildZones } from '../../src/zone/zone.ts';
import { readZoneFiles } from '../../src/zone/zone-file.ts';
import { decodeRow } from '../support/decode-row.ts';
import {
  encodeQuestion,
  FULL_PLAN,
  MINIMAL_PLAN,
  NOON,
  TEST_SETTINGS,
  testKeys,
} from '../support/responder.ts';

const LOCALS: readonly LocalAddress[] = ['127.0.0.1', '2001:db8::1'].map((text, index) => ({
  text,
  key: addressKey(text),
  octets: parseAddress(text),
  index,
  linkMtu: 1500,
}));
const SOURCES = ['192.0.2.7', '192.0.2.8', '198.51.100.77', '2001:db8:7::1', '2001:db8:8::9'];
const SECOND = 1000;
const DAY = 86_400 * SECOND;
const TYPES = [
  'A',
  'AAAA',
  'SOA',
  'NS',
  'DNSKEY',
  'DS',
  'ANY',
  'NSEC',
  'RRSIG',
  'TYPE65280',
  'CNAME',
  'AXFR',
];

/** Rows of one message at a time. */
function oneRow() {
  const octets = new Uint8Array(512);
  return { octets, view: new DataView(octets.buffer), seq: 0, reserve: () => 0, commit: () => {} };
}

interface Conversation {
  readonly settings?: Partial<ResponderSettings>;
  readonly plan?: typeof FULL_PLAN;
  readonly keys?: readonly ZoneKey[];
}

/** Two cores with the same clock, secret and numbers: one answers generally, the other quickly where it can. */
async function twins({ settings = {}, plan = MINIMAL_PLAN, ...more }: Conversation) {
  const clock = { now: NOON };
  const bugs: unknown[] = [];
  const keys = more.keys ?? (await testKeys('probe.test'));
  const tree = buildZones('probe.test', await readZoneFiles('zones'), plan, keys, {
    secret: TEST_SETTINGS.secret,
    reportChannel: true,
  });
  const surroundings = (): Surroundings => ({
    tree,
    settings: { ...TEST_SETTINGS, signingBudget: 100, ...settings },
    now: () => clock.now,
    monotonic: () => clock.now * 1000,
    random: (octets) => new Uint8Array(octets).fill(0x55),
    ledger: () => [],
    onBug: (error) => bugs.push(error),
  });
  const [one, two] = [makeCore(surroundings()), makeCore(surroundings())];
  return {
    clock,
    bugs,
    general: respondWith(one),
    quick: new QuickResponder(two, LOCALS),
    slow: respondWith(two),
  };
}

type Twins = Awaited<ReturnType<typeof twins>>;

function generator(seed: number) {
  let state = seed;
  const below = (most: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  return { below, pick: <T>(from: readonly T[]): T => from[below(from.length)]! };
}

const FIXED = [
  's512',
  's1232',
  's1400',
  's4096',
  's600',
  's1232-tc',
  's1232-ftxt',
  's1232-fopt',
  's1232-ttl60',
  's1232-df',
  's1232-d50',
  'p512',
  'p1232',
  'p4096',
  'p1232-ttl5',
  's9999999',
  's1232-nonsense',
  's1232-n',
  'me',
  'rs',
  'help',
  'filler',
  'ns1',
  'o',
  'oo',
  'n0abcdefghi',
  'hostmaster',
  '*',
  'random',
  's',
  'g',
  'r',
  'x.y',
  'a.b.c',
  'gxyz',
  '_ta-4f66',
  '_ta-4f66-9728',
  '_ta-4f6',
  'x._ta-4f66',
  'live',
  'live-n0abcdefghi',
  'root-key-sentinel-is-ta-38696',
  'root-key-sentinel-not-ta-20326.n0abcdefghi',
  'root-key-sentinel-is-ta-3869',
  'new-fast',
  'roots',
  'status',
  '_er.1.a.7._er',
  '_er',
  's1232.n0abcdefghi',
  'x.oo',
  'x.nope',
];
const ZONES = [
  '',
  'a15.',
  'a13.',
  'unsigned.',
  'bogus.',
  'er.',
  'nowhere.',
  'roll.',
  'hour.roll.',
  'k2kr1z.',
  'rrsig-exp-a.broken.',
];

interface Memory {
  /** Targets of CNAMEs, newest last. */
  readonly learned: string[];
  readonly cookies: Map<string, Uint8Array>;
}

type Generator = ReturnType<typeof generator>;

function drawName({ below, pick }: Generator, { learned }: Memory): string {
  const zone = pick(ZONES);
  const run = `${below(8)}${below(2 ** 30)
    .toString(32)
    .padStart(9, '0')}`;
  if (below(3) === 0 && learned.length > 0) return pick(learned.slice(-10));
  if (below(3) === 0) return `${pick(FIXED)}.${zone}probe.test`;
  return pick([
    `s1232-n${run}.${zone}probe.test`,
    `s700-n${run}.a15.probe.test`,
    `p1232.${zone}probe.test`,
    `s1232.${zone}probe.test`,
    `${below(2 ** 30)
      .toString(36)
      .padStart(6, 'q')}.${zone}probe.test`,
    `${zone}probe.test`,
    longName(
      253 + below(3),
      below(2 ** 30)
        .toString(36)
        .padStart(6, 'q'),
    ),
    'elsewhere.example',
  ]);
}

/** A name of so many octets in wire form: at 254 and 255 no label fits in front of it. */
function longName(octets: number, first: string): string {
  const tail = 'a15.probe.test';
  let left = octets - (tail.length + 2) - (first.length + 1);
  const labels: string[] = [];
  for (; left > 64; left -= 61) labels.push('x'.repeat(60));
  return [first, ...labels, 'y'.repeat(left - 1), tail].join('.');
}

function drawOptions({ below, pick }: Generator, { cookies }: Memory, source: string) {
  const known = cookies.get(source);
  const client = { code: OPTION.COOKIE, data: latin1('12345678') };
  const cookie = pick([[], [], [client], known ? [{ code: OPTION.COOKIE, data: known }] : []]);
  return below(20) === 0 ? [...cookie, { code: OPTION.NSID, data: new Uint8Array(0) }] : cookie;
}

function drawQuery(draw: Generator, memory: Memory, source: string, name: string): Uint8Array {
  const { below, pick } = draw;
  const isUsual = below(5) > 0;
  return encodeQuestion({
    name: parseName(name.replace(/[a-z]/g, (letter) => (below(4) === 0 ? letter.toUpperCase() : letter))),
    type: isUsual ? 'TXT' : pick(TYPES),
    flags: pick([0, 0x0100, 0x0110, 0x0130]),
    id: below(65_536),
    ...(below(8) > 0 && {
      udpPayloadSize: isUsual ? 4096 : pick([0, 512, 1232, 1400, 65_535]),
      dnssecOk: below(3) > 0,
      ednsFlags: below(30) === 0 ? 0x4000 : 0,
      options: drawOptions(draw, memory, source),
    }),
  });
}

function receive(
  inbound: Inbound,
  octets: Uint8Array,
  source: string,
  { below }: Pick<Generator, 'below'>,
): void {
  const address = parseAddress(source);
  inbound.octets = octets;
  inbound.length = octets.length;
  inbound.source.set(address);
  inbound.family = address.length === 4 ? 4 : 6;
  inbound.port = 1024 + below(60_000);
  inbound.local = LOCALS[address.length === 4 ? 0 : 1]!;
  inbound.transport = below(8) === 0 ? 'tcp' : 'udp';
  inbound.ttl = below(2) * 57;
}

/** Asks both, and compares what they say and note. @returns what was said, and whether it was quick */
function askBoth({ general, quick, slow }: Twins, inbound: Inbound, out: Uint8Array, where: string) {
  const expected = general(inbound.octets, arrivalOf(inbound));
  const rows = oneRow();
  const length = quick.answer(inbound, out, 0, out.length, rows);
  if (length > 0) {
    expect(masked(out.subarray(0, length)), where).toEqual(masked(expected.octets!));
    expect(rowOf(rows.octets), where).toEqual(rowFacts(expected.facts!));
  } else {
    const outcome = slow(inbound.octets, arrivalOf(inbound));
    expect(outcome.facts && rowFacts(outcome.facts), where).toEqual(
      expected.facts && rowFacts(expected.facts),
    );
    quick.learn(outcome);
  }
  return { expected, isQuick: length > 0 };
}

/** @returns how many answers were quick, by what they were */
async function converse(
  seed: number,
  steps: number,
  conversation: Conversation,
): Promise<Map<string, number>> {
  const both = await twins(conversation);
  const { clock, bugs } = both;
  const draw = generator(seed);
  const memory: Memory = { learned: [], cookies: new Map() };
  const kinds = new Map<string, number>();
  const inbound = new Inbound(LOCALS[0]!);
  const out = new Uint8Array(70_000);
  for (let step = 0; step < steps; step++) {
    clock.now += draw.below(50) === 0 ? draw.below(30 * SECOND) : draw.below(40);
    if (step === steps - 500) clock.now -= 2 * DAY;
    const source = draw.pick(SOURCES);
    const name = drawName(draw, memory);
    receive(inbound, drawQuery(draw, memory, source, name), source, draw);
    inbound.time = clock.now;
    const where = `seed ${seed}, step ${step}, ${name}`;
    const { expected, isQuick } = askBoth(both, inbound, out, where);
    const kind = isQuick ? kindOf(expected.facts!) : '';
    if (isQuick) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    remember(expected.octets, source, memory);
  }
  expect(bugs).toEqual([]);
  return kinds;
}

function kindOf({ step, action, rcode, behavior }: Facts): string {
  return `${step} ${behavior} ${action} ${rcode}`;
}

const ECDSA = 13;
const P384 = 14;

/** The message with signature octets of randomized algorithms zeroed. */
function masked(octets: Uint8Array): string {
  const copy = Buffer.from(octets);
  for (let at = 12; at + 30 < copy.length; at++) {
    // RRSIG, class IN, … algorithm, labels: found by its fixed fields.
    if (copy.readUInt16BE(at) !== 46 || copy.readUInt16BE(at + 2) !== 1) continue;
    const rdlength = copy.readUInt16BE(at + 8);
    const algorithm = copy[at + 12]!;
    if (![ECDSA, P384].includes(algorithm) || at + 10 + rdlength > copy.length) continue;
    const size = algorithm === ECDSA ? 64 : 96;
    copy.fill(0, at + 10 + rdlength - size, at + 10 + rdlength);
  }
  return copy.toString('hex');
}

function rowFacts(facts: Facts): Omit<Facts, 'latency_us'> {
  const { latency_us, ...rest } = facts;
  void latency_us;
  return rest;
}

function rowOf(octets: Uint8Array): Omit<Facts, 'latency_us'> {
  const { event, count, reason, icmp_type, icmp_code, icmp_mtu, icmp_from, ...facts } = decodeRow(
    octets,
    new DataView(octets.buffer),
    0,
  );
  void [event, count, reason, icmp_type, icmp_code, icmp_mtu, icmp_from];
  return rowFacts(facts);
}

function remember(octets: Uint8Array | undefined, source: string, { learned, cookies }: Memory): void {
  if (!octets) return;
  const { answers = [], additionals = [] } = decode(Buffer.from(octets));
  for (const record of answers) if (record.type === 'CNAME') learned.push(record.data);
  const options = additionals.flatMap((record) => (record.type === 'OPT' ? record.options : []));
  const cookie = options.find(({ code }) => Number(code) === OPTION.COOKIE);
  if (cookie) cookies.set(source, Uint8Array.from(cookie.data as Buffer));
}

it.each([
  ['gated', {}],
  ['open', { settings: { isOpen: true } }],
  [
    'gated, with small budgets',
    { settings: { udpBudget: 3000, udpBudgetBurst: 8000, udpBudgetTotal: 20_000, signingBudget: 1 } },
  ],
  ['gated, children elsewhere', { plan: FULL_PLAN }],
  ['gated, cookies of RFC 9018', { settings: { cookieLayout: 'rfc9018' as const } }],
])('a conversation, %s', async (_title, conversation) => {
  for (const seed of [1, 2]) {
    const kinds = await converse(seed, 3500, conversation);
    if (process.env['PADZONE_SHOW']) process.stdout.write(`${JSON.stringify([...kinds])}\n`);
    // Templates were in use for what they are for: else nothing would have been compared.
    for (const kind of [
      'receipt receipt answer 0',
      'measured sized answer 0',
      'other  answer 3',
      'other  refuse 5',
    ])
      expect(kinds.get(kind), kind).toBeGreaterThan(3);
    expect([...kinds.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(250);
  }
});

describe('a key whose signatures proven sources pay for too', () => {
  const zone = 'a8.probe.test.';
  let keys: readonly ZoneKey[];

  beforeAll(async () => {
    // A key of 3072 bits takes more than two milliseconds a signature.
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    keys = (await testKeys('probe.test')).map((key) =>
      key.zone === zone ? zoneKey({ ...key, zone }, privateKey) : key,
    );
  });

  it.each(['udp', 'tcp'] as const)(
    'is as dear to the quick way as to the general one, over %s',
    async (transport) => {
      const both = await twins({ settings: { signingBudget: 1 }, keys });
      const [source] = SOURCES;
      const memory: Memory = { learned: [], cookies: new Map() };
      const inbound = new Inbound(LOCALS[0]!);
      const out = new Uint8Array(70_000);
      const said = { quick: 0, refused: 0 };
      for (let step = 0; step < 60; step++) {
        // What may be remembered is signed for both of them first.
        both.clock.now += step < 3 ? 2 * SECOND : 50;
        const data = memory.cookies.get(source!) ?? latin1('12345678');
        const name = parseName(`s1400-n0${step.toString(32).padStart(9, '0')}.${zone}`);
        const options = [{ code: OPTION.COOKIE, data }];
        receive(inbound, encodeQuestion({ name, udpPayloadSize: 4096, dnssecOk: true, options }), source!, {
          below: () => 1,
        });
        inbound.transport = transport;
        inbound.time = both.clock.now;
        const { expected, isQuick } = askBoth(both, inbound, out, `step ${step}`);
        if (expected.facts!.excluded === 'budget') said.refused++;
        if (isQuick) said.quick++;
        remember(expected.octets, source!, memory);
      }
      // Of both there were enough to compare.
      expect(said.quick).toBeGreaterThan(5);
      expect(said.refused).toBeGreaterThan(30);
    },
  );
});
