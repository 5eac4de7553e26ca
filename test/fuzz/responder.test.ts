/**
 * Whatever octets come, the core answers by the rules or is silent; it never throws.
 *
 * Each property stops after a few seconds; FUZZ_SECONDS=600 makes them long. A failure prints its seed and counterexample:
 * write it to test/vectors/regressions as annotated hexadecimal, with one sentence.
 */
import { decode, type Packet } from 'dns-packet'; // shares no code with ours
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WireError } from '../../src/wire/error.ts';
import { FLAG, HEADER_OCTETS, opcodeOf, readHeader } from '../../src/wire/header.ts';
import { decodeQuery, type Query } from '../../src/wire/query.ts';
import { readMessages } from '../support/hex.ts';
import {
  type Answered,
  type AskFrom,
  aliasOf,
  encodeQuestion,
  FULL_PLAN,
  makeTestResponder,
  type TestResponder,
} from '../support/responder.ts';
import { anyQuestion } from './arbitrary.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 2);
const LIMITS = { numRuns: 1_000_000, interruptAfterTimeLimit: SECONDS * 1000 };
const TIMEOUT = SECONDS * 1000 + 30_000;

/** One address for everything; the full plan, where addresses decide what is a referral; and no gates at all. */
let responders: TestResponder[];
beforeAll(async () => {
  responders = [
    await makeTestResponder(),
    await makeTestResponder({ servers: FULL_PLAN }),
    await makeTestResponder({ open: true }),
  ];
});
beforeEach(() => {
  for (const { bugs } of responders) bugs.length = 0;
});

const corpus = ['messages', 'regressions'].flatMap((directory) => readMessages(`test/vectors/${directory}`));

const from = fc.record({
  transport: fc.constantFrom('udp' as const, 'tcp' as const),
  local: fc.constantFrom('127.0.0.1', '127.0.0.2', '127.0.0.3', '198.51.100.1'),
  source: fc.constantFrom('192.0.2.7', '2001:db8:7::1'),
  which: fc.nat(2),
});

