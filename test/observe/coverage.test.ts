/** What the records of the servers of a zone leave open. */
import { describe, expect, it } from 'vitest';
import { indexReach } from '../../src/observe/coverage.ts';
import type { Fleet } from '../../src/observe/fleet.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { groupTrials, type Trial } from '../../src/observe/trial.ts';
import { RUN, SOURCE, START, story } from './rows.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const MUCH_LATER = START + 10 * DAY * 1000;

const { gate, udp, lost } = story();
/** A failure, but for what else the records say. */
const failure = [gate(0), udp(0.1, 1), udp(0.9, 2)];

/** Somebody else's trial at the other node, by when it was. */
function elsewhere(at: number, changes: Partial<Observation> = {}): Observation {
  return story({ run: 'eeeeeeeeeeee' }).gate(at, { node: 'ns2', src: '192.0.2.200', ...changes });
}

/** Somebody else's arrival: the receipt that this node was asked for, of an answer that the other one sent. */
function receiptOfOther(at: number, node = 2): Observation {
  const told = story({ run: 'dddddddddddd' });
  const row = told.receipt(at, told.udp(at - 0.1, 77), { src: '192.0.2.201' });
  return { ...row, receipt: row.receipt && { ...row.receipt, node } };
}

function renumbered(rows: readonly Observation[]): Observation[] {
  return rows.map((row, seq) => ({ ...row, seq }));
}

function trialOf(...rows: readonly Observation[]): Trial | undefined {
  return groupTrials(renumbered(rows)).find(({ run }) => run === RUN);
}

function ruleOf(rows: readonly Observation[], reach?: ReadonlyMap<string, number>): string | undefined {
  const { verdicts } = buildReport(renumbered(rows), MUCH_LATER, reach && { reach });
  return verdicts.find(({ run }) => run === RUN)?.rule;
}

it('is loss-retries while nothing is missing', () => {
  expect(ruleOf(failure)).toBe('loss-retries');
});

describe('nodes that served the zone', () => {
  it.each([
    { when: 'an hour before', row: elsewhere(-HOUR), nodes: ['ns2'] },
    { when: 'meanwhile', row: elsewhere(30), nodes: ['ns2'] },
    { when: 'more than a day before', row: elsewhere(-DAY - 1), nodes: [] },
    { when: 'only later', row: elsewhere(62), nodes: [] },
    { when: 'another zone', row: elsewhere(-HOUR, { zone: 'other.example.' }), nodes: [] },
    { when: 'at the node itself', row: elsewhere(-HOUR, { node: 'ns1' }), nodes: [] },
  ])('$when: $nodes', ({ row, nodes }) => {
    expect(trialOf(...failure, row)?.nodes).toEqual(nodes);
  });

  it('serve the zones beside it as well, which a node of this trial serves', () => {
    const beside = { zone: 'v4.probe.example.' };
    const other = elsewhere(-HOUR, beside);
    expect(trialOf(...failure, other, elsewhere(-9 * DAY, { ...beside, node: 'ns1' }))?.nodes).toEqual([
      'ns2',
    ]);
    expect(trialOf(...failure, other, elsewhere(-9 * DAY, { ...beside, node: 'ns3' }))?.nodes).toEqual([]);
  });

  it('keep silence from counting once their records end before', () => {
    const row = elsewhere(-2 * HOUR);
    const reach = (until: number, boot = row.boot) => new Map([[`ns2|${boot}`, START + until * 1000]]);
    expect(ruleOf([...failure, row], reach(-HOUR))).toBe('too-early');
    expect(ruleOf([...failure, row], reach(60.9))).toBe('loss-retries');
    // It was started anew, and nobody asked it since.
    expect(ruleOf([...failure, row], new Map([...reach(-HOUR), ...reach(HOUR, 5)]))).toBe('loss-retries');
  });
});

it('knows how far the records of a trial reach', () => {
  const reach = new Map([
    ['ns1|1', 10],
    ['ns1|2', 50],
    ['ns2|1', 20],
    ['ns2|2', 40],
  ]);
  const untilOf = indexReach(reach, 100);
  expect(untilOf({ processes: ['ns1|1'], nodes: [] })).toBe(10);
  expect(untilOf({ processes: ['ns1|2'], nodes: ['ns2'] })).toBe(40);
  expect(untilOf({ processes: ['ns3|1'], nodes: ['ns4'] })).toBe(100);
});

