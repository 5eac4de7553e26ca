/** Exact size: the message as sent has the octets that its name asks for, whatever else the query says. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { latin1 } from '../../src/wire/name.ts';
import {
  type Answered,
  type AskFrom,
  aliasOf,
  makeTestResponder,
  type Question,
  type TestResponder,
} from '../support/responder.ts';

// The longest origin that config allows leaves 255 octets for a receipt under the longest zone label.
const LONG_ORIGIN = `${'long'.repeat(15)}.${'name'.repeat(15)}.test`;

let short: TestResponder;
let long: TestResponder;
beforeAll(async () => {
  short = await makeTestResponder();
  long = await makeTestResponder({ origin: LONG_ORIGIN });
});

/** Measured answer of a trial: the gate is passed by asking twice from one address. */
function measured(on: TestResponder, name: string, question: Omit<Question & AskFrom, 'name'>): Answered {
  const gate = aliasOf(on.ask({ name, ...question, transport: 'udp' }));
  return on.ask({ name: gate ?? name, ...question });
}

const zones = ['', 'a8.', 'a13.', 'a14.', 'a15.', 'a16.', 'unsigned.', 'bogus.'];
const cookie = { code: 10, data: latin1('8octets!') };
const nsid = { code: 3, data: new Uint8Array(0) };
const unknown = { code: 65_001, data: latin1('some data') };

const queries = fc.record({
  octets: fc.oneof(
    fc.integer({ min: 512, max: 4096 }),
    fc.constantFrom(512, 1220, 1231, 1232, 1233, 1400, 1452, 1472, 1500, 2048, 4095, 4096),
  ),
  zone: fc.constantFrom(...zones),
  origin: fc.constantFrom('short', 'long'),
  filler: fc.constantFrom('', '-fadd', '-ftxt', '-fopt'),
  run: fc.constantFrom('', '-n0123456789'),
  dnssecOk: fc.boolean(),
  options: fc.subarray([cookie, nsid, unknown]),
  transport: fc.constantFrom('udp' as const, 'tcp' as const),
  upper: fc.boolean(),
  type: fc.constantFrom('TXT', 'A', 'AAAA', 'NS', 'TYPE65'),
});

describe('s<N>', () => {
  it('has exactly N octets, or the row says size_miss because N is below the smallest message', () => {
    fc.assert(
      fc.property(queries, ({ octets, zone, origin, filler, run, upper, ...question }) => {
        const on = origin === 'short' ? short : long;
        const name = `s${octets}${filler}${run}.${zone}${origin === 'short' ? 'probe.test' : LONG_ORIGIN}`;
        const answer = measured(on, upper ? name.toUpperCase() : name, { udpPayloadSize: 4096, ...question });
        const length = answer.octets?.length;
        expect(answer.facts?.step).toBe('measured');
        expect(answer.facts?.size_miss).toBe(length !== octets);
        if (length !== octets) {
          // Only signatures and names too large for N excuse it, and the answer then has no filler at all.
          expect(length).toBeGreaterThan(octets);
          expect(answer.facts?.filler).toBe('none');
          expect(octets).toBeLessThan(1100);
        }
        expect(answer.facts?.res_len).toBe(length);
      }),
      { numRuns: 1500, interruptAfterTimeLimit: 20_000 },
    );
    expect([...short.bugs, ...long.bugs]).toEqual([]);
  });

  it.each([512, 4097, 16_384, 40_000, 65_534, 65_535])('has exactly %i octets over TCP', (octets) => {
    for (const filler of ['', '-ftxt', '-fopt'])
      expect(
        short.ask({
          name: `s${octets}${filler}.probe.test`,
          udpPayloadSize: 1232,
          dnssecOk: true,
          transport: 'tcp',
        }).octets?.length,
      ).toBe(octets);
  });

  it('reaches every size near the smallest message, by a spare label where TXT does not fit', () => {
    const seen = new Set<string>();
    for (let octets = 512; octets <= 900; octets++) {
      const answer = measured(short, `s${octets}.a8.probe.test`, {
        udpPayloadSize: 4096,
        dnssecOk: true,
        options: [cookie],
      });
      expect(answer.octets?.length).toBe(octets);
      seen.add(answer.facts!.filler);
    }
    expect([...seen].sort()).toEqual(['label', 'plain', 'signed']);
  });

  it('is 512 octets with DNSSEC in every zone but RSA', () => {
    for (const zone of ['', 'a13.', 'a14.', 'a15.', 'a16.'])
      expect(
        measured(short, `s512.${zone}probe.test`, { udpPayloadSize: 512, dnssecOk: true }).octets?.length,
      ).toBe(512);
  });
});

