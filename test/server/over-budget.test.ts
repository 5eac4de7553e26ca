/** What is said where a budget of work is spent: TC=1 over UDP, SERVFAIL over TCP, and nothing where all is open (DESIGN: safety; RFC 7766, RFC 8914). */
import { beforeEach, describe, expect, it } from 'vitest';
import { latin1 } from '../../src/wire/name.ts';
import { type Answered, makeTestResponder, type TestResponder } from '../support/responder.ts';

const STRANGER = { udpPayloadSize: 4096, dnssecOk: true };
const TCP = { ...STRANGER, transport: 'tcp' } as const;
/** Of its signatures each takes four milliseconds: a budget of one percent is two of them in a second. */
const DEAR = 'mldsa44.probe.test';
const COOKIE = 10;
const EXTENDED_ERROR = 15;
const SECOND_MS = 1000;

let on: TestResponder;
const option = ({ packet }: Answered, wanted: number): Buffer | undefined => {
  const opt = packet.additionals?.find(({ type }) => type === 'OPT') as unknown as
    | { options: { code: number; data: Buffer }[] }
    | undefined;
  return opt?.options.find(({ code }) => code === wanted)?.data;
};
/** Names that need a signature each. */
const askMany = (count: number, zone: string, more: object) =>
  Array.from({ length: count }, (_, k) =>
    on.ask({ name: `live-n${`${k}`.padStart(10, '0')}.${zone}`, ...more }),
  );
const refused = (answers: readonly Answered[]) =>
  answers.filter(({ facts }) => facts!.excluded === 'budget').length;

beforeEach(async () => {
  on = await makeTestResponder({ settings: { signingBudget: 1 } });
});

it('a flood of strangers leaves proven sources what they need, over TCP and with a cookie', () => {
  const options = [{ code: COOKIE, data: latin1('8octets!') }];
  const data = option(on.ask({ name: 'probe.test', type: 'SOA', ...STRANGER, options }), COOKIE)!;
  expect(refused(askMany(100, 'a14.probe.test', STRANGER))).toBeGreaterThan(80);
  const known = { ...STRANGER, source: '192.0.2.7', options: [{ code: COOKIE, data }] };
  expect(askMany(1, DEAR, TCP)[0]!.facts).toMatchObject({ proof: 'tcp', rcode: 0, excluded: '' });
  expect(on.ask({ name: `live.${DEAR}`, ...known }).facts).toMatchObject({ proof: 'cookie', excluded: '' });
  expect(refused(askMany(1, 'a14.probe.test', STRANGER))).toBe(1);
});

describe('who wants more than there is', () => {
  it('gets SERVFAIL over TCP with the reason, never TC=1, and the row says so', () => {
    const answers = askMany(20, DEAR, TCP);
    expect(answers.map(({ facts }) => facts!.excluded)).toEqual(['', '', ...Array(18).fill('budget')]);
    const last = answers.at(-1)!;
    expect(last.packet).toMatchObject({
      rcode: 'SERVFAIL',
      flag_tc: false,
      flag_aa: false,
      questions: [{ name: `live-n0000000019.${DEAR}` }],
      answers: [],
      authorities: [],
    });
    expect(option(last, EXTENDED_ERROR)).toEqual(Buffer.from('\0\0over budget', 'latin1'));
    expect(last.facts).toMatchObject({
      rcode: 2,
      ede: 0,
      tc: false,
      action: 'answer',
      excluded: 'budget',
      zone: `${DEAR}.`,
    });
    on.clock.now += SECOND_MS;
    expect(refused(askMany(1, DEAR, TCP))).toBe(0);
  });

  it('misses no size by that and gets no receipt: the row says why none left', () => {
    askMany(2, DEAR, TCP);
    expect(on.ask({ name: `s4000.${DEAR}`, ...TCP }).facts).toMatchObject({
      rcode: 2,
      step: 'measured',
      size_miss: false,
      instance: null,
      excluded: 'budget',
    });
    expect(on.ask({ name: `p4000.${DEAR}`, ...TCP }).facts).toMatchObject({
      rcode: 2,
      size: 4000,
      size_miss: false,
      excluded: 'budget',
    });
  });

  it('is sent to TCP where it asks over UDP, or for our cookie where it is a stranger with one of its own', () => {
    askMany(20, 'a14.probe.test', STRANGER);
    const options = [{ code: COOKIE, data: latin1('8octets!') }];
    const [plain, withCookie] = [{}, { options }].map((more) =>
      on.ask({ name: 'nosuch.a14.probe.test', ...STRANGER, ...more }),
    );
    expect(plain!.facts).toMatchObject({ rcode: 0, tc: true, action: 'tc', excluded: 'budget' });
    expect(withCookie!.facts).toMatchObject({
      rcode: 23,
      tc: false,
      action: 'badcookie',
      excluded: 'budget',
    });
  });
});

it('where all is open nobody pays', async () => {
  on = await makeTestResponder({ open: true, settings: { signingBudget: 1 } });
  for (const zone of [DEAR, 'a14.probe.test', 'nsec3-500.broken.probe.test'])
    expect(refused(askMany(30, zone, STRANGER)), zone).toBe(0);
  expect(refused(askMany(5, DEAR, TCP))).toBe(0);
});
