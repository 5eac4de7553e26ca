/** Rows for findings of keys: what is needed is read, as much as there is room for, and strangers push out nobody who is proven. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findKeys, type KeyFindings } from '../../src/observe/key-findings.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { KEY_ROLL_ROWS, KEY_ROW_LIMITS, pickKeyRows } from '../../src/store/key-roll-rows.ts';
import { readObservations } from '../../src/store/read.ts';
import { AFTER, bindFollows, MANNERS, rolling, unboundFollows, ZONE } from '../observe/key-roll/rolls.ts';
import { arriving, trialing } from '../observe/replicas.ts';
import { NEIGHBOR, OTHER, observation, SOURCE, START, STRANGER } from '../observe/rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-key-rows-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const room = (rows: number) =>
  Object.fromEntries(Object.keys(KEY_ROW_LIMITS.unproven).map((finding) => [finding, rows])) as Record<
    keyof typeof KEY_ROW_LIMITS.unproven,
    number
  >;

interface Picked {
  readonly rows: readonly Observation[];
  readonly leftOut: { readonly rows: number; readonly sources: number };
}

async function pick(
  all: readonly Observation[],
  { source, ...limits }: Partial<typeof KEY_ROW_LIMITS> & { source?: string } = {},
): Promise<Picked> {
  const lines = all.map((row, seq) => JSON.stringify({ ...row, seq }));
  writeFileSync(join(directory, 'observations-moved.ndjson'), `${lines.join('\n')}\n`);
  return readObservations(directory, {}, async ({ connection, batches }) => {
    const { where, leftOut } = await pickKeyRows(connection, source, { ...KEY_ROW_LIMITS, ...limits });
    const rows: Observation[] = [];
    for await (const batch of batches(where)) rows.push(...batch);
    return { rows, leftOut };
  });
}

const runOf = (n: number) => n.toString(16).padStart(12, '0');
const addressOf = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
const times = (count: number, make: (n: number) => Observation) =>
  Array.from({ length: count }, (_, n) => make(n));

const live = (run: string, changes: Partial<Observation> = {}) =>
  observation({ behavior: 'live', run, qtype: 1, qname: `live-n${run}.probe.example.`, ...changes });
const FAULT = { excluded: 'fault', zone: 'bogus.probe.example.' } as const;
const sentinel = (run: string, kind: 'is' | 'not', changes: Partial<Observation> = {}) =>
  observation({
    ...{ behavior: 'sentinel', run, qtype: 1 },
    qname: `root-key-sentinel-${kind}-ta-38696.n${run}.probe.example.`,
    ...changes,
  });
/** A run of a resolver that sends no cookies: not-ta and live come back. */
const sentinelRun = (run: string, src: string): Observation[] => [
  sentinel(run, 'is', { src }),
  sentinel(run, 'not', { src, time: START + 100 }),
  sentinel(run, 'not', { src, time: START + 200, step: 'proof', signal: 'own' }),
  live(run, { src, time: START + 300, ...FAULT }),
  live(run, { src, time: START + 400 }),
  live(run, { src, time: START + 500, step: 'proof', signal: 'own' }),
];
const report = (src: string, name: string, changes: Partial<Observation> = {}) =>
  observation({
    ...{ src, behavior: 'error-report', zone: 'er.probe.example.', qtype: 16 },
    qname: `_er.1.${name}9._er.er.probe.example.`,
    ...changes,
  });

/** What strangers ask in the names of as many addresses. */
const FORGED: readonly { what: string; row: (n: number) => Partial<Observation> }[] = [
  { what: 'keys of a zone that rolls', row: () => ({ phase: 'rolled', zone: ZONE, qname: ZONE, qtype: 48 }) },
  { what: 'signals', row: () => ({ phase: 'rolled', zone: ZONE, behavior: 'telemetry', signal: 'old' }) },
  { what: 'sentinels', row: (n) => sentinel(runOf(n + 100), 'is') },
  { what: 'error reports', row: (n) => report('', `a${n}.probe.example.`) },
];

/** One of each finding. */
const ORDINARY: readonly Observation[] = [
  ...unboundFollows(true),
  ...sentinelRun(runOf(1), STRANGER),
  ...arriving(undefined, 0, { src: NEIGHBOR }),
  report(OTHER, 'www.broken.probe.example.', { proto: 'tcp' }),
  observation({ src: STRANGER, behavior: 'broken', qname: 'www.broken.probe.example.', qtype: 1, ...FAULT }),
];

/** Without what depends on how often. */
const said = (rows: readonly Observation[]): KeyFindings => findKeys(rows, AFTER);

