/** RFC 7873 and RFC 9018: DNS cookies, for every query that brings one, over every transport. */
import { describe, expect, it } from 'vitest';
import { type AskFrom, makeTestResponder, NOON, type Question } from '../support/responder.ts';
import { hex } from './octets.ts';
import { seen } from './seen.ts';

const CLIENT = hex('0102030405060708');
const COOKIE = 10;
const ME = { name: 'me.probe.test', udpPayloadSize: 4096 } as const;

type Responder = Awaited<ReturnType<typeof makeTestResponder>>;

function withCookie(data: Uint8Array): Pick<Question, 'options' | 'udpPayloadSize'> {
  return { udpPayloadSize: 4096, options: [{ code: COOKIE, data }] };
}

/** The COOKIE option of one answer. */
function cookieOf(responder: Responder, query: Question & AskFrom): Uint8Array {
  const cookie = seen(responder.ask(query).octets).opt?.options.get(COOKIE);
  if (cookie === undefined) throw new Error('no COOKIE in the answer');
  return cookie;
}

describe('§5.2: lengths', () => {
  it.each(Array.from({ length: 45 }, (_, octets) => octets))('a COOKIE of %i octets', async (octets) => {
    const responder = await makeTestResponder();
    const found = seen(responder.ask({ ...ME, ...withCookie(new Uint8Array(octets)) }).octets);
    const isLegal = octets === 8 || (octets >= 16 && octets <= 40);
    expect(found.rcode).toBe(isLegal ? 'NOERROR' : 'FORMERR');
    expect(found.opt?.options.has(COOKIE)).toBe(isLegal);
  });
});

describe('§5.2.3: the answer brings the client cookie back with a fresh server cookie', () => {
  it.each([
    { what: 'over UDP', query: { name: 'me.probe.test' } },
    { what: 'over TCP', query: { name: 'me.probe.test', transport: 'tcp' as const } },
    { what: 'with TC=1', query: { name: 'p9000-tc.probe.test' } },
    { what: 'in a denial', query: { name: 'nothing.probe.test', dnssecOk: true } },
    { what: 'when refused', query: { name: 'example.com' } },
    { what: 'when NXNAME is asked for', query: { name: 'probe.test', type: 128 } },
    { what: 'in a gate', query: { name: 's4096.probe.test' } },
  ])('$what', async ({ query }) => {
    const responder = await makeTestResponder();
    const first = cookieOf(responder, { ...query, ...withCookie(CLIENT) });
    expect(first).toHaveLength(24);
    expect(first.subarray(0, 8)).toEqual(CLIENT);
    const second = cookieOf(responder, { ...query, ...withCookie(CLIENT) });
    expect(second).not.toEqual(first);
    // And it is valid: what came in this answer is taken in the next query.
    expect(responder.ask({ ...ME, ...withCookie(first) }).facts?.cookie).toBe('valid');
  });

  it('no COOKIE in the query, none in the answer', async () => {
    const responder = await makeTestResponder();
    expect(seen(responder.ask(ME).octets).opt?.options.has(COOKIE)).toBe(false);
  });

  it('takes the first of two COOKIE options (§5.2: all others are ignored)', async () => {
    const responder = await makeTestResponder();
    const other = hex('1112131415161718');
    const options = [CLIENT, other].map((data) => ({ code: COOKIE, data }));
    expect(cookieOf(responder, { ...ME, options }).subarray(0, 8)).toEqual(CLIENT);
  });
});

