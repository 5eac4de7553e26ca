/** Receipts and gates: what a stranger gets, what opens the large answer, and whom a receipt credits. */
import { beforeEach, describe, expect, it } from 'vitest';
import { latin1 } from '../../src/wire/name.ts';
import {
  type Answered,
  aliasOf,
  makeTestResponder,
  type TestResponder,
  texts,
} from '../support/responder.ts';

const EDNS = { udpPayloadSize: 4096, dnssecOk: true };
let on: TestResponder;
beforeEach(async () => {
  on = await makeTestResponder();
});

const ask = (name: string, more: object = {}) => on.ask({ name, ...EDNS, ...more });
const aliasFor = (name: string, more: object = {}) => aliasOf(ask(name, more))!;
const serverCookie = ({ packet }: Answered) => {
  const opt = packet.additionals?.find(({ type }) => type === 'OPT') as unknown as {
    options: { code: number; data: Uint8Array }[];
  };
  return opt.options.find(({ code }) => code === 10)!;
};

describe('a stranger', () => {
  it.each(['probe.test', 'a8.probe.test', 'a14.probe.test', 'x.probe.test'])(
    'gets a small CNAME in %s, about eight times the query at the most',
    (zone) => {
      const answer = ask(`s4096.${zone}`);
      expect(answer.facts).toMatchObject({
        step: 'gate',
        size: 4096,
        action: 'answer',
        proof: 'none',
        tc: false,
      });
      expect(answer.octets!.length).toBeLessThanOrEqual(8 * answer.facts!.req_len + 64);
      expect(aliasOf(answer)).toMatch(/^g[0-9a-v]{61}\./);
    },
  );

  it('never gets a large answer over UDP, whatever it asks', () => {
    for (const type of ['TXT', 'ANY', 'DNSKEY', 'RRSIG', 'NSEC', 'SOA', 'NS'])
      for (const name of [
        'probe.test',
        's4096.probe.test',
        'p4096.a8.probe.test',
        'help.probe.test',
        'rs.probe.test',
        'a8.probe.test',
      ]) {
        const answer = ask(name, { type });
        expect(answer.octets!.length).toBeLessThanOrEqual(8 * answer.facts!.req_len + 64);
      }
  });
});

describe('a gate', () => {
  it('opens for the prefix that was sent it, and gives each trial without a run one of its own', () => {
    const gate = aliasFor('s1472.probe.test');
    const measured = ask(gate, { source: '192.0.2.200' });
    expect(measured.facts).toMatchObject({ step: 'measured', proof: 'gate', res_len: 1472, size: 1472 });
    expect(measured.facts!.run).toMatch(/^[0-9a-f]{12}$/);
    expect(ask(aliasFor('s1472-n7vvvvvvvvv.probe.test')).facts!.run).toBe('ffffffffffff');
    expect(ask(aliasFor('s1472.n7vvvvvvvvv.probe.test')).facts!.run).toBe('ffffffffffff');
  });

  it('gives another prefix a new gate that lets both in, twice; then TC=1, and the trial is excluded', () => {
    const first = aliasFor('s4096.probe.test', { source: '192.0.2.7' });
    const second = aliasFor(first, { source: '2001:db8:1::1' });
    const third = aliasFor(second, { source: '198.51.100.9' });
    for (const source of ['192.0.2.7', '2001:db8:1:ffff::9', '198.51.100.1'])
      expect(ask(third, { source }).facts).toMatchObject({ step: 'measured', proof: 'gate', res_len: 4096 });
    const fourth = ask(third, { source: '203.0.113.5' });
    expect(fourth.facts).toMatchObject({ step: 'gate', tc: true, excluded: 'gate' });
    expect(ask(third, { source: '203.0.113.5', transport: 'tcp' }).facts).toMatchObject({
      step: 'measured',
      proof: 'tcp',
      res_len: 4096,
    });
  });

  it('gives way to a new one when it is older than a minute', () => {
    const gate = aliasFor('s1232.probe.test');
    on.clock.now += 61_000;
    const late = ask(gate);
    expect(late.facts).toMatchObject({ step: 'gate', action: 'answer' });
    expect(ask(aliasOf(late)!).facts!.step).toBe('measured');
  });

  it('is a name that does not exist where it was changed, or asked in another zone', () => {
    const gate = aliasFor('s1232.probe.test');
    const [label] = gate.split('.');
    const changed = `${label!.slice(0, -1)}${label!.endsWith('0') ? 'g' : '0'}`;
    for (const name of [`${changed}.probe.test`, `${label}.a13.probe.test`, `g${'0'.repeat(61)}.probe.test`])
      expect(ask(name, { dnssecOk: false }).facts).toMatchObject({ rcode: 3, step: 'other' });
  });

  it('keeps its meaning in any case of letters, and the answer echoes that case', () => {
    const gate = aliasFor('S1472-FTXT.pRoBe.TeSt').toUpperCase();
    const measured = ask(gate);
    expect(measured.facts).toMatchObject({ step: 'measured', res_len: 1472, filler: 'txt' });
    expect(measured.packet.questions?.[0]?.name).toBe(gate.replace(/\.$/, ''));
  });
});

