import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { openLedger as openOver } from '../../src/observe/ledger.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { encodeRow } from '../../src/record/encode.ts';
import { ledgerMemory, readLedger } from '../../src/record/ledger-table.ts';
import { SLOT_OCTETS } from '../../src/record/sink.ts';
import { ledgerLines } from '../../src/server/ledger-lines.ts';
import { OTHER, SOURCE, story } from './rows.ts';

function openLedger({ capacity = 1000, node = 'ns1' } = {}) {
  const memory = ledgerMemory(capacity);
  const octets = new Uint8Array(2 * SLOT_OCTETS);
  const view = new DataView(octets.buffer);
  const ledger = openOver(memory);
  return {
    note(row: Observation) {
      encodeRow(row, octets, view, 0, row.seq);
      ledger.note(octets, view, 0);
    },
    lines: (source: string) => ledgerLines(memory, node, source),
  };
}

it('says the largest answer that arrived over UDP and over TCP', () => {
  const ledger = openLedger();
  const { udp, tcp, receipt } = story();
  const small = udp(1, 1, { size: 1232, res_len: 1232, fragments: 1 });
  const large = udp(2, 2);
  const overTcp = tcp(3, 3);
  for (const sent of [large, small, overTcp]) {
    ledger.note(sent);
    ledger.note(receipt(5, sent));
  }
  expect(ledger.lines(SOURCE)).toEqual([
    'ns1 saw 4096 octets received over UDP in 3 fragments, last 2026-11-23T15:00:05Z',
    'ns1 saw 4096 octets received over TCP, last 2026-11-23T15:00:05Z',
  ]);
});

it('says what was sent above that without a receipt', () => {
  const ledger = openLedger();
  const { udp, receipt } = story();
  const small = udp(1, 1, { size: 1232, res_len: 1232, fragments: 1 });
  for (const row of [small, receipt(2, small), udp(3, 2), udp(4, 3)]) ledger.note(row);
  expect(ledger.lines(SOURCE)).toEqual([
    'ns1 saw 1232 octets received over UDP, last 2026-11-23T15:00:02Z',
    'ns1 sent 4096 octets over UDP 2 times, no receipt so far, last 2026-11-23T15:00:04Z',
  ]);
});

it('gives nobody credit for a relayed or replayed receipt', () => {
  const ledger = openLedger();
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  ledger.note(receipt(1, sent, { src: OTHER, relation: 'relayed' }));
  ledger.note(receipt(2, sent, { relation: 'replay' }));
  expect([ledger.lines(OTHER), ledger.lines(SOURCE)]).toEqual([[], []]);
});

it('knows nothing of a source that only asked other names', () => {
  const ledger = openLedger();
  ledger.note(story().other(0));
  expect(ledger.lines(SOURCE)).toEqual([]);
});

it('keeps at most 4 lines of at most 200 octets of ASCII, whatever the node is called', () => {
  const ledger = openLedger({ node: `ñ${'n'.repeat(400)}` });
  const { udp } = story();
  for (let size = 600; size < 1300; size += 10) ledger.note(udp(size, size, { size, res_len: size }));
  const lines = ledger.lines(SOURCE);
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{1,200}$/);
});

it('forgets the source seen longest ago when it is full', () => {
  const ledger = openLedger({ capacity: 2 });
  const { udp } = story();
  for (const src of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3']) ledger.note(udp(0, 1, { src }));
  const known = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].filter((src) => ledger.lines(src).length > 0);
  expect(known).toEqual(['192.0.2.1', '192.0.2.3']);
});

it('remembers about as many sources as it has places, of both IP versions', () => {
  const ledger = openLedger({ capacity: 1000 });
  const { udp } = story();
  const sources = Array.from({ length: 500 }, (_, at) =>
    at % 2 === 0 ? `198.51.${at >> 8}.${at & 0xff}` : `2001:db8::${at.toString(16)}`,
  );
  for (const src of sources) ledger.note(udp(0, 1, { src, ip_version: src.includes(':') ? 6 : 4 }));
  const known = sources.filter((src) => ledger.lines(src).length > 0);
  expect(known.length).toBeGreaterThan(450);
});

it('shows a reader in another thread whole entries only, while they change', async () => {
  const memory = ledgerMemory(2);
  // Size, arrivals and time are one number: an entry in which they differ is torn.
  const writer = new Worker(
    `const { workerData: memory } = require('node:worker_threads');
     const words = new Int32Array(memory), view = new DataView(memory), at = 16;
     new Uint8Array(memory).set([4, 0, 0, 0, 192, 0, 2, 1], at + 4);
     const octets = new Uint8Array(memory);
     for (let n = 1; Atomics.load(words, 3) === 0; n = (n % 60000) + 1) {
       Atomics.add(words, at / 4, 1);
       view.setUint16(at + 32, n, true);
       octets[at + 34] = 1;
       view.setUint32(at + 40, n, true);
       view.setFloat64(at + 48, n, true);
       Atomics.add(words, at / 4, 1);
     }`,
    { eval: true, workerData: memory },
  );
  const seen = new Set<number>();
  while (seen.size < 500) {
    for (const { size, arrived, lastAt } of readLedger(memory, '192.0.2.1')) {
      expect([arrived, lastAt]).toEqual([size, size]);
      seen.add(size);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  Atomics.store(new Int32Array(memory), 3, 1);
  await new Promise((resolve) => writer.once('exit', resolve));
});