describe('lost rows', () => {
  it.each([
    { when: 'meanwhile', rows: [lost(0.5)], rule: 'rows-lost' },
    { when: 'in the minute after', rows: [lost(60)], rule: 'rows-lost' },
    { when: 'before', rows: [lost(-1)], rule: 'loss-retries' },
    { when: 'long after', rows: [lost(67)], rule: 'loss-retries' },
    { when: 'at a node of the zone', rows: [elsewhere(-HOUR), lost(30, { node: 'ns2' })], rule: 'rows-lost' },
    { when: 'at a node of other zones', rows: [lost(30, { node: 'ns2' })], rule: 'loss-retries' },
  ])('$when: $rule', ({ rows, rule }) => {
    expect(ruleOf([...failure, ...rows])).toBe(rule);
  });

  it('take nothing from what arrived', () => {
    const told = story();
    const sent = told.udp(0.1, 1);
    expect(ruleOf([told.gate(0), sent, told.receipt(0.2, sent), lost(0.3)])).toBe('udp-fragments');
  });
});

describe('receipts of a node whose rows are not read', () => {
  const other = story({ run: 'cccccccccccc' });
  const known = other.udp(-HOUR, 88, { src: '192.0.2.202' });
  const matched = other.receipt(-HOUR + 1, known);

  it.each([
    { when: 'within a day', rows: [receiptOfOther(-HOUR)], rule: 'node-unread' },
    { when: 'within a day after', rows: [receiptOfOther(HOUR)], rule: 'node-unread' },
    { when: 'more than a day before', rows: [receiptOfOther(-DAY - 1)], rule: 'loss-retries' },
    {
      when: 'of a node whose other answers are read',
      rows: [known, matched, receiptOfOther(-HOUR, 1)],
      rule: 'loss-retries',
    },
    {
      when: 'beside those of a node that is read',
      rows: [known, matched, receiptOfOther(-HOUR)],
      rule: 'node-unread',
    },
  ])('$when: $rule', ({ rows, rule }) => {
    expect(ruleOf([...failure, ...rows])).toBe(rule);
  });

  it('share the secret, and so all zones', () => {
    const other = { ...receiptOfOther(-HOUR), zone: 'v4.probe.example.' };
    expect(ruleOf([...failure, other])).toBe('node-unread');
  });

  it('keep silence from counting as a loss', () => {
    const rows = renumbered([...failure, receiptOfOther(-HOUR)]);
    const { sources } = buildReport(rows, MUCH_LATER);
    const row = sources.find(({ source }) => source === SOURCE)?.rows[0];
    expect(row).toMatchObject({ tried: 0, first_lost: 0, failed: 0 });
  });
});

describe('name servers of the settings whose rows are not read', () => {
  const fleet = (unread: number): Fleet => ({ configured: 2, unread, nodes: ['ns1'] });
  const verdictOf = (rows: readonly Observation[], unread: number) =>
    buildReport(renumbered(rows), MUCH_LATER, { fleet: fleet(unread) }).verdicts[0];

  it.each([
    { what: 'asked twice', rows: failure, rule: 'loss-retries' },
    { what: 'silent', rows: failure.slice(0, 2), rule: 'silent' },
    { what: 'TC=1, and asked again', rows: [gate(0), story().tc(0.1), story().tc(0.9)], rule: 'tc-no-tcp' },
  ])('keep silence from deciding: $what', ({ rows, rule }) => {
    expect(verdictOf(rows, 0)?.rule).toBe(rule);
    expect(verdictOf(rows, 1)).toMatchObject({
      rule: 'node-unread',
      sentence:
        'The rows of 1 of 2 name servers are not here, and a sign of arrival may be among them: read those too.',
      first_lost: false,
    });
  });

  it('may have been asked for what the opening led to', () => {
    expect(verdictOf([gate(0)], 0)?.sentence).toMatch(
      /^It asked .*: not a resolver, or even that answer was lost\.$/,
    );
    expect(verdictOf([gate(0)], 1)).toMatchObject({
      rule: 'gate-only',
      sentence:
        'It asked the opening name, and did not follow the small answer here; the rows of 1 of 2 name servers are not here: read those too.',
    });
  });

  it('take nothing from what arrived', () => {
    const told = story();
    const sent = told.udp(0.1, 1);
    expect(verdictOf([told.gate(0), sent, told.receipt(0.2, sent)], 1)?.rule).toBe('udp-fragments');
  });
});
