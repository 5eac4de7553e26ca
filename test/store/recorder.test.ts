/** The recorder: what it keeps, what it only counts, and what it says about both. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { recordInto } from '../../src/record/encode.ts';
import { makeRing, ringSink } from '../../src/record/ring.ts';
import type { Row } from '../../src/record/row.ts';
import { factsOfClass } from '../../src/record/row-class.ts';
import type { RowSink } from '../../src/record/sink.ts';
import { KEPT_ROWS, KEPT_ROWS_PROVEN } from '../../src/store/flood.ts';
import { readAllObservations } from '../../src/store/read.ts';
import { openRecorder, RECORDER_THREAD, type RecorderOptions } from '../../src/store/recorder.ts';
import { observation, RUN, SOURCE, START, story } from '../observe/rows.ts';
import { decodeRow } from '../support/decode-row.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-recorder-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(changes: Partial<RecorderOptions> = {}) {
  const clock = { at: START };
  const noted: Row[] = [];
  const troubles: Error[] = [];
  const recorder = openRecorder({
    directory,
    node: () => 'ns1',
    boot: 77,
    rotateOctets: 1e9,
    rotateAgeMs: 1e9,
    diskBudget: 0,
    seed: 4711,
    now: () => clock.at,
    onTrouble: (error) => troubles.push(error),
    onTrialRow: (octets, view, at) => noted.push(decodeRow(octets, view, at)),
    ...changes,
  });
  return { ...recorder, clock, noted, troubles };
}

function put(sink: RowSink, ...rows: readonly Observation[]): void {
  for (const row of rows) recordInto(row, sink);
  sink.commit();
}

const times = (count: number, changes: Partial<Observation>) =>
  Array.from({ length: count }, () => observation(changes));
const REFUSED = { action: 'refuse', rcode: 5 } as const;
const rowsOnDisk = async () => (await readAllObservations(directory)).rows;
const floodsOnDisk = async () =>
  (await rowsOnDisk())
    .filter(({ event }) => event === 'flood')
    .map(({ src, action, excluded, step, count, time, seq }) => ({
      src,
      action,
      excluded,
      step,
      count,
      time,
      seq,
    }));

it('keeps the rows of this thread and of rings, each with the number that its thread gave', async () => {
  const { sink, attach, close, counters } = open();
  const ring = makeRing(8);
  attach(ring);
  put(sink(0), observation(), observation());
  put(ringSink(ring, 2), observation());
  await close();
  expect((await rowsOnDisk()).map(({ seq, node, boot }) => [seq, node, boot])).toEqual([
    [0, 'ns1', 77],
    [1, 'ns1', 77],
    [2 * 2 ** 40, 'ns1', 77],
  ]);
  expect(counters()).toEqual({ written: 3, counted: 0, lost: { ring: 0, disk: 0, memory: 0, rate: 0 } });
});

it('takes rows out without being asked', async () => {
  const { sink, close, classes } = open();
  put(sink(0), observation());
  await expect.poll(() => [...classes()].length).toBe(1);
  await close();
});

it('hands over measured answers and receipts as they come, and no other row', async () => {
  const { sink, drain, noted, close } = open();
  const { gate, udp, receipt, other } = story();
  const sent = udp(0, 7);
  const returned = receipt(0.1, sent);
  put(sink(3), other(0), gate(0), sent, returned);
  drain();
  expect(noted).toEqual([sent, returned].map(({ node: _, boot: __, seq: ___, ...row }) => row));
  await close();
});

it('counts every row by its class, kept or not', async () => {
  const { sink, close, classes } = open();
  put(sink(0), ...times(500, REFUSED), ...times(2, { proto: 'tcp' }));
  await close();
  const counts = [...classes()].map(([number, count]) => [factsOfClass(number).rcode, count]);
  expect(counts).toEqual([
    [5, 500],
    [0, 2],
  ]);
});

describe('a flood', () => {
  it('is kept to so many rows of a network and second, and one row says how many were only counted', async () => {
    const { sink, drain, clock, close, counters } = open();
    const rows = sink(0);
    put(rows, ...times(400, REFUSED));
    put(
      rows,
      ...times(100, { ...REFUSED, src: '203.0.113.200' }),
      ...times(5, { ...REFUSED, src: '203.0.112.7' }),
    );
    drain();
    clock.at += 1000;
    put(rows, ...times(30, REFUSED));
    drain();
    clock.at += 1000;
    await close();
    const first = { src: '203.0.113.0', action: 'refuse', excluded: '', step: 'other' };
    expect(await floodsOnDisk()).toEqual([
      { ...first, count: 480, time: START, seq: RECORDER_THREAD * 2 ** 40 },
      { ...first, count: 10, time: START + 1000, seq: RECORDER_THREAD * 2 ** 40 + 1 },
    ]);
    const kept = (await rowsOnDisk()).filter(({ event }) => event === 'query');
    expect(kept).toHaveLength(KEPT_ROWS + 5 + KEPT_ROWS);
    expect(counters()).toMatchObject({ counted: 490, written: kept.length + 2 });
  });

  it('is one for each class: refused, cut short by our limits, gates and tests of keys for strangers', async () => {
    const { sink, clock, close } = open();
    const rows = sink(0);
    put(rows, ...times(21, REFUSED));
    put(rows, ...times(22, { action: 'tc', tc: true, excluded: 'budget' }));
    put(rows, ...times(24, { action: 'tc', tc: true, behavior: 'error-report', src: '198.51.100.9' }));
    put(rows, ...times(30, { behavior: 'error-report', proto: 'tcp', proof: 'tcp', src: '192.0.2.99' }));
    put(rows, ...times(23, { step: 'gate', size: 4096, src: '2001:db8:7:8::1', ip_version: 6, dst: '::1' }));
    put(rows, ...times(5, { behavior: 'live', run: RUN }), ...times(5, { behavior: 'sentinel', run: RUN }));
    put(
      rows,
      ...times(5, { behavior: 'telemetry' }),
      ...times(10, { behavior: 'replica', excluded: 'gate' }),
    );
    put(rows, ...times(6, { behavior: 'live', step: 'proof', signal: 'relayed', src: '198.18.0.1' }));
    put(rows, ...times(20, { behavior: 'live', step: 'proof', signal: 'replay', src: '198.18.0.2' }));
    clock.at += 1000;
    await close();
    expect((await floodsOnDisk()).map(({ src, action, step, count }) => [src, action, step, count])).toEqual([
      ['203.0.113.0', 'refuse', 'other', 1],
      ['203.0.113.0', 'tc', 'other', 2],
      ['198.51.100.0', 'tc', 'other', 4],
      ['2001:db8:7::', 'answer', 'gate', 3],
      ['203.0.113.0', 'answer', 'other', 5],
      ['198.18.0.0', 'answer', 'proof', 6],
    ]);
  });

  const { udp, tc, receipt } = story();
  it.each([
    ['measured answers', udp(0, 7)],
    ['measured answers over a budget', tc(0, { excluded: 'budget' })],
    ['receipts', receipt(0, udp(0, 7), { action: 'refuse' })],
    ['cookies that came back', observation({ ...REFUSED, cookie: 'valid', cookie_instance: 7 })],
    ['steps of the ladder', observation({ step: 'gate', proven: 512 })],
    ['answers that our limits held back', observation({ action: 'drop', excluded: 'budget', step: 'gate' })],
    ['names from answers that came back', observation({ behavior: 'live', step: 'proof', signal: 'own' })],
    ['tests of keys by proven sources', observation({ behavior: 'sentinel', proof: 'cookie' })],
    ['keys of zones that roll', observation({ phase: 'rolled', qtype: 48 })],
    ['gates of proven sources', observation({ step: 'gate', proof: 'cookie' })],
    ['plain answers', observation()],
  ])('never holds %s', async (_, row) => {
    const { sink, close, counters } = open();
    put(sink(0), ...Array.from({ length: 1500 }, () => row));
    await close();
    expect(counters()).toMatchObject({ counted: 0, written: 1500 });
  });

  it.each([
    { by: 'a cookie', proof: observation({ src: '203.0.113.9', proof: 'cookie' }) },
    {
      by: 'a client that comes back, where its resolver knows no cookies',
      proof: observation({ src: '203.0.113.9', behavior: 'live', step: 'proof', signal: 'own' }),
    },
  ])('is larger for a network that proves itself meanwhile by $by', async ({ proof }) => {
    const { sink, drain, clock, close } = open();
    const rows = sink(0);
    put(rows, proof);
    drain();
    clock.at += 59_000;
    put(rows, ...times(1500, { step: 'gate', size: 4096 }));
    drain();
    clock.at += 3000;
    put(rows, ...times(1500, { step: 'gate', size: 4096 }));
    await close();
    expect((await floodsOnDisk()).map(({ count }) => count)).toEqual([
      1500 - KEPT_ROWS_PROVEN,
      1500 - KEPT_ROWS,
    ]);
  });

  it('goes on when the clock is set back', async () => {
    const { sink, drain, clock, close } = open();
    const rows = sink(0);
    put(rows, ...times(21, REFUSED));
    drain();
    clock.at -= 3_600_000;
    put(rows, ...times(22, REFUSED));
    await close();
    expect((await floodsOnDisk()).map(({ count, time }) => [count, time])).toEqual([
      [2, START - 3_600_000],
      [1, START],
    ]);
  });

  it('from more networks than the table holds is kept, not mistaken for one', async () => {
    const { sink, drain, close, counters } = open();
    const rows = sink(0);
    for (let network = 0; network < 20_000; network++) {
      put(rows, observation({ ...REFUSED, src: `10.${network >> 8}.${network & 255}.1` }));
      if (network % 2000 === 0) drain();
    }
    await close();
    expect(counters()).toMatchObject({ written: 20_000, counted: 0 });
  });
});

describe('says how many rows were lost, and why', () => {
  const lostOnDisk = async () =>
    (await rowsOnDisk()).filter(({ event }) => event === 'lost').map(({ reason, count }) => [reason, count]);

  it('in the ring of a thread', async () => {
    const { attach, close, counters } = open();
    const ring = makeRing(8);
    attach(ring);
    put(ringSink(ring, 1), ...times(20, {}));
    await close();
    expect(counters().lost).toMatchObject({ ring: 12 });
    expect(await lostOnDisk()).toEqual([['ring', 12]]);
  });

  it('by a disk that refuses, once it takes rows again', async () => {
    const { sink, flush, close, counters } = open();
    const rows = sink(0);
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'not a directory');
    put(rows, ...times(3, {}));
    await flush();
    put(rows, ...times(4, {}));
    await flush();
    rmSync(directory);
    put(rows, observation());
    await flush();
    put(rows, observation());
    await close();
    expect(counters()).toMatchObject({ written: 2, lost: { disk: 7 } });
    expect(await lostOnDisk()).toEqual([['disk', 7]]);
  });

  it('in a memory that is full', async () => {
    const { sink, close, counters } = open({ bufferOctets: 32 + 256 });
    const rows = sink(0);
    put(rows, ...times(3, {}));
    await close();
    expect(counters().lost).toMatchObject({ memory: 3 });
    expect(await lostOnDisk()).toEqual([['memory', 3]]);
  });

  it('by the budget of the disk, in which what decides trials comes last', async () => {
    const { sink, drain, clock, close, counters } = open({ diskBudget: 256 * 100 });
    const rows = sink(0);
    put(rows, ...times(1000, {}));
    drain();
    // Two seconds of the budget, but for its last quarter.
    expect(counters().lost).toMatchObject({ rate: 850 });
    put(rows, ...Array.from({ length: 100 }, () => story().udp(0, 7)));
    drain();
    expect(counters().lost).toMatchObject({ rate: 900 });
    clock.at += 1000;
    put(rows, ...times(1000, {}));
    await close();
    expect(counters()).toMatchObject({ written: 250, lost: { rate: 1850 } });
    expect(await lostOnDisk()).toEqual([['rate', 1850]]);
  });
});

it('goes on with other rings when handling a row fails', async () => {
  const { sink, drain, troubles, close, counters } = open({
    onTrialRow: () => {
      throw new Error('a bug');
    },
  });
  put(sink(1), story().udp(0, 7));
  put(sink(2), observation({ src: SOURCE }));
  drain();
  await close();
  expect(troubles.map(({ message }) => message)).toEqual(['a bug']);
  expect(counters().written).toBe(1);
});
