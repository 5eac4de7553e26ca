/** Zones that are made when somebody asks, and zones with words of their own, against whoever asks too much (DESIGN: safety). */
import { beforeEach, describe, expect, it } from 'vitest';
import { latin1 } from '../../src/wire/name.ts';
import {
  type AskFrom,
  aliasOf,
  encodeQuestion,
  FULL_PLAN,
  makeTestResponder,
  type Question,
  type TestResponder,
  texts,
} from '../support/responder.ts';

const EDNS = { udpPayloadSize: 1232, dnssecOk: true };
const STRANGER = '203.0.113.9';
const COOKIE = [{ code: 10, data: latin1('8octets!') }];
const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** Milliseconds of work in a second, for all strangers together. */
const BUDGET = 10;

let on: TestResponder;
/** Facts of the answers to a stranger, over UDP unless said otherwise. */
const flood = (names: readonly string[], more: Partial<Question & AskFrom> = {}) =>
  names.map((name) => on.ask({ name, type: 'SOA', source: STRANGER, ...EDNS, ...more }).facts!);
const numbered = (count: number, name: (k: number) => string) =>
  Array.from({ length: count }, (_, k) => name(k));
const answered = (facts: ReturnType<typeof flood>) => facts.filter(({ tc }) => !tc);
/** Name of a zone that rolls, minted now. */
const mintRoll = (wish: string, origin = 'probe.test') =>
  texts(on.ask({ name: `new-${wish}.roll.${origin}`, transport: 'tcp' }))
    .find((text) => text.startsWith('zone: '))!
    .slice('zone: '.length, -1);
const mintReplica = (replica: string, source: string) =>
  aliasOf(on.ask({ name: `trial-${replica}.probe.test`, source }))!.slice('live.'.length);

describe('over the budget of work', () => {
  beforeEach(async () => {
    on = await makeTestResponder({ settings: { signingBudget: 1 } });
  });

  it('strangers are not told what NSEC3 denies at 500 rounds a name; whoever is proven is', () => {
    const names = numbered(100, (k) => `x${k}.nsec3-500.broken.probe.test`);
    const facts = flood(names, { type: 'A' });
    expect(facts.filter(({ excluded }) => excluded !== 'budget').length).toBe(
      Math.floor((BUDGET * 1000) / 501),
    );
    expect(facts.at(-1)).toMatchObject({
      tc: true,
      action: 'tc',
      behavior: 'broken',
      zone: 'nsec3-500.broken.probe.test.',
      excluded: 'budget',
    });
    expect(flood(names, { type: 'A', options: COOKIE }).at(-1)).toMatchObject({
      rcode: 23,
      action: 'badcookie',
      excluded: 'budget',
    });
    expect(answered(flood(names, { type: 'A', transport: 'tcp' }))).toHaveLength(100);
    expect(flood(['www.nsec3-500.broken.probe.test'], { type: 'A' })[0]).toMatchObject({ tc: false });
    on.clock.now += SECOND_MS;
    expect(flood(names.slice(0, 1), { type: 'A' })[0]).toMatchObject({ tc: false, excluded: 'fault' });
  });

  it('zones that roll are made for no stranger, however many labels he has collected', () => {
    const zones = numbered(1200, (k) => {
      on.clock.now += SECOND_MS;
      return mintRoll(['fast', 'standard-a15'][k % 2]!);
    });
    // More than are kept, so that the first ones are gone.
    const facts = flood(zones.slice(0, 60), { dnssecOk: false });
    expect(answered(facts)).toHaveLength(BUDGET);
    expect(facts.at(-1)).toMatchObject({
      tc: true,
      excluded: 'budget',
      zone: 'roll.probe.test.',
      behavior: '',
    });
    expect(answered(flood(zones.slice(-60), { dnssecOk: false }))).toHaveLength(60);
    expect(answered(flood(zones.slice(0, 60), { transport: 'tcp' }))).toHaveLength(60);
    expect(flood(['fast-20261124121000-a13-00000000.roll.probe.test'], { dnssecOk: false })[0]).toMatchObject(
      {
        rcode: 3,
        tc: false,
      },
    );
  });

  it('neither is referred to one that is not kept', async () => {
    on = await makeTestResponder({ settings: { signingBudget: 1 }, servers: FULL_PLAN });
    const zones = numbered(1100, () => {
      on.clock.now += SECOND_MS;
      return mintRoll('fast');
    });
    const facts = flood(zones.slice(0, 30), { dnssecOk: false });
    expect(answered(facts)).toHaveLength(BUDGET);
    expect(facts.at(-1)).toMatchObject({ tc: true, excluded: 'budget' });
  });

  it('days of the root are signed for no stranger, and cost nothing where they are known', () => {
    const days = numbered(1461, (k) => {
      const day = new Date(Date.UTC(2016, 0, 1) + k * DAY_MS).toISOString().slice(0, 10);
      return `k${day.replaceAll('-', '')}.probe.test`;
    });
    // Microseconds: a zone, and the least of all signatures, with RSA of 1024 bits.
    const [made, least] = [250, 87];
    expect(answered(flood(days)).length).toBeLessThanOrEqual((BUDGET * 1000) / (made + least));
    expect(answered(flood(days, { transport: 'tcp' }))).toHaveLength(1461);
    on.clock.now += SECOND_MS;
    // All of them are kept, with what was signed.
    expect(answered(flood(days))).toHaveLength(1461);
    on.clock.now += 2 * DAY_MS;
    const renewed = answered(flood(days)).length;
    expect(renewed).toBeGreaterThan(0);
    expect(renewed).toBeLessThanOrEqual((BUDGET * 1000) / least);
  });

  it('zones of trials are made for no stranger', () => {
    const zones = [...new Set(numbered(100, () => mintReplica('k20270111', STRANGER)))];
    expect(zones.length).toBeGreaterThan(60);
    expect(answered(flood(zones, { dnssecOk: false }))).toHaveLength((BUDGET * 1000) / 250);
    expect(answered(flood(zones, { transport: 'tcp' }))).toHaveLength(zones.length);
  });
});