describe('what is needed', () => {
  it('says the same as all rows', async () => {
    const numbered = ORDINARY.map((row, seq) => ({ ...row, seq }));
    const { rows, leftOut } = await pick(ORDINARY);
    expect(said(rows)).toEqual(said(numbered));
    const { keyRolls, sentinels, replicas, errorReports } = said(rows);
    expect(keyRolls).toMatchObject([{ source: SOURCE, class: 'FOLLOWS' }]);
    expect(sentinels).toMatchObject([{ proven: [STRANGER], class: 'Vold' }]);
    expect(replicas).toMatchObject([{ source: NEIGHBOR, class: 'ARRIVES' }]);
    expect(errorReports).toMatchObject([{ source: OTHER, zone: 'bogus.probe.example.' }]);
    expect(leftOut).toEqual({ rows: 0, sources: 0 });
  });

  it('is read by the condition alone as well, where nobody counts', async () => {
    const { rows } = await pick(ORDINARY);
    const alone = await readObservations(directory, {}, async ({ batches }) => {
      const found: Observation[] = [];
      for await (const batch of batches(KEY_ROLL_ROWS)) found.push(...batch);
      return found;
    });
    expect(alone).toEqual(rows);
  });

  it.each([
    { what: 'live of runs without sentinels', row: (n: number) => live(runOf(n)) },
    { what: 'bogus answers of who takes part in no roll', row: (n: number) => live(runOf(n), FAULT) },
    { what: 'key tags of a zone that does not roll', row: () => observation({ behavior: 'telemetry' }) },
    {
      what: 'keys that were not sent whole to a stranger',
      row: () => trialing().tc(0, { proof: 'none', excluded: 'gate' }),
    },
    { what: 'broken zones that nobody reports', row: () => observation({ behavior: 'broken' }) },
    { what: 'sentinels asked with dig', row: (n: number) => sentinel(runOf(n), 'is', { rd: true }) },
  ])('leaves $what alone, and counts none of it', async ({ row }) => {
    const strangers = times(50, (n) => ({ ...row(n), src: addressOf(n) }));
    expect(await pick(strangers)).toEqual({ rows: [], leftOut: { rows: 0, sources: 0 } });
  });

  it('takes bogus answers of who takes part in a roll, and of each hour', async () => {
    const told = rolling();
    const controls = times(400, (n) => told.bogus(n * 60, { run: runOf(n) }));
    const { rows } = await pick([told.fetch(0), ...controls]);
    expect(rows).toHaveLength(401);
  });
});

describe('a flood of addresses', () => {
  it.each(FORGED)('of $what pushes out nobody who is proven', async ({ row }) => {
    const forged = times(300, (n) => observation({ ...row(n), src: addressOf(n), time: START + 60_000 }));
    const { rows, leftOut } = await pick([...forged, ...ORDINARY], { unproven: room(20) });
    const ordinary = new Set(ORDINARY.map(({ src }) => src));
    const own = (found: KeyFindings) => ({
      keyRolls: found.keyRolls.filter(({ source }) => ordinary.has(source)).map((each) => each.class),
      sentinels: found.sentinels.filter(({ proven }) => proven.length > 0).map((each) => each.class),
      replicas: found.replicas.map((each) => each.class),
      errorReports: found.errorReports.filter(({ source }) => ordinary.has(source)).map((each) => each.zone),
    });
    expect(own(said(rows))).toEqual(own(said(ORDINARY)));
    expect(rows.length).toBeLessThan(ORDINARY.length + 25);
    expect(leftOut.rows).toBeGreaterThanOrEqual(280);
    expect(leftOut.sources).toBeGreaterThanOrEqual(280);
  });

  it('leaves those that were seen for longer: a resolver at work, though it sends no cookie and no client came back', async () => {
    const forged = times(300, (n) => rolling(MANNERS.powerdns).fetch(30 + n / 100, { src: addressOf(n) }));
    const atWork = unboundFollows();
    const { rows, leftOut } = await pick([...forged, ...atWork], { unproven: room(atWork.length + 10) });
    expect(rows.filter(({ src }) => src === SOURCE)).toHaveLength(atWork.length);
    expect(rows).toHaveLength(atWork.length + 10);
    expect(leftOut).toEqual({ rows: 290, sources: 290 });
  });

  it.each([
    { of: 'run of sentinels', unit: sentinelRun(runOf(1), SOURCE), row: () => sentinel(runOf(1), 'not') },
    { of: 'trial', unit: arriving(), row: () => trialing().live(0, { proof: 'none' }) },
  ])('in one $of leaves the rows that are proven', async ({ unit, row }) => {
    const forged = times(300, (n) => ({ ...row(), src: addressOf(n), time: START - 1000 }));
    const { rows, leftOut } = await pick([...forged, ...unit], { ofUnit: 20 });
    expect(rows).toHaveLength(20);
    expect(rows.filter(({ src, step }) => src === SOURCE && step === 'proof').length).toBeGreaterThan(0);
    expect(leftOut.rows).toBe(280 + unit.length);
  });
});

it('does not let rows in the name of a source push out those that are its own', async () => {
  const own = bindFollows();
  const forged = [-1, 1].flatMap((side) =>
    times(200, (n) => {
      const told = rolling({ ...MANNERS.bind, cookie: 'none' });
      const { phase } = own[0]!;
      return told.fetch(0, { phase, time: START + side * 10_000 + n });
    }),
  );
  const { rows } = await pick([...forged, ...own]);
  expect(rows.filter(({ cookie }) => cookie === 'valid')).toHaveLength(own.length);
});

it('gives proven sources equal shares: who has a network of them takes no more than its own', async () => {
  const proof = { proto: 'tcp', proof: 'tcp', ip_version: 6 } as const;
  const crowd = times(300, (n) => sentinel(runOf(n + 100), 'is', { ...proof, src: `2001:db8:7::${n + 1}` }));
  const run = sentinelRun(runOf(1), STRANGER);
  const { rows, leftOut } = await pick([...crowd, ...run], { proven: 106, share: 50 });
  expect(rows.filter(({ src }) => src === STRANGER)).toHaveLength(run.length);
  expect(rows).toHaveLength(106);
  expect(leftOut).toEqual({ rows: 200, sources: 200 });
});

it('leaves out last what the source that is asked about took part in', async () => {
  const strangers = times(300, (n) => rolling().fetch(30 + n / 100, { src: addressOf(n) }));
  const proven = times(300, (n) => rolling(MANNERS.bind).fetch(30 + n / 100, { src: addressOf(1000 + n) }));
  for (const source of [addressOf(7), addressOf(1007)]) {
    const { rows } = await pick([...strangers, ...proven], { source, unproven: room(1), proven: 1 });
    expect(rows.map(({ src }) => src)).toContain(source);
    expect(rows).toHaveLength(2);
  }
});
