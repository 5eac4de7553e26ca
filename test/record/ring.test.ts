/** The ring: rows come out whole, once and in order, whatever dies in between. */
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIELD, KIND } from '../../src/record/layout.ts';
import { makeRing, type RingReader, ringReader, ringSink } from '../../src/record/ring.ts';
import { type RowSink, SLOT_OCTETS } from '../../src/record/sink.ts';

/** Writes a row that is filled with its own number. */
function put(sink: RowSink, slots: 1 | 2): boolean {
  const at = sink.reserve(slots);
  if (at < 0) return false;
  sink.octets.fill(sink.seq & 0xff, at, at + slots * SLOT_OCTETS);
  sink.octets[at + FIELD.kind] = KIND.query;
  sink.octets[at + FIELD.slots] = slots;
  sink.view.setUint32(at + FIELD.seqLow, sink.seq, true);
  return true;
}

/** Numbers of all rows that wait; throws where one is not whole. */
function taken(reader: RingReader): number[] {
  const seqs: number[] = [];
  reader.take((octets, view, at, slots) => {
    const end = at + slots * SLOT_OCTETS;
    while (at < end) {
      const size = octets[at + FIELD.slots]! * SLOT_OCTETS;
      if (octets[at + FIELD.kind] !== KIND.filler) {
        const seq = view.getUint32(at + FIELD.seqLow, true);
        expect(at + size).toBeLessThanOrEqual(end);
        expect(octets.subarray(at + FIELD.id, at + size).every((octet) => octet === (seq & 0xff))).toBe(true);
        seqs.push(seq);
      }
      at += size;
    }
  });
  return seqs;
}

it('hands over rows of one and two slots whole and in order, and counts what found no room', () => {
  const step = fc.oneof(fc.constantFrom<1 | 2>(1, 2), fc.constantFrom('commit', 'take'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const memory = makeRing(8);
      const [sink, reader] = [ringSink(memory, 3), ringReader(memory)];
      const [kept, got]: [number[], number[]] = [[], []];
      let dropped = 0;
      for (const each of steps) {
        if (each === 'commit') sink.commit();
        else if (each === 'take') got.push(...taken(reader));
        else if (put(sink, each as 1 | 2)) kept.push(sink.seq);
        else dropped += 1;
      }
      sink.commit();
      got.push(...taken(reader));
      expect(got).toEqual(kept);
      expect(reader.dropped()).toBe(dropped);
      expect(sink.seq + 1).toBe(kept.length + dropped);
    }),
  );
});

it('shows nothing before it is committed', () => {
  const memory = makeRing(8);
  const [sink, reader] = [ringSink(memory, 3), ringReader(memory)];
  put(sink, 1);
  expect(taken(reader)).toEqual([]);
  sink.commit();
  expect(taken(reader)).toEqual([0]);
  expect(taken(reader)).toEqual([]);
});

it('goes on after a writer that died in the middle of a row, without giving a number twice', () => {
  const memory = makeRing(8);
  const reader = ringReader(memory);
  const first = ringSink(memory, 3);
  put(first, 2);
  first.commit();
  put(first, 1);
  first.reserve(2);
  const second = ringSink(memory, 3);
  put(second, 1);
  second.commit();
  expect(taken(reader)).toEqual([0, 1]);
});

it('goes on when its counters have come round', () => {
  const memory = makeRing(8);
  const words = new Uint32Array(memory, 0, 32);
  for (const word of [0, 16]) words[word] = 2 ** 32 - 5;
  words[3] = 2 ** 32 - 1;
  const reader = ringReader(memory);
  const sink = ringSink(memory, 3);
  const got: number[] = [];
  for (let count = 0; count < 20; count++) {
    put(sink, count % 2 === 0 ? 1 : 2);
    sink.commit();
    got.push(...taken(reader));
  }
  expect(got).toEqual(Array.from({ length: 20 }, (_, at) => at));
  for (let count = 0; count < 10; count++) put(sink, 1);
  expect(reader.dropped()).toBe(2);
});

it('numbers rows beyond 2^32', () => {
  const memory = makeRing(8);
  new Uint32Array(memory)[1] = 2 ** 32 - 1;
  const sink = ringSink(memory, 3);
  put(sink, 1);
  put(sink, 1);
  expect(sink.seq).toBe(2 ** 32);
  sink.commit();
  expect(ringSink(memory, 3).seq).toBe(2 ** 32);
});

it('knows its thread once that has begun', () => {
  const memory = makeRing(8);
  const reader = ringReader(memory);
  expect(reader.thread).toBe(0);
  ringSink(memory, 3);
  expect(reader.thread).toBe(3);
});

it('frees what a broken reader was handed, instead of handing it over for ever', () => {
  const memory = makeRing(8);
  const [sink, reader] = [ringSink(memory, 3), ringReader(memory)];
  put(sink, 1);
  sink.commit();
  expect(() =>
    reader.take(() => {
      throw new Error('a bug');
    }),
  ).toThrow('a bug');
  expect(taken(reader)).toEqual([]);
});

/** The writing end again, in plain JavaScript: a worker cannot load TypeScript. Only the order of its stores matters here. */
const WRITER = `
  const { workerData: { memory, rows } } = require('node:worker_threads');
  const words = new Int32Array(memory, 0, 64);
  const octets = new Uint8Array(memory, 256);
  const view = new DataView(memory, 256);
  const slots = octets.length / 256;
  for (let seq = 0; seq < rows; ) {
    if (seq - Atomics.load(words, 16) >= slots) continue;
    const at = (seq & (slots - 1)) * 256;
    octets.fill(seq & 0xff, at, at + 256);
    octets[at] = 1;
    octets[at + 1] = 1;
    view.setUint32(at + 4, seq, true);
    Atomics.store(words, 0, ++seq);
  }`;

it('passes rows between threads', async () => {
  const memory = makeRing(64);
  const reader = ringReader(memory);
  const rows = 10_000;
  const worker = new Worker(WRITER, { eval: true, workerData: { memory, rows } });
  const got: number[] = [];
  while (got.length < rows) {
    got.push(...taken(reader));
    await new Promise(setImmediate);
  }
  await worker.terminate();
  expect(got).toEqual(Array.from({ length: rows }, (_, at) => at));
});