describe('a source that only a label of its /24 vouches for', () => {
  const forged = '192.0.2.123';
  const LARGE = { udpPayloadSize: 4096, dnssecOk: true, source: forged };

  beforeEach(async () => {
    on = await makeTestResponder();
    const zone = mintReplica('k1ke1ze', '192.0.2.7');
    expect(on.ask({ name: zone, type: 'SOA', ...LARGE }).facts).toMatchObject({ proof: 'gate' });
  });

  it('is not taken for proven elsewhere', () => {
    for (const name of ['probe.test', 'a8.probe.test', 'alg8-4096.broken.probe.test'])
      expect(on.ask({ name, type: 'DNSKEY', ...LARGE }).facts, name).toMatchObject({ proof: 'none' });
  });

  it('gets at most nine times its query of any zone that is broken', () => {
    const zones = ['alg8-4096', 'alg10', 'big-dnskey', 'nsec3-500', 'alg8', 'nsec3-salt-255'];
    for (const label of zones.flatMap((zone) => [zone, `x.${zone}`]))
      for (const type of ['DNSKEY', 'RRSIG', 'SOA', 'ANY', 'TXT']) {
        const name = `${label}.broken.probe.test`;
        const { octets } = on.ask({ name, type, ...LARGE });
        const asked = encodeQuestion({ name, type, ...LARGE }).length;
        expect(octets!.length / asked, `${name} ${type}`).toBeLessThan(9);
      }
  });
});

it('a source that proved itself a while ago gets keys and denials of broken zones whole, and nothing else', async () => {
  on = await makeTestResponder();
  const source = '192.0.2.7';
  on.ask({ name: 'probe.test', type: 'SOA', transport: 'tcp', source });
  const ask = (type: string) =>
    on.ask({ name: 'alg8.broken.probe.test', type, udpPayloadSize: 4096, dnssecOk: true, source }).facts!;
  expect(on.ask({ name: 'alg8.broken.probe.test', type: 'DNSKEY', ...EDNS, source }).facts).toMatchObject({
    proof: 'recent',
    tc: false,
  });
  expect(ask('RRSIG')).toMatchObject({ proof: 'recent', tc: true });
  expect(ask('TXT')).toMatchObject({ proof: 'recent', tc: false });
});