describe('the receipt of a message made longer by a spare label', () => {
  it('is read all the same, from every length of spare', () => {
    for (let octets = 512; octets <= 640; octets++) {
      const answers = short.chase({ name: `s${octets}.a8.probe.test`, udpPayloadSize: 4096, dnssecOk: true });
      const last = answers.at(-1)!;
      expect(last.facts?.receipt).toMatchObject({
        relation: 'own',
        asked: octets,
        sent: answers.at(-2)!.octets!.length,
      });
    }
  });
});

describe('a gate asked with a spare label', () => {
  it('makes no receipt that claims octets which did not leave', () => {
    for (let octets = 512; octets <= 640; octets++)
      for (const spare of ['o', 'oo', 'ooo', 'oooooooo']) {
        const gate = aliasOf(
          short.ask({ name: `s${octets}.a8.probe.test`, udpPayloadSize: 4096, dnssecOk: true }),
        )!;
        const asked = {
          name: gate.replace('.', `.${spare}.`),
          udpPayloadSize: 4096,
          dnssecOk: true,
          options: [cookie],
        };
        const answer = short.ask(asked);
        const receipt = short.ask({ ...asked, name: aliasOf(answer)! }).facts!.receipt!;
        expect(receipt.sent).toBe(answer.octets!.length);
        expect(answer.facts!.size_miss).toBe(answer.octets!.length !== octets);
      }
  });
});

describe('p<N>', () => {
  it('has exactly N octets and TXT in the answer', () => {
    fc.assert(
      fc.property(queries, ({ octets, zone, dnssecOk, options, transport }) => {
        const answer = measured(short, `p${octets}.${zone}probe.test`, {
          type: 'TXT',
          udpPayloadSize: 4096,
          dnssecOk,
          options,
          transport,
        });
        expect(answer.octets?.length).toBe(octets);
        expect(answer.packet.answers?.[0]?.type).toBe('TXT');
      }),
      { numRuns: 300, interruptAfterTimeLimit: 8_000 },
    );
  });
});

describe('what the query allows', () => {
  it.each([
    { udpPayloadSize: undefined, octets: 513, why: '512 without EDNS' },
    { udpPayloadSize: 100, octets: 513, why: 'less than 512 means 512 (RFC 6891 §6.2.3)' },
    { udpPayloadSize: 1232, octets: 1233, why: 'its EDNS size' },
    { udpPayloadSize: 65_535, octets: 4097, why: 'udp_max' },
  ])(
    'is the limit over UDP: one octet more is TC=1 and goes over TCP ($why)',
    ({ udpPayloadSize, octets }) => {
      const edns: Omit<Question, 'name'> =
        udpPayloadSize === undefined ? {} : { udpPayloadSize, dnssecOk: true };
      expect(measured(short, `s${octets - 1}.probe.test`, edns).octets?.length).toBe(octets - 1);
      const truncated = measured(short, `s${octets}.probe.test`, edns);
      expect(truncated.facts).toMatchObject({ tc: true, action: 'tc', size: octets, step: 'measured' });
      expect(truncated.packet.answers).toEqual([]);
      expect(truncated.packet.additionals?.length).toBe(udpPayloadSize === undefined ? 0 : 1);
      expect(measured(short, `s${octets}.probe.test`, { ...edns, transport: 'tcp' }).octets?.length).toBe(
        octets,
      );
    },
  );

  it('keeps everything that is not measured within udp_plain_max', () => {
    const answer = short.ask({ name: 'help.probe.test', udpPayloadSize: 4096, dnssecOk: true, options: [] });
    expect(answer.facts).toMatchObject({ tc: true });
    expect(
      short.ask({ name: 'help.probe.test', udpPayloadSize: 512, transport: 'tcp' }).octets!.length,
    ).toBeGreaterThan(1232);
  });
});