describe('§5.2.4, §5.2.5: what a server cookie opens', () => {
  const HOUR = 3_600_000;
  const other = hex('1112131415161718');
  it.each([
    { what: 'at once', later: 0, cookie: 'valid' },
    { what: 'an hour old', later: HOUR, cookie: 'valid' },
    { what: 'a second older than an hour', later: HOUR + 1000, cookie: 'stale' },
    { what: 'five minutes from the future', later: -300_000, cookie: 'valid' },
    { what: 'farther from the future', later: -301_000, cookie: 'stale' },
    { what: 'from another source address', later: 0, from: { source: '192.0.2.8' }, cookie: 'stale' },
    { what: 'with another client cookie', later: 0, client: other, cookie: 'stale' },
    { what: 'with a bit flipped', later: 0, flip: true, cookie: 'stale' },
  ])('$what it is $cookie', async ({ later, from = {}, client = CLIENT, flip = false, cookie }) => {
    const responder = await makeTestResponder();
    const data = cookieOf(responder, { ...ME, ...withCookie(CLIENT) });
    data.set(client);
    if (flip) data[23]! ^= 1;
    responder.clock.now += later;
    const answer = responder.ask({ name: 'p4000.probe.test', ...from, ...withCookie(data) });
    expect(answer.facts).toMatchObject({ cookie, proof: cookie === 'valid' ? 'cookie' : 'none' });
    const found = seen(answer.octets);
    // A bad cookie is as none at all: the ordinary answer of a stranger, which is a small gate.
    if (cookie === 'valid') expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', size: 4000 });
    else expect(found).toMatchObject({ rcode: 'NOERROR', answer: ['p4000.probe.test CNAME'] });
    expect(found.opt?.options.get(COOKIE)?.subarray(0, 8)).toEqual(client);
  });

  it('any length of a server cookie that is not ours is answered as no cookie', async () => {
    const responder = await makeTestResponder();
    for (let octets = 16; octets <= 40; octets++) {
      const answer = responder.ask({ name: 'p4000.probe.test', ...withCookie(new Uint8Array(octets)) });
      expect(answer.facts).toMatchObject({ cookie: 'stale', proof: 'none', rcode: 0 });
    }
  });
});

describe('§5.4: a query without a question', () => {
  const ask = async (data: Uint8Array | undefined) => {
    const responder = await makeTestResponder();
    const option = data ? [0, COOKIE, 0, data.length, ...data] : [];
    const header = [0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, option.length, ...option];
    return seen(responder.respond(Uint8Array.from([...header, ...opt])).octets);
  };

  it('gets a cookie', async () => {
    const found = await ask(CLIENT);
    expect(found).toMatchObject({ rcode: 'NOERROR', question: undefined, answer: [] });
    expect(found.opt?.options.get(COOKIE)?.subarray(0, 8)).toEqual(CLIENT);
  });

  it('is FORMERR when it does not even ask for one', async () => {
    expect(await ask(undefined)).toMatchObject({ rcode: 'FORMERR', opt: { version: 0 } });
  });
});

describe('RFC 9018 §4', () => {
  it.each([
    { cookieLayout: 'rfc9018' as const, version: 1, reserved: hex('000000') },
    { cookieLayout: 'private' as const, version: 0x70, reserved: undefined },
  ])(
    'layout $cookieLayout: version, reserved octets, time, hash',
    async ({ cookieLayout, version, reserved }) => {
      const responder = await makeTestResponder({ settings: { cookieLayout } });
      const server = Buffer.from(cookieOf(responder, { ...ME, ...withCookie(CLIENT) })).subarray(8);
      expect(server).toHaveLength(16);
      expect(server[0]).toBe(version);
      if (reserved) expect(new Uint8Array(server.subarray(1, 4))).toEqual(reserved);
      expect(server.readUInt32BE(4)).toBe(NOON / 1000);
    },
  );

  it('a cookie of one layout is none under the other', async () => {
    const one = await makeTestResponder({ settings: { cookieLayout: 'rfc9018' } });
    const two = await makeTestResponder({ settings: { cookieLayout: 'private' } });
    const data = cookieOf(one, { ...ME, ...withCookie(CLIENT) });
    expect(one.ask({ ...ME, ...withCookie(data) }).facts?.cookie).toBe('valid');
    expect(two.ask({ ...ME, ...withCookie(data) }).facts?.cookie).toBe('stale');
  });
});
