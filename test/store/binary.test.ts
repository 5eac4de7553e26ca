/** Binary segments through DuckDB: every column says what the row says, and what is torn is skipped and counted. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { type PathEvent, recordPathEvent } from '../../src/record/path-event.ts';
import { encodeFlood, encodeLost } from '../../src/record/summary.ts';
import { BlockBuffer } from '../../src/store/block-buffer.ts';
import { readAllObservations } from '../../src/store/read.ts';
import { BLOCK, BLOCK_OCTETS, encodeHead, HEADER, HEADER_OCTETS } from '../../src/store/segment-format.ts';
import { observation, START } from '../observe/rows.ts';
import { facts } from '../record/facts.ts';
import { testFolder } from '../support/folder.ts';
import { hex } from '../support/hex.ts';
import { encodeQuestion } from '../support/responder.ts';
import { runOf, runOfRows, segmentOf } from '../support/rows.ts';

const folder = testFolder('binary');
let count = 0;

/** What is read of these octets in a segment of their own. */
async function read(octets: Uint8Array) {
  const directory = join(folder, String(count++));
  mkdirSync(directory);
  writeFileSync(join(directory, 'observations-ns1-1-1.rows'), octets);
  return readAllObservations(directory);
}

/** A row for each number, each in a block of its own. */
const rowsOf = (...seqs: number[]) =>
  seqs.map((seq) => observation({ seq, qname: `q${seq}.probe.example.` }));
const blocksOf = (rows: readonly Observation[]) =>
  rows.map((row) => Buffer.from(segmentOf([row])).subarray(HEADER_OCTETS));
const head = Buffer.from(segmentOf(rowsOf(1))).subarray(0, HEADER_OCTETS);

async function seqsOf(octets: Uint8Array) {
  const { rows, counters } = await read(octets);
  return { seqs: rows.map(({ seq }) => seq), torn: counters.torn };
}

it('gives back every fact, of any thread', async () => {
  const some = fc.sample(facts, 3000);
  const rows = some.map(
    (each, at): Observation => ({ ...observation(), ...each, seq: (at % 3) * 2 ** 40 + at }),
  );
  const { rows: found, counters } = await read(segmentOf(rows));
  expect(counters).toEqual({ rows: rows.length, duplicates: 0, torn: 0 });
  const bySeq = (list: readonly Observation[]) => list.toSorted((a, b) => a.seq - b.seq);
  expect(bySeq(found)).toEqual(bySeq(rows));
});

it('has the name of the node, whatever it is', async () => {
  const rows = [observation({ node: "o'brien.\u00fc" })];
  expect((await read(segmentOf(rows))).rows).toEqual(rows);
});

it('tells events apart', async () => {
  const event: PathEvent = {
    time: START,
    local: { octets: hex('c0000201') },
    family: 4,
    source: hex('cb007107'),
    sourcePort: 40_000,
    icmpType: 3,
    icmpCode: 4,
    icmpMtu: 1280,
    offender: hex('20010db8 00000000 00000000 00000001'),
    offenderFamily: 6,
    quoted: encodeQuestion({ name: 's4096.probe.test', id: 4711 }),
  };
  const buffer = new BlockBuffer(() => 0);
  const path = runOf((sink) => recordPathEvent(event, sink));
  buffer.append(1, path.octets, path.from, path.slots, 1);
  const { octets, from } = runOfRows([observation({ action: 'refuse', rcode: 5, src: '203.0.113.77' })]);
  buffer.append(255, encodeFlood(octets.subarray(from), 7000, START + 1000, 0), 0, 1, 1);
  buffer.append(255, encodeLost('disk', 12, START + 2000, 1), 0, 1, 1);
  const found = await read(Buffer.concat([head, ...buffer.take().parts]));
  const plain = { qname: '', zone: '', edns_version: -1, ede: -1, run: '', receipt: null };
  expect(found.rows).toMatchObject([
    {
      event: 'path',
      src: '203.0.113.7',
      src_port: 40_000,
      dst: '192.0.2.1',
      id: 4711,
      qname: 's4096.probe.test.',
      qtype: 16,
      count: 1,
      icmp_type: 3,
      icmp_code: 4,
      icmp_mtu: 1280,
      icmp_from: '2001:db8::1',
      receipt: null,
    },
    {
      ...plain,
      event: 'flood',
      src: '203.0.113.0',
      dst: '192.0.2.1',
      count: 7000,
      action: 'refuse',
      rcode: 5,
    },
    { ...plain, event: 'lost', time: START + 2000, count: 12, reason: 'disk', icmp_type: null },
  ]);
});

