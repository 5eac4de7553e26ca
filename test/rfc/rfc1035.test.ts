/** RFC 1035 §4.1: what is not a query gets silence, what is a broken one gets FORMERR that is no larger. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQuestion, makeTestResponder } from '../support/responder.ts';
import { hex } from './octets.ts';
import { seen } from './seen.ts';

const responder = await makeTestResponder();
const QUERY = encodeQuestion({ name: 's4096.probe.test', udpPayloadSize: 4096, dnssecOk: true });

describe('§4.1.1: no answer', () => {
  it('to anything shorter than a header', () => {
    for (let octets = 0; octets < 12; octets++)
      expect(responder.respond(QUERY.subarray(0, octets)).octets).toBeUndefined();
  });

  it('to a response, whatever it holds: two servers would talk for ever', () => {
    const { octets } = responder.respond(QUERY);
    expect(responder.respond(octets!).octets).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 100 }), (octets) => {
        octets[2]! |= 0x80;
        expect(responder.respond(octets).octets).toBeUndefined();
      }),
    );
  });
});

describe('§4.1: FORMERR', () => {
  const header = (counts: string) => hex(`1234 0100 ${counts}`);
  it.each([
    { what: 'no question (RFC 9619)', query: header('0000 0000 0000 0000') },
    { what: 'a question that is missing', query: header('0001 0000 0000 0000') },
    { what: 'two questions (RFC 9619)', query: twoQuestions() },
    { what: 'a name that points at itself', query: question('c00c 0001 0001') },
    { what: 'a name that points forward', query: question('c00e 0001 0001') },
    { what: 'a label type that is reserved', query: question('8001 00 0001 0001') },
    {
      what: 'a name of more than 255 octets',
      query: question(`${`3f${'61'.repeat(63)}`.repeat(4)}00 0001 0001`),
    },
    { what: 'octets behind the last record', query: Uint8Array.from([...QUERY, 0]) },
  ])('for $what', ({ query }) => {
    const { octets } = responder.respond(query);
    expect(seen(octets)).toMatchObject({ rcode: 'FORMERR', answer: [], authority: [], additional: [] });
    expect(octets!.length).toBeLessThanOrEqual(query.length);
  });

  it('is never larger than the query, and a broken message never leads to anything but a small answer', () => {
    const mutated = fc
      .tuple(
        fc.nat(QUERY.length),
        fc.array(fc.tuple(fc.nat(QUERY.length - 1), fc.nat(255)), { maxLength: 6 }),
      )
      .map(([length, changes]) => {
        const octets = QUERY.slice();
        for (const [at, value] of changes) octets[at] = value;
        return octets.subarray(0, length);
      });
    fc.assert(
      fc.property(mutated, (octets) => {
        const answer = responder.respond(octets);
        if (!answer.octets) return;
        const { rcode, opt } = seen(answer.octets);
        expect(answer.octets.length).toBeLessThanOrEqual(8 * octets.length + 64);
        // What a QTYPE is refused for is said in an Extended DNS Error; all other FORMERRs are bare.
        if (rcode === 'FORMERR' && !opt?.options.has(15))
          expect(answer.octets.length).toBeLessThanOrEqual(octets.length);
      }),
      { numRuns: 2000 },
    );
    expect(responder.bugs).toEqual([]);
  });

  function question(text: string): Uint8Array {
    return Uint8Array.from([...header('0001 0000 0000 0000'), ...hex(text)]);
  }

  function twoQuestions(): Uint8Array {
    const one = hex('05 70726f6265 04 74657374 00 0006 0001');
    return Uint8Array.from([...header('0002 0000 0000 0000'), ...one, ...one]);
  }
});

describe('§4.1.1: the id comes back', () => {
  it.each([0, 1, 0xffff])('%i', (id) => {
    expect(seen(responder.ask({ name: 'probe.test', type: 'SOA', id }).octets).id).toBe(id);
  });
});
