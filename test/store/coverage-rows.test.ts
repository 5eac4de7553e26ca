/** A report of one source reads a part of the rows; what they leave open must be the same as of all. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { readObservations, TRIAL_ROWS, trialRowsOf } from '../../src/store/read.ts';
import { NEIGHBOR, SOURCE, START, story } from '../observe/rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-coverage-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const HOUR = 3600;
const MUCH_LATER = START + 10 * 24 * HOUR * 1000;
const { gate, udp, lost } = story();
const rd = { rd: true };
const mate = { ...rd, src: NEIGHBOR };
const failure = [gate(0), udp(0.1, 1), udp(0.9, 2)];

/** What others did elsewhere, half an hour apart. */
function others(count: number, changes: Partial<Observation>): Observation[] {
  const told = story({ run: 'eeeeeeeeeeee' });
  return Array.from({ length: count }, (_, n) => told.gate(-n * 1000, { src: `192.0.2.${n}`, ...changes }));
}

function receiptsOfOther(count: number): Observation[] {
  return Array.from({ length: count }, (_, n) => {
    const told = story({ run: 'dddddddddddd' });
    const row = told.receipt(-n * 1000, told.udp(-n * 1000 - 1, 77 + n), { src: '192.0.2.201' });
    return { ...row, receipt: row.receipt && { ...row.receipt, node: 2 } };
  });
}

/** A forwarder that is known as such by another run. */
function forwarded(): Observation[] {
  const told = story({ run: 'cccccccccccc' });
  const sent = told.udp(-HOUR, 99, mate);
  return [sent, told.receipt(-HOUR + 1, sent, mate)];
}

async function rulesBy(where: string): Promise<{ rules: (string | undefined)[]; rows: number }> {
  return readObservations(directory, {}, async ({ batches, reach }) => {
    const rows: Observation[] = [];
    for await (const batch of batches(where)) rows.push(...batch);
    const { verdicts } = buildReport(rows, MUCH_LATER, { source: SOURCE, reach });
    return { rules: verdicts.map(({ rule }) => rule), rows: rows.length };
  });
}

it.each([
  { what: 'nothing is missing', rows: failure, rule: 'loss-retries' },
  { what: 'rows were lost', rows: [...failure, lost(30)], rule: 'rows-lost' },
  {
    what: 'another node served the zone, and its records end before',
    rows: [...failure, ...others(40, { node: 'ns2' })],
    rule: 'too-early',
  },
  {
    what: 'another node served another zone',
    rows: [...failure, ...others(40, { node: 'ns2', zone: 'other.example.' })],
    rule: 'loss-retries',
  },
  {
    what: 'the rows of a node are not here',
    rows: [...failure, ...receiptsOfOther(40)],
    rule: 'node-unread',
  },
  {
    what: 'another node served a zone beside it, and its records end before',
    rows: [
      ...failure,
      ...others(40, { node: 'ns2', zone: 'v4.probe.example.' }),
      ...others(1, { zone: 'v4.probe.example.' }),
    ],
    rule: 'too-early',
  },
  {
    what: 'another node alone served zones beside one that it shares with the node of the run',
    rows: [
      ...failure,
      ...others(1, { node: 'ns2', time: START - 9 * 24 * HOUR * 1000 }),
      ...others(20, { node: 'ns2', zone: 'v4.probe.example.' }),
    ],
    rule: 'too-early',
  },
  {
    what: 'the rows of a node are not here, which only a receipt in a zone beside it tells',
    rows: [...failure, ...receiptsOfOther(40).map((row) => ({ ...row, zone: 'v4.probe.example.' }))],
    rule: 'node-unread',
  },
  {
    what: 'a mate of the run is a forwarder',
    rows: [gate(0, rd), udp(0.1, 1, mate), udp(2, 2, mate), ...forwarded()],
    rule: 'loss-retries',
  },
  {
    what: 'a mate of the run is none',
    rows: [gate(0, rd), udp(0.1, 1, mate), udp(2, 2, mate)],
    rule: 'asked-straight',
  },
])('$what: $rule', async ({ rows, rule }) => {
  const reached = story({ run: '' }).other(100, {});
  const lines = [...rows, reached].map((row, seq) => JSON.stringify({ ...row, seq }));
  writeFileSync(join(directory, 'observations-moved.ndjson'), `${lines.join('\n')}\n`);
  const [all, own] = [await rulesBy(TRIAL_ROWS), await rulesBy(trialRowsOf(SOURCE))];
  expect(all.rules).toEqual([rule]);
  expect(own.rules).toEqual([rule]);
  // A sample tells as much as all of them.
  expect(own.rows).toBeLessThan(30);
});