it('skips a block in which one octet is wrong, and no other', async () => {
  const blocks = blocksOf(rowsOf(1, 2, 3));
  for (const at of [
    BLOCK.octets,
    BLOCK.rows,
    BLOCK.thread,
    BLOCK.checksum,
    BLOCK_OCTETS,
    BLOCK_OCTETS + 255,
  ]) {
    const wrong = Buffer.from(blocks[1]!);
    wrong[at]! ^= 1;
    expect(await seqsOf(Buffer.concat([head, blocks[0]!, wrong, blocks[2]!]))).toEqual({
      seqs: [1, 3],
      torn: 1,
    });
  }
});

it('skips an end that was cut off anywhere', async () => {
  const [first, second] = blocksOf(rowsOf(1, 2)) as [Buffer, Buffer];
  for (const length of [1, BLOCK_OCTETS - 1, BLOCK_OCTETS, BLOCK_OCTETS + 1, second.length - 1])
    expect(await seqsOf(Buffer.concat([head, first, second.subarray(0, length)]))).toEqual({
      seqs: [1],
      torn: 1,
    });
});

it('finds the next block behind megabytes of nothing, and asks for no memory that a torn length names', async () => {
  const [first, second] = blocksOf(rowsOf(1, 2)) as [Buffer, Buffer];
  const huge = Buffer.from(first);
  huge.writeUInt32LE(0xffff_ff00, BLOCK.octets);
  const octets = Buffer.concat([head, first, Buffer.alloc(20_000_000), second, huge, second]);
  const { rows, counters } = await read(octets);
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(counters).toMatchObject({ torn: 2, duplicates: 1 });
});

it('has no rows where nobody can tell who wrote them, or how', async () => {
  const [block] = blocksOf(rowsOf(1)) as [Buffer];
  for (const at of [HEADER.magic, HEADER.version, HEADER.boot, HEADER.node]) {
    const wrong = Buffer.from(head);
    wrong[at]! ^= 1;
    expect(await seqsOf(Buffer.concat([wrong, block]))).toEqual({ seqs: [], torn: 1 });
  }
  expect(await seqsOf(head.subarray(0, 100))).toEqual({ seqs: [], torn: 1 });
  expect(await seqsOf(Buffer.alloc(0))).toEqual({ seqs: [], torn: 0 });
  const other = { ...rowsOf(1)[0]!, boot: 5 };
  expect(
    Buffer.from(segmentOf([other])).compare(
      encodeHead({ node: 'ns1', boot: 5, openedAt: 0 }),
      0,
      256,
      0,
      256,
    ),
  ).toBe(0);
});

it('reads blocks larger than its window', async () => {
  const { octets, from, slots } = runOfRows(rowsOf(...Array.from({ length: 2000 }, (_, at) => at)));
  const buffer = new BlockBuffer(() => 0);
  const many = Buffer.concat(Array.from({ length: 15 }, () => octets.subarray(from, from + slots * 256)));
  buffer.append(0, many, 0, 15 * slots, 15 * 2000);
  const { counters } = await read(Buffer.concat([head, ...buffer.take().parts]));
  expect(counters).toEqual({ rows: 2000, duplicates: 28_000, torn: 0 });
});