it('key-tag queries are answered below zones that are broken too, never denied', async () => {
  on = await makeTestResponder();
  const ask = (name: string, type: string) => on.ask({ name, type, ...EDNS });
  const { packet, facts } = ask('_ta-4f66-9728.good.broken.probe.test', 'NULL');
  expect(packet).toMatchObject({ rcode: 'NOERROR', answers: [{ type: 'NULL' }] });
  expect(facts).toMatchObject({ behavior: 'telemetry', zone: 'good.broken.probe.test.', signal: 'other' });
  expect(ask('_ta-4f66.good.broken.probe.test', 'A').packet).toMatchObject({ rcode: 'NOERROR', answers: [] });
  expect(ask('_ta-4f6.good.broken.probe.test', 'A').packet).toMatchObject({ rcode: 'NXDOMAIN' });
  expect(ask('a._ta-4f66.good.broken.probe.test', 'A').packet).toMatchObject({ rcode: 'NXDOMAIN' });
});

describe('a zone that is cut out of a broken one', () => {
  const plan = (role: 'children' | 'hostile') => FULL_PLAN.find((one) => one.role === role)!.ipv4[0]!;
  const ask = (name: string, type: string, role: 'children' | 'hostile') =>
    on.ask({ name: `${name}.nsec3-optout.broken.probe.test`, type, ...EDNS, local: plan(role) }).packet;

  beforeEach(async () => {
    on = await makeTestResponder({ servers: FULL_PLAN });
  });

  it('is referred to where the broken one is served, also in names of key-tag queries', () => {
    for (const name of ['sub', 'www.sub', '_ta-4f66.sub']) {
      const packet = ask(name, 'A', 'hostile');
      expect(packet, name).toMatchObject({ flag_aa: false, rcode: 'NOERROR', answers: [] });
      expect(packet.authorities![0], name).toMatchObject({
        type: 'NS',
        name: 'sub.nsec3-optout.broken.probe.test',
      });
    }
  });

  it('has its DS denied there, with authority', () => {
    const packet = ask('sub', 'DS', 'hostile');
    expect(packet).toMatchObject({ flag_aa: true, answers: [] });
    expect(packet.authorities!.map(({ type }) => type)).toContain('NSEC3');
  });

  it('answers at the addresses of all other zones', () => {
    expect(ask('www.sub', 'A', 'children')).toMatchObject({ flag_aa: true, answers: [{ type: 'A' }] });
  });
});

it('filler of a zone that was made is there when it is asked for', async () => {
  on = await makeTestResponder();
  const name = `filler.${mintRoll('fast')}`;
  const { packet } = on.ask({ name, type: 'TXT', ...EDNS });
  expect(packet.answers!.map(({ type }) => type)).toEqual(['TXT', 'RRSIG']);
});

it('zones that would leave no room for test names are not made, and nobody can cause a bug there', async () => {
  const origin = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(30)}.test`;
  on = await makeTestResponder({
    origin,
    servers: [{ name: `ns1.${origin}`, role: 'parent', ipv4: ['127.0.0.1'], ipv6: [] }],
  });
  for (const name of [`new-standard.roll.${origin}`, `trial-k20270111.${origin}`])
    expect(on.ask({ name, transport: 'tcp' }).packet, name).toMatchObject({ rcode: 'NXDOMAIN' });
  const replica = `k20270111.${origin}`;
  expect(on.ask({ name: replica, type: 'SOA' }).packet.answers).toHaveLength(1);
  const [gate, measured] = on.chase({ name: `s1000.${replica}`, ...EDNS });
  expect(gate!.facts).toMatchObject({ step: 'gate' });
  expect(measured!.octets).toHaveLength(1000);
  expect(on.bugs).toEqual([]);
});
