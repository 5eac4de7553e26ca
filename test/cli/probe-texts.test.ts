/** The probe reads back what padzone itself says: whoever changes the words there, must change them here. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Relation, receiptText } from '../../src/behaviors/receipt-text.ts';
import {
  readLadderEdnsSize,
  readLadderLimit,
  readReceipt,
  readSeen,
  readViews,
} from '../../src/cli/probe/texts.ts';
import { LedgerWriter, ledgerMemory } from '../../src/record/ledger-table.ts';
import { ledgerLines } from '../../src/server/ledger-lines.ts';
import { makeTestResponder, texts } from '../support/responder.ts';

const SECOND = 1000;

it('reads every receipt', () => {
  const receipts = fc.record({
    asked: fc.integer({ min: 512, max: 65_535 }),
    sent: fc.integer({ min: 512, max: 65_535 }),
    transport: fc.constantFrom('udp' as const, 'tcp' as const, 'tls' as const),
    at: fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * SECOND),
    edns: fc.integer({ min: 0, max: 65_535 }),
    fragments: fc.integer({ min: 0, max: 15 }),
  });
  const relations = fc.constantFrom<Relation>('own', 'relayed', 'replay');
  const sources = fc.oneof(fc.ipV4(), fc.ipV6());
  const senders = fc.constantFrom('ns1', 'tokyo-2', 'node 17');
  fc.assert(
    fc.property(receipts, relations, sources, senders, (receipt, relation, source, sender) => {
      const { sent, transport, at, edns, fragments } = receipt;
      expect(readReceipt(['other words', receiptText(receipt, relation, source, sender)])).toEqual({
        source,
        relation,
        octets: sent,
        transport: transport === 'udp' ? 'udp' : 'tcp',
        ednsSize: edns === 0 ? undefined : edns,
        packets: transport === 'udp' && fragments > 0 ? fragments : undefined,
        sentAt: at,
        sender,
      });
    }),
  );
});

describe('me', () => {
  it.each([
    { edns: { udpPayloadSize: 1232, dnssecOk: true }, seen: { ednsSize: 1232, dnssecOk: true } },
    { edns: {}, seen: { ednsSize: undefined, dnssecOk: false } },
  ])('says how it was asked: $edns', async ({ edns, seen }) => {
    const on = await makeTestResponder();
    const answer = on.ask({ name: 'me.probe.test', source: '2001:db8::7', ...edns });
    expect(readSeen(texts(answer).reverse())).toEqual({
      source: '2001:db8::7',
      node: 'ns1',
      local: '127.0.0.1',
      transport: 'udp',
      cookie: 'none',
      ...seen,
    });
  });

  it('says what the server remembers', () => {
    const memory = ledgerMemory(100);
    const writer = new LedgerWriter(memory);
    const source = Uint8Array.of(192, 0, 2, 7);
    const note = (transport: 'UDP' | 'TCP', size: number, second: number, fragments?: number) =>
      writer.note(source, 0, source.length, transport, size, second * SECOND, fragments);
    note('UDP', 1472, 1, 1);
    note('TCP', 4096, 2, 0);
    note('UDP', 2048, 3);
    note('UDP', 4096, 4);
    note('UDP', 4096, 5);
    const lines = ledgerLines(memory, 'ns1', '192.0.2.7');
    expect(lines).toHaveLength(4);
    const views = readViews(lines).map(({ text, ...view }) => view);
    expect(views).toEqual([
      { node: 'ns1', octets: 1472, transport: 'udp', hasArrived: true, lastAt: SECOND },
      { node: 'ns1', octets: 4096, transport: 'tcp', hasArrived: true, lastAt: 2 * SECOND },
      { node: 'ns1', octets: 4096, transport: 'udp', hasArrived: false, lastAt: 5 * SECOND },
      { node: 'ns1', octets: 2048, transport: 'udp', hasArrived: false, lastAt: 3 * SECOND },
    ]);
  });
});

it('reads the end of the ladder', async () => {
  const on = await makeTestResponder();
  const lines = texts(on.chase({ name: 'rs.probe.test', udpPayloadSize: 1472, dnssecOk: true }).at(-1)!);
  expect(readLadderLimit(lines)).toBe(1472);
  expect(readLadderEdnsSize(lines)).toBe(1472);
});

it('finds nothing in the words of others', () => {
  const others = ['', 'v=spf1 -all', '192.0.2.1 received 512 octets', 'ns1 saw nothing'];
  expect(readReceipt(others)).toBeUndefined();
  expect(readSeen(others)).toBeUndefined();
  expect(readViews(others)).toEqual([]);
  expect(readLadderLimit(others)).toBeUndefined();
});
