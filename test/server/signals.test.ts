import { describe, expect, it } from 'vitest';
import { signalOf } from '../../src/behaviors/telemetry.ts';
import { parseName } from '../../src/wire/name.ts';
import type { Made } from '../../src/zone/made.ts';
import { FULL_PLAN, makeTestResponder, texts } from '../support/responder.ts';

const EDNS = { udpPayloadSize: 1232, dnssecOk: true };
const OTHER = '203.0.113.9';

describe('a name that only a client can ask for', () => {
  it('stands in the text of `live`, and says who had got that answer', async () => {
    const { ask, clock, bugs } = await makeTestResponder();
    const answer = ask({ name: 'live-n0abcdefghi.probe.test', ...EDNS });
    expect(answer.facts).toMatchObject({
      behavior: 'live',
      step: 'other',
      signal: '',
      run: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
    const [said, proof] = texts(answer);
    expect(said).toMatch(/ask TXT/);
    const own = ask({ name: proof!, ...EDNS });
    expect(own.facts).toMatchObject({
      behavior: 'live',
      step: 'proof',
      signal: 'own',
      run: answer.facts!.run,
      receipt: null,
    });
    expect(ask({ name: proof!.toUpperCase(), ...EDNS, source: OTHER }).facts).toMatchObject({
      step: 'proof',
      signal: 'relayed',
    });
    clock.now += 61_000;
    expect(ask({ name: proof!, ...EDNS }).facts).toMatchObject({ step: 'proof', signal: 'replay' });
    expect(bugs).toEqual([]);
  });

  it('means nothing in front of another name, and cannot be made', async () => {
    const { ask } = await makeTestResponder();
    const [, proof] = texts(ask({ name: 'live.probe.test', ...EDNS }));
    const token = proof!.split('.')[0]!;
    for (const name of [
      `${token}.live-n0abcdefghi.probe.test`,
      `${token}.live.a15.probe.test`,
      `${token}.probe.test`,
    ])
      expect(ask({ name, ...EDNS }).facts, name).toMatchObject({ step: 'other', signal: '' });
    const forged = `${token.slice(0, -1)}${token.endsWith('0') ? '8' : '0'}`;
    expect(ask({ name: `${forged}.live.probe.test`, ...EDNS }).facts).toMatchObject({
      step: 'other',
      signal: '',
    });
    // The same token as a receipt would credit an answer that was never measured.
    expect(ask({ name: `r${token.slice(1)}.probe.test`, ...EDNS }).facts!.receipt).toBeNull();
  });

  it('under a zone that is bogus shows a client whose resolver does not validate', async () => {
    const { ask } = await makeTestResponder({ servers: FULL_PLAN });
    const [, proof] = texts(ask({ name: 'live.bogus.probe.test', ...EDNS, local: '127.0.0.3' }));
    expect(ask({ name: proof!, ...EDNS, local: '127.0.0.3' }).facts).toMatchObject({
      zone: 'bogus.probe.test.',
      step: 'proof',
      signal: 'own',
      excluded: 'fault',
    });
  });

  it('says in which phase of a key roll the answer was sent', async () => {
    const { ask, clock } = await makeTestResponder({ servers: FULL_PLAN });
    const fromChildren = { ...EDNS, local: '127.0.0.2', transport: 'tcp' } as const;
    clock.now += 290_000;
    const answer = ask({ name: 'live.hour.roll.probe.test', ...fromChildren });
    expect(answer.facts).toMatchObject({ phase: 'init' });
    clock.now += 20_000;
    expect(ask({ name: 'hour.roll.probe.test', type: 'DNSKEY', ...fromChildren }).facts).toMatchObject({
      phase: 'prepub',
    });
    const [, proof] = texts(answer);
    expect(ask({ name: proof!, ...fromChildren }).facts).toMatchObject({
      step: 'proof',
      signal: 'own',
      phase: 'init',
    });
  });

  it('is left out where it would be too long', async () => {
    const origin = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(25)}.test`;
    const { ask } = await makeTestResponder({
      origin,
      servers: [{ ...FULL_PLAN[0]!, name: `ns1.${origin}` }],
    });
    expect(texts(ask({ name: `root-key-sentinel-is-ta-38696.n0abcdefghi.${origin}`, ...EDNS }))).toHaveLength(
      1,
    );
    expect(texts(ask({ name: `live.${origin}`, ...EDNS }))).toHaveLength(2);
  });
});

describe('root key sentinels (RFC 8509)', () => {
  it.each(['is-ta-38696', 'not-ta-20326', 'is-ta-00042'])('%s has A, AAAA and TXT, signed', async (rest) => {
    const { ask } = await makeTestResponder();
    for (const name of [
      `root-key-sentinel-${rest}.probe.test`,
      `root-key-sentinel-${rest}.n0abcdefghi.probe.test`,
    ]) {
      for (const [type, count] of [
        ['A', 1],
        ['AAAA', 1],
        ['TXT', 2],
      ] as const) {
        const { packet, facts } = ask({ name, type, ...EDNS });
        expect(
          packet.answers!.filter((one) => one.type === type),
          `${name} ${type}`,
        ).toHaveLength(count);
        expect(packet.answers!.filter((one) => one.type === 'RRSIG')).toHaveLength(1);
        expect(facts).toMatchObject({ behavior: 'sentinel' });
      }
    }
  });

  it.each(['is-ta-3869', 'is-ta-138696', 'is-ta-70000', 'as-ta-38696', 'is-ta-38696-tc'])(
    '%s is no such name',
    async (rest) => {
      const { ask } = await makeTestResponder();
      expect(ask({ name: `root-key-sentinel-${rest}.probe.test` }).packet).toMatchObject({
        rcode: 'NXDOMAIN',
      });
    },
  );
});

describe('key-tag queries (RFC 8145)', () => {
  it.each(['A', 'NULL', 'TXT'])('of type %s are answered, never denied', async (type) => {
    const { ask } = await makeTestResponder();
    for (const name of ['_ta-4f66.probe.test', '_TA-4F66-9728.probe.test']) {
      const { packet, facts } = ask({ name, type, ...EDNS });
      expect(packet).toMatchObject({ rcode: 'NOERROR' });
      expect(facts).toMatchObject({ behavior: 'telemetry', signal: 'other' });
      expect(packet.answers!.some((one) => one.type === type)).toBe(type === 'NULL');
    }
  });

  it.each(['_ta-4f6', '_ta-', '_ta-4f66-', '_ta-4f66-97280', '_tb-4f66'])('%s is none', async (label) => {
    const { ask } = await makeTestResponder();
    expect(ask({ name: `${label}.probe.test` }).packet).toMatchObject({ rcode: 'NXDOMAIN' });
  });

  it('may list them in option 14 of a query for the keys too', async () => {
    const { ask } = await makeTestResponder();
    const asked = (data: string) =>
      ask({
        name: 'probe.test',
        type: 'DNSKEY',
        ...EDNS,
        options: [{ code: 14, data: Buffer.from(data, 'hex') }],
      });
    expect(asked('4f669728')).toMatchObject({
      packet: { rcode: 'NOERROR' },
      facts: { behavior: 'telemetry', signal: 'other', edns_options: [14] },
    });
    for (const malformed of ['', '4f', '4f6697'])
      expect(asked(malformed), malformed).toMatchObject({
        packet: { rcode: 'NOERROR' },
        facts: { behavior: '', signal: '' },
      });
  });

  it.each([
    [[1], 'old'],
    [[2], 'new'],
    [[1, 2], 'old+new'],
    [[3], 'other'],
    [[1, 3], 'old'],
  ] as const)('tags %j are %s', (tags, signal) => {
    const made: Made = { phase: 'prepub', run: '', oldTag: 1, newTag: 2 };
    expect(signalOf(tags, made)).toBe(signal);
    expect(signalOf(tags, undefined)).toBe('other');
  });
});

describe('error reports (RFC 9567)', () => {
  const report = '_er.1.www.example.7._er.er.probe.test';

  it('come back over TCP unless a cookie proves the address; then TXT says "taken"', async () => {
    const { ask } = await makeTestResponder();
    expect(ask({ name: report, ...EDNS })).toMatchObject({
      packet: { flag_tc: true, answers: [] },
      facts: { behavior: 'error-report', zone: 'er.probe.test.' },
    });
    const answer = ask({ name: report, ...EDNS, transport: 'tcp' });
    expect(texts(answer)).toEqual(['taken']);
    expect(answer.facts).toMatchObject({ tc: false });
  });

  it('are never denied, nor the shorter names on the way', async () => {
    const { ask } = await makeTestResponder();
    const [, proof] = texts(ask({ name: 'live.bogus.probe.test', ...EDNS }));
    const prefixes = [
      `${proof}6._er.er.probe.test`,
      '_er.er.probe.test',
      '7._er.er.probe.test',
      'www.example.7._er.er.probe.test',
    ];
    for (const name of [...prefixes, report])
      for (const type of name === report ? ['A', 'DS', 'NS'] : ['A', 'DS', 'TXT', 'NS'])
        expect(ask({ name, type, ...EDNS }).packet, `${name} ${type}`).toMatchObject({
          rcode: 'NOERROR',
          flag_tc: false,
          answers: [],
        });
  });

  it('are asked for with option 18 where the zone wants them, with DO, and nowhere else', async () => {
    const { ask } = await makeTestResponder({ servers: FULL_PLAN });
    const channel = (name: string, edns: object, local: string) =>
      ask({ name, ...edns, local })
        .packet.additionals?.flatMap((one) => ('options' in one ? one.options : []))
        .filter(({ code }) => Number(code) === 18);
    expect(channel('me.bogus.probe.test', EDNS, '127.0.0.3')).toMatchObject([
      { data: Buffer.from(parseName('er.probe.test')) },
    ]);
    expect(channel('me.bogus.probe.test', { udpPayloadSize: 1232 }, '127.0.0.3')).toEqual([]);
    expect(channel('me.probe.test', EDNS, '127.0.0.1')).toEqual([]);
    expect(channel('me.a15.probe.test', EDNS, '127.0.0.2')).toEqual([]);
  });
});