describe('a proof of another kind', () => {
  it('opens at once: a server cookie of ours, TCP, an allow list', async () => {
    const client = { code: 10, data: latin1('8octets!') };
    const cookie = serverCookie(ask('me.probe.test', { options: [client] }));
    expect(ask('s4096.probe.test', { options: [cookie] }).facts).toMatchObject({
      step: 'measured',
      proof: 'cookie',
      res_len: 4096,
    });
    expect(ask('s4096.probe.test', { options: [cookie], source: '192.0.2.8' }).facts).toMatchObject({
      step: 'gate',
      cookie: 'stale',
    });
    expect(ask('s4096.probe.test', { transport: 'tcp' }).facts).toMatchObject({
      step: 'measured',
      proof: 'tcp',
    });
    on = await makeTestResponder({ open: true });
    expect(ask('s4096.probe.test').facts).toMatchObject({ step: 'measured', proof: 'allow', res_len: 4096 });
  });

  it('given lately lets keys and denials out whole, and never a measured answer', () => {
    const before = ask('a8.probe.test', { type: 'DNSKEY' });
    expect(before.facts!.tc).toBe(true);
    on.chase({ name: 's1232.probe.test', ...EDNS });
    expect(ask('a8.probe.test', { type: 'DNSKEY' }).facts).toMatchObject({ tc: false, proof: 'recent' });
    expect(ask('s4096.probe.test').facts).toMatchObject({ step: 'gate', proof: 'recent' });
    on.clock.now += 601_000;
    expect(ask('a8.probe.test', { type: 'DNSKEY' }).facts!.tc).toBe(true);
  });
});