function tryDecode(octets: Uint8Array): Query | undefined {
  try {
    return decodeQuery(octets);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Every rule that holds for the answer to any octets. */
function judge(octets: Uint8Array, { which, ...arrival }: AskFrom & { which: number }): void {
  const responder = responders[which]!;
  const { octets: answer, facts } = responder.respond(octets, arrival);
  expect(responder.bugs).toEqual([]);
  const isQuery = octets.length >= HEADER_OCTETS && (readHeader(octets).flags & FLAG.QR) === 0;
  if (answer === undefined) {
    expect(isQuery && facts?.action !== 'drop', 'silence').toBe(false);
    return;
  }
  expect(isQuery).toBe(true);
  const packet = decode(Buffer.from(answer));
  judgeHeader(octets, answer, packet);
  const query = opcodeOf(readHeader(octets).flags) === 0 ? tryDecode(octets) : undefined;
  if (query === undefined) expect(answer.length).toBeLessThanOrEqual(octets.length);
  else judgeAnswer(query, answer, packet, arrival, facts?.proof ?? '');
}

function judgeHeader(octets: Uint8Array, answer: Uint8Array, packet: Packet): void {
  const [asked, said] = [readHeader(octets), readHeader(answer)];
  expect(said.id).toBe(asked.id);
  expect(said.flags & FLAG.QR).toBe(FLAG.QR);
  expect(opcodeOf(said.flags)).toBe(opcodeOf(asked.flags));
  expect(said.flags & (FLAG.RA | FLAG.AD | 0x40)).toBe(0);
  expect([said.ancount, said.nscount, said.arcount]).toEqual([
    packet.answers?.length,
    packet.authorities?.length,
    packet.additionals?.length,
  ]);
  if (said.flags & FLAG.TC) expect([said.ancount, said.nscount]).toEqual([0, 0]);
}

function judgeAnswer(
  query: Query,
  answer: Uint8Array,
  packet: Packet,
  arrival: AskFrom,
  proof: string,
): void {
  const { question, edns, length } = query;
  expect(readHeader(answer).qdcount).toBe(question ? 1 : 0);
  if (question) {
    const echoed = [
      ...question.qname,
      question.qtype >> 8,
      question.qtype & 255,
      question.qclass >> 8,
      question.qclass & 255,
    ];
    expect([...answer.subarray(HEADER_OCTETS, HEADER_OCTETS + echoed.length)]).toEqual(echoed);
  }
  const opts = packet.additionals?.filter(({ type }) => type === 'OPT') ?? [];
  expect(opts).toHaveLength(edns ? 1 : 0);
  if (arrival.transport !== 'udp') return;
  expect(answer.length).toBeLessThanOrEqual(Math.max(512, edns?.udpPayloadSize ?? 512));
  expect(answer.length).toBeLessThanOrEqual(4096);
  if (proof === 'none') expect(answer.length).toBeLessThanOrEqual(8 * length + 64);
}

describe('octets', () => {
  it(
    'at random: no exception, and no answer larger than a query that cannot be read',
    () => {
      const octets = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()).map(([random, asQuery]) => {
        // Half of them as queries with small counts, which get further than the header.
        if (asQuery && random.length > 12)
          random.set(
            [
              random[2]! & 1,
              random[3]!,
              0,
              random[5]! & 1,
              0,
              random[7]! & 1,
              0,
              random[9]! & 1,
              0,
              random[11]! & 1,
            ],
            2,
          );
        return random;
      });
      fc.assert(fc.property(octets, from, judge), LIMITS);
    },
    TIMEOUT,
  );

  const position = fc.nat(0xffff);
  const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x29, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff));
  const mutation = fc.oneof(
    fc.record({
      kind: fc.constant('set' as const),
      position,
      octets: fc.array(octet, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({
      kind: fc.constant('flip' as const),
      position,
      octets: fc.tuple(fc.nat(7).map((bit) => 1 << bit)),
    }),
    fc.record({
      kind: fc.constant('insert' as const),
      position,
      octets: fc.array(octet, { minLength: 1, maxLength: 40 }),
    }),
    fc.record({
      kind: fc.constant('delete' as const),
      position,
      octets: fc.array(octet, { minLength: 1, maxLength: 20 }),
    }),
    fc.record({
      kind: fc.constant('repeat' as const),
      position,
      octets: fc.array(octet, { minLength: 1, maxLength: 30 }),
    }),
    fc.record({ kind: fc.constant('cut' as const), position, octets: fc.constant([]) }),
    fc.record({ kind: fc.constant('splice' as const), position, octets: fc.tuple(fc.nat(0xffff)) }),
  );
  type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

  function mutate(message: Uint8Array, { kind, position, octets }: Mutation): Uint8Array {
    const at = message.length === 0 ? 0 : position % message.length;
    const [head, tail] = [[...message.subarray(0, at)], [...message.subarray(at)]];
    switch (kind) {
      case 'set':
        return Uint8Array.from([...head, ...octets, ...tail.slice(octets.length)]);
      case 'flip':
        return Uint8Array.from([...head, (tail[0] ?? 0) ^ octets[0]!, ...tail.slice(1)]);
      case 'insert':
        return Uint8Array.from([...head, ...octets, ...tail]);
      case 'delete':
        return Uint8Array.from([...head, ...tail.slice(octets.length)]);
      case 'repeat':
        return Uint8Array.from([...head, ...tail.slice(0, octets.length), ...tail]);
      case 'cut':
        return Uint8Array.from(head);
      case 'splice':
        return Uint8Array.from([...head, ...corpus[octets[0]! % corpus.length]!.octets.subarray(at)]);
    }
  }

  it(
    'of real queries, mutated: the same rules',
    () => {
      const mutations = fc.array(mutation, { maxLength: 5 });
      fc.assert(
        fc.property(fc.nat(corpus.length - 1), mutations, from, (index, list, arrival) => {
          judge(list.reduce(mutate, corpus[index]!.octets), arrival);
        }),
        LIMITS,
      );
    },
    TIMEOUT,
  );
});

describe('well-formed questions', () => {
  it(
    'of any name, type and options are answered by the rules, step after step',
    () => {
      fc.assert(
        fc.property(anyQuestion, from, (asked, arrival) => {
          judge(encodeQuestion(asked), arrival);
          const responder = responders[arrival.which]!;
          let answered: Answered = responder.ask({ ...asked, ...arrival });
          // The names that the server makes: gates, receipts, ladder steps.
          for (let hops = 0; hops < 8; hops++) {
            const next = aliasOf(answered);
            if (next === undefined || !next.endsWith('test')) return;
            judge(encodeQuestion({ ...asked, name: next }), arrival);
            answered = responder.ask({ ...asked, ...arrival, name: next });
          }
        }),
        LIMITS,
      );
    },
    TIMEOUT,
  );
});