describe('a receipt', () => {
  it('says what arrived, and credits the address that was sent it', () => {
    const answers = on.chase({ name: 's4096.probe.test', ...EDNS });
    expect(answers.map(({ facts }) => facts!.step)).toEqual(['gate', 'measured', 'receipt']);
    expect(texts(answers[2]!)).toEqual([
      '192.0.2.7 received 4096 octets over UDP (EDNS 4096, 3 fragments) 2026-11-24T12:00:00Z ns1',
    ]);
    expect(answers[2]!.facts!.receipt).toEqual({
      node: 1,
      instance: answers[1]!.facts!.instance,
      at: answers[1]!.facts!.time,
      asked: 4096,
      sent: 4096,
      proto: 'udp',
      edns: 4096,
      fragments: 3,
      filler: 'signed',
      relation: 'own',
    });
    expect(answers[2]!.facts!.run).toBe(answers[0]!.facts!.run);
  });

  it('asked from another address is relayed, and says so', () => {
    const receipt = aliasFor(aliasFor('s1232.probe.test'));
    const other = ask(receipt, { source: '192.0.2.8' });
    expect(other.facts!.receipt).toMatchObject({ relation: 'relayed' });
    expect(texts(other)[0]).toMatch(/^192\.0\.2\.8 relays the receipt of another address/);
  });

  it('asked after a minute is a replay', () => {
    const receipt = aliasFor(aliasFor('s1232.probe.test'));
    on.clock.now += 61_000;
    expect(ask(receipt).facts!.receipt).toMatchObject({ relation: 'replay' });
  });

  it('differs in every answer, so that a retry can be told from the first', () => {
    const gate = aliasFor('s1232.probe.test');
    expect(new Set([1, 2, 3, 4].map(() => aliasFor(gate))).size).toBe(4);
  });

  it('can be read by every node that shares the secret', async () => {
    const receipt = aliasFor(aliasFor('s1232.probe.test'));
    on = await makeTestResponder({ settings: { node: { name: 'ns2', id: 2 } } });
    expect(texts(ask(receipt))[0]).toMatch(/ node 1$/);
    on = await makeTestResponder({ settings: { secret: latin1('another secret of 16 octets or more') } });
    expect(ask(receipt, { dnssecOk: false }).facts!.rcode).toBe(3);
  });

  it('lives as long as ttl<n> says, and the CNAMEs in front of it not at all', () => {
    const answers = on.chase({ name: 's1232-ttl60.probe.test', ...EDNS });
    const ttls = answers.map(({ packet }) => (packet.answers as { ttl: number }[])[0]!.ttl);
    expect(ttls).toEqual([0, 0, 60]);
  });
});

describe('what stands beside the CNAME or TXT of a test name', () => {
  it.each([
    ['s1232.probe.test', 'ANY'],
    ['s1232.probe.test', 'NSEC'],
    ['s1232.probe.test', 'RRSIG'],
    ['p1232.probe.test', 'A'],
  ])('is no measurement: %s %s', (name, type) => {
    expect(ask(name, { type, transport: 'tcp' }).facts).toMatchObject({
      step: 'other',
      size: 0,
      instance: null,
    });
  });

  it('answers RRSIG with signatures alone, with or without DO', () => {
    for (const dnssecOk of [true, false]) {
      const { packet } = on.ask({ name: 'probe.test', type: 'RRSIG', udpPayloadSize: 1232, dnssecOk });
      expect(packet.answers?.map(({ type }) => type)).toEqual(['RRSIG']);
    }
  });
});

describe('the CNAME of a test name', () => {
  it.each(['A', 'AAAA', 'NS', 'MX', 'SOA', 'TYPE65', 'CNAME', 'DS', 'TYPE65280'])(
    'answers QTYPE %s too',
    (type) => {
      expect(aliasFor('s1232.probe.test', { type })).toMatch(/^g/);
      expect(aliasFor(aliasFor('s1232.probe.test'), { type })).toMatch(/^r/);
      expect(aliasFor('rs.probe.test', { type })).toMatch(/^g/);
    },
  );

  it('leaves NSEC and ANY what they are', () => {
    const denial = ask('s1232.probe.test', { type: 'NSEC' });
    const [record] = denial.packet.answers as unknown as { type: string; data: { rrtypes: string[] } }[];
    expect(record?.data.rrtypes.sort()).toEqual(['CNAME', 'NSEC', 'RRSIG']);
    expect(ask('s1232.probe.test', { type: 'ANY' }).packet.answers?.[0]?.type).toBe('HINFO');
  });
});

describe('option tc', () => {
  it('truncates the measured answer, not the gate, and TCP gives the size', () => {
    const gate = aliasFor('s1232-tc.probe.test');
    expect(ask(gate).facts).toMatchObject({ step: 'measured', tc: true, size: 1232 });
    expect(ask(gate, { transport: 'tcp' }).facts).toMatchObject({ tc: false, res_len: 1232 });
  });
});

describe('the hostile zone', () => {
  it('keeps silent, delays and spoils only behind the gate', () => {
    for (const option of ['noudp', 'd500', 'badsig', 'expired', 'nosig'])
      expect(ask(`s1232-${option}.x.probe.test`).facts).toMatchObject({ step: 'gate', action: 'answer' });
    expect(ask(aliasFor('s1232-noudp.x.probe.test'))).toMatchObject({
      octets: undefined,
      facts: { action: 'drop', step: 'measured' },
    });
    expect(ask(aliasFor('s1232-notcp.x.probe.test'), { transport: 'tcp' }).octets).toBeUndefined();
    expect(ask(aliasFor('s1232-notcp.x.probe.test')).octets?.length).toBe(1232);
    expect(ask(aliasFor('s1232-d500.x.probe.test')).delayMs).toBe(500);
    for (const option of ['badsig', 'expired', 'nosig'])
      expect(ask(aliasFor(`s1232-${option}.x.probe.test`)).octets?.length).toBe(1232);
    const unsigned = ask(aliasFor('s1232-nosig.x.probe.test'));
    expect(unsigned.packet.answers?.map(({ type }) => type)).toEqual(['CNAME']);
  });

  it('is the only one with such options: elsewhere the name does not exist, and EDE says why', () => {
    const answer = ask('s1232-noudp.probe.test', { dnssecOk: false });
    expect(answer.facts).toMatchObject({ rcode: 3, ede: 0 });
  });
});

describe('over a budget', () => {
  it('of octets for the prefix, answers are truncated and excluded, and other prefixes are served', async () => {
    on = await makeTestResponder({ settings: { udpBudget: 1000, udpBudgetBurst: 10_000 } });
    const gate = aliasFor('s4096.probe.test');
    const outcomes = [1, 2, 3, 4].map(() => ask(gate).facts!);
    expect(outcomes.map(({ tc, excluded }) => `${tc} ${excluded}`)).toEqual([
      'false ',
      'false ',
      'true budget',
      'true budget',
    ]);
    expect(ask(gate, { transport: 'tcp' }).octets?.length).toBe(4096);
    expect(
      ask(aliasFor('s4096.probe.test', { source: '198.51.100.1' }), { source: '198.51.100.1' }).facts!.tc,
    ).toBe(false);
    on.clock.now += 5_000;
    expect(ask(gate).facts).toMatchObject({ tc: false, excluded: '' });
  });

  it('of octets, an allowed source pays like everybody: its address is not proven, only believed', async () => {
    on = await makeTestResponder({
      settings: { isAllowed: () => true, udpBudget: 1000, udpBudgetBurst: 5000 },
    });
    const outcomes = [1, 2].map(() => ask('p4096.probe.test').facts!);
    expect(outcomes.map(({ proof, excluded }) => `${proof} ${excluded}`)).toEqual(['allow ', 'allow budget']);
  });

  it('of signatures, QTYPE RRSIG and spoiled zones are no way around it', async () => {
    on = await makeTestResponder({ settings: { signingBudget: 1 } });
    const last = (name: string, more: object) =>
      Array.from({ length: 300 }, () => on.ask({ name, ...more }).facts!).at(-1);
    expect(last('me.a8.probe.test', { type: 'RRSIG' })).toMatchObject({ tc: true, excluded: 'budget' });
    on.clock.now += 60_000;
    expect(last('bogus.probe.test', { type: 'SOA', ...EDNS })).toMatchObject({
      tc: true,
      excluded: 'budget',
    });
  });

  it('of signatures, strangers get TC=1 without one, or BADCOOKIE where they have a cookie', async () => {
    on = await makeTestResponder({ settings: { signingBudget: 1 } });
    const flood = (more: object) =>
      Array.from({ length: 30 }, (_, k) => ask(`nosuch${k}.a14.probe.test`, more).facts!);
    expect(flood({}).at(-1)).toMatchObject({ tc: true, excluded: 'budget', rcode: 0 });
    const options = [{ code: 10, data: latin1('8octets!') }];
    expect(flood({ options }).at(-1)).toMatchObject({ rcode: 23, action: 'badcookie' });
    expect(ask('nosuch.a14.probe.test', { transport: 'tcp' }).facts).toMatchObject({
      tc: false,
      excluded: '',
    });
  });
});
