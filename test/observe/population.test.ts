/** Shares of a population: known crowds, and laws that every crowd obeys. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { measurePopulation, type Population, type Share, WEIGHTS } from '../../src/observe/population.ts';
import { buildReport } from '../../src/observe/report.ts';
import { type CrowdTrial, crowdRows, ENDINGS, type Ending } from './crowd.ts';
import { START, story } from './rows.ts';

const LATER = START + 30 * 86_400_000;

function populationOf(trials: readonly CrowdTrial[], until = LATER): Population {
  const { verdicts, sources } = buildReport(crowdRows(trials), until);
  return measurePopulation(
    verdicts,
    sources.flatMap(({ rows }) => rows),
  );
}

const trialsOf = (source: string, size: number, ...endings: Ending[]): CrowdTrial[] =>
  endings.map((ending) => ({ source, size, ending }));

const brief = ({ count, of }: Share) => `${count} of ${of}`;

function row(population: Population, weight: string, size = 4096, version = 4) {
  const found = population.rows.find(
    (each) => each.weight === weight && each.size === size && each.ip_version === version,
  );
  return found ?? expect.unreachable(`no row of ${weight}`);
}

describe('counts', () => {
  const crowd = populationOf([
    ...trialsOf('192.0.2.1', 4096, 'whole', 'whole', 'lost'),
    ...trialsOf('192.0.2.2', 4096, 'lost'),
    ...trialsOf('192.0.2.3', 4096, 'recovered'),
    ...trialsOf('198.51.100.1', 4096, 'tcp', 'silent'),
    ...trialsOf('198.51.100.2', 4096, 'no-tcp', 'tcp'),
    ...trialsOf('203.0.113.1', 4096, 'silent'),
    ...trialsOf('2001:db8::1', 4096, 'whole'),
  ]);

  it('each trial once', () => {
    const { counted, outcomes, classes, ever_failed } = row(crowd, 'trials');
    expect(counted).toBe(10);
    expect(brief(outcomes.delivered)).toBe('5 of 10');
    expect(brief(outcomes.failed)).toBe('3 of 10');
    expect(brief(outcomes.open)).toBe('2 of 10');
    expect(brief(ever_failed)).toBe('3 of 10');
    expect(Object.entries(classes).map(([name, share]) => [name, share.count])).toEqual(
      expect.arrayContaining([
        ['LOSS_RETRY_FAIL', 2],
        ['SILENT', 2],
      ]),
    );
  });

  it('each source once: by most of its trials, open ones aside, the worse where they are even', () => {
    const { counted, outcomes, classes, ever_failed } = row(crowd, 'sources');
    expect(counted).toBe(6);
    expect(Object.fromEntries(Object.entries(classes).map(([name, { count }]) => [name, count]))).toEqual({
      UDP_OK_FRAG: 1, // 192.0.2.1, two of three
      LOSS_RETRY_FAIL: 1,
      LOSS_TCP_OK: 1,
      TC_TCP_OK: 1, // 198.51.100.1: the silent one says nothing
      TC_NO_TCP: 1, // 198.51.100.2: one of two
      SILENT: 1,
    });
    expect(brief(outcomes.failed)).toBe('2 of 6');
    expect(brief(ever_failed)).toBe('3 of 6');
  });

  it('each network once, by its sources', () => {
    const { counted, outcomes } = row(crowd, 'networks');
    expect(counted).toBe(3);
    expect([outcomes.delivered, outcomes.failed, outcomes.open].map(brief)).toEqual([
      '1 of 3',
      '1 of 3', // 198.51.100.0/24 is even
      '1 of 3',
    ]);
  });

  it('those that offered the size as eligible, and apart from them those that were sent it and those that got TC=1', () => {
    const { eligible, first_failure, end_failure, tcp_failure } = row(crowd, 'sources');
    expect(eligible).toBe(5); // 198.51.100.2 never offered more than 1232
    expect(brief(first_failure)).toBe('2 of 3');
    expect(brief(end_failure)).toBe('1 of 3');
    expect(brief(tcp_failure)).toBe('1 of 2');
  });

  it.each<{ what: string; endings: [Ending, Ending] }>([
    { what: 'an arrival', endings: ['recovered', 'whole'] },
    { what: 'a loss that TCP made good', endings: ['whole', 'recovered'] },
  ])(
    '$what a few seconds ago in no figure of failures at first: another one may still look silent',
    ({ endings }) => {
      const [first, second] = endings;
      const trials = [...trialsOf('192.0.2.1', 4096, first), ...trialsOf('192.0.2.2', 4096, second)];
      const triedAt = (seconds: number) => {
        const { first_failure, end_failure, outcomes } = row(
          populationOf(trials, START + seconds * 1000),
          'trials',
        );
        return [brief(outcomes.delivered), first_failure.of, end_failure.of];
      };
      expect(triedAt(310)).toEqual(['2 of 2', 1, 1]);
      expect(triedAt(370)).toEqual(['2 of 2', 2, 2]);
    },
  );

  it('an arrival over TCP a few seconds ago in no figure of failures in the end: another one may still fail', () => {
    const trials = [...trialsOf('192.0.2.1', 4096, 'tcp'), ...trialsOf('192.0.2.1', 1400, 'tcp')];
    const figuresAt = (seconds: number) => {
      const population = populationOf(trials, START + seconds * 1000);
      const { tcp_failure, outcomes } = row(population, 'trials', 1400);
      return [brief(outcomes.delivered), brief(tcp_failure), population.contrasts.length];
    };
    expect(figuresAt(310)).toEqual(['1 of 1', '0 of 0', 0]);
    expect(figuresAt(370)).toEqual(['1 of 1', '0 of 1', 1]);
  });

  it('the eligible sources by the ability that the report gives them', () => {
    const trials = [
      ...trialsOf('192.0.2.1', 4096, 'whole'),
      ...trialsOf('192.0.2.2', 4096, 'silent'),
      ...trialsOf('192.0.2.3', 4096, 'tcp'),
    ];
    const population = populationOf(trials);
    const { abilities, eligible } = row(population, 'sources');
    expect(eligible).toBe(2); // the third one never offered it
    expect(Object.entries(abilities).map(([name, share]) => [name, brief(share)])).toEqual([
      ['CAN', '1 of 2'],
      ['UNKNOWN', '1 of 2'],
    ]);
    for (const weight of ['trials', 'networks']) expect(row(population, weight).abilities).toEqual({});
  });

  it('all trials, sources and networks', () => {
    expect(crowd.counted).toEqual({ trials: 11, sources: 7, networks: 4 });
  });

  it('what a retry made good as lost at first and not in the end', () => {
    const recovering = populationOf(trialsOf('192.0.2.3', 4096, 'recovered', 'recovered'));
    for (const weight of WEIGHTS) {
      expect(row(recovering, weight).first_failure.share).toBe(1);
      expect(row(recovering, weight).end_failure.share).toBe(0);
    }
  });

  it('IP versions, sizes and arms apart', () => {
    expect(row(crowd, 'sources', 4096, 6).counted).toBe(1);
    const arms = populationOf([
      { source: '192.0.2.1', size: 1400, ending: 'whole' },
      { source: '192.0.2.1', size: 1400, ending: 'lost', arm: 'df' },
    ]);
    const failedBy = arms.rows
      .filter(({ weight }) => weight === 'sources')
      .map(({ arm, outcomes }) => [arm, outcomes.failed.count]);
    expect(failedBy).toEqual(
      expect.arrayContaining([
        ['default', 0],
        ['df', 1],
      ]),
    );
  });

  it("with Wilson's interval, and no share of none", () => {
    const three = populationOf(
      ['192.0.2.1', '192.0.2.2', '192.0.2.3'].flatMap((source) => trialsOf(source, 4096, 'whole')),
    );
    const { outcomes, tcp_failure } = row(three, 'sources');
    expect(outcomes.failed).toMatchObject({ count: 0, of: 3, share: 0, low: 0 });
    expect(outcomes.failed.high).toBeCloseTo(0.5615, 4);
    expect(tcp_failure).toEqual({ count: 0, of: 0, share: null, low: 0, high: 1 });
  });

  it('nothing of nothing', () => {
    expect(populationOf([])).toEqual({
      counted: { trials: 0, sources: 0, networks: 0 },
      rows: [],
      contrasts: [],
    });
  });
});

describe('of silence after TC=1', () => {
  const sources = (network: string, often: number) =>
    Array.from({ length: often }, (_, n) => `${network}.${n + 1}.1`);
  const failuresOf = (trials: readonly CrowdTrial[], until = LATER) => {
    const population = populationOf(trials, until);
    return Object.fromEntries(WEIGHTS.map((weight) => [weight, brief(row(population, weight).tcp_failure)]));
  };

  it('counts what repeats itself as failed: so do resolvers that cannot get out over TCP', () => {
    const silent: Ending[] = ['tc-silent', 'tc-silent', 'tc-silent'];
    const trials = [
      ...sources('10.1', 30).flatMap((source) => trialsOf(source, 4096, ...silent)),
      ...sources('10.2', 70).flatMap((source) => trialsOf(source, 4096, 'tcp', 'tcp', 'tcp')),
    ];
    expect(failuresOf(trials)).toEqual({ trials: '90 of 300', sources: '30 of 100', networks: '30 of 100' });
    const { outcomes, classes, ever_failed } = row(populationOf(trials), 'sources');
    // Each of them proves nothing: outcomes are those of single trials.
    expect([brief(outcomes.failed), brief(ever_failed), brief(classes.SILENT!)]).toEqual([
      '0 of 100',
      '0 of 100',
      '30 of 100',
    ]);
  });

  it.each<{ what: string; endings: Ending[]; failed: string }>([
    { what: 'one', endings: ['tc-silent'], failed: '0 of 0' },
    { what: 'one beside TC=1 that led nowhere', endings: ['tc-silent', 'no-tcp'], failed: '2 of 2' },
    { what: 'two and TCP after them', endings: ['tc-silent', 'tc-silent', 'tcp'], failed: '0 of 1' },
    { what: 'two after TCP', endings: ['tcp', 'tc-silent', 'tc-silent'], failed: '0 of 1' },
    { what: 'three after TCP', endings: ['tcp', 'tc-silent', 'tc-silent', 'tc-silent'], failed: '3 of 4' },
    { what: 'two over UDP', endings: ['silent', 'silent'], failed: '0 of 0' },
  ])('$what: $failed', ({ endings, failed }) => {
    expect(failuresOf(trialsOf('192.0.2.1', 4096, ...endings))['trials']).toBe(failed);
  });

  it('counts it over all sizes of a source', () => {
    const trials = [...trialsOf('192.0.2.1', 4096, 'tc-silent'), ...trialsOf('192.0.2.1', 2048, 'tc-silent')];
    expect(failuresOf(trials)['trials']).toBe('1 of 1');
  });

  it('counts it once a minute is over, and an arrival no sooner', () => {
    const trials = [
      ...trialsOf('192.0.2.1', 4096, 'tc-silent', 'tc-silent'),
      ...trialsOf('192.0.2.2', 4096, 'tcp'),
    ];
    expect(failuresOf(trials, START + 355_000)['sources']).toBe('0 of 0');
    expect(failuresOf(trials, START + 370_000)['sources']).toBe('1 of 1');
    expect(failuresOf(trials, START + 670_000)['sources']).toBe('1 of 2');
  });

  it('compares it with other sizes', () => {
    const trials = [
      ...trialsOf('192.0.2.1', 1232, 'whole'),
      ...trialsOf('192.0.2.1', 4096, 'tc-silent', 'tc-silent'),
    ];
    expect(populationOf(trials).contrasts).toMatchObject([{ measure: 'end_failure', sources: 1, c: 1 }]);
  });
});

describe('a run of two addresses', () => {
  const OTHER = '2001:db8::1';
  const moved = (rows: readonly Observation[], isMoved: (row: Observation) => boolean) =>
    rows.map((each) => (isMoved(each) ? { ...each, src: OTHER, ip_version: 6 as const } : each));
  function measured(rows: readonly Observation[]): Population {
    const { verdicts, sources } = buildReport(rows, LATER);
    expect(verdicts).toHaveLength(1);
    return measurePopulation(
      verdicts,
      sources.flatMap((each) => each.rows),
    );
  }

  it('credits the loss of a first answer to the address it was sent to, and the arrival to the other', () => {
    const rows = crowdRows(trialsOf('192.0.2.1', 4096, 'recovered'));
    const population = measured(moved(rows, ({ proto, receipt }) => proto === 'tcp' || receipt !== null));
    const [lost, got] = [row(population, 'sources', 4096, 4), row(population, 'sources', 4096, 6)];
    expect([lost.counted, brief(lost.first_failure), brief(lost.end_failure)]).toEqual([
      0,
      '1 of 1',
      '0 of 1',
    ]);
    expect([got.counted, brief(got.outcomes.delivered), got.first_failure.of]).toEqual([1, '1 of 1', 0]);
  });

  it('takes as eligible only the address that offered the size itself', () => {
    const rows = crowdRows(trialsOf('192.0.2.1', 4096, 'whole'));
    const small = { ...crowdRows(trialsOf(OTHER, 4096, 'tcp'))[1]!, run: rows[0]!.run, seq: 99 };
    const population = measured([...rows, { ...small, time: rows[0]!.time + 50 }]);
    expect(row(population, 'sources', 4096, 4).eligible).toBe(1);
    expect(population.rows.some(({ ip_version, eligible }) => ip_version === 6 && eligible > 0)).toBe(false);
  });
});

it('counts no trial in which nothing was measured, however many somebody opens in the name of others', () => {
  const lost = crowdRows(trialsOf('192.0.2.1', 4096, 'lost', 'lost'));
  const opened = Array.from({ length: 50 }, (_, n) =>
    story({ run: (0xf000 + n).toString(16).padStart(12, '0') }).gate(n, { src: `172.16.${n}.9` }),
  );
  const { gate, udp } = story({ run: 'ffffffffffff' });
  const withheld = [gate(0, { src: '172.17.0.9' }), udp(1, 1, { src: '172.17.0.9', excluded: 'budget' })];
  const rows = [...lost, ...opened, ...withheld].map((row, seq) => ({ ...row, seq }));
  const { verdicts, sources } = buildReport(rows, LATER);
  expect(new Set(verdicts.map(({ rule }) => rule))).toEqual(
    new Set(['loss-retries', 'gate-only', 'withheld']),
  );
  const population = measurePopulation(
    verdicts,
    sources.flatMap((each) => each.rows),
  );
  expect(population.counted).toEqual({ trials: 2, sources: 1, networks: 1 });
  for (const weight of WEIGHTS) expect(row(population, weight).outcomes.failed.share).toBe(1);
  expect(row(population, 'sources').eligible).toBe(1);
});

it('takes as eligible only the trials in which the size was offered, by a source that offers less at times', () => {
  const population = populationOf(trialsOf('192.0.2.1', 4096, 'whole', 'tcp', 'tcp'));
  expect(row(population, 'trials').eligible).toBe(1);
  expect(row(population, 'sources').eligible).toBe(1);
});

describe('in every crowd', () => {
  const trial = fc.record({
    source: fc.constantFrom('192.0.2.1', '192.0.2.2', '198.51.100.1', '2001:db8::1', '2001:db8:1::1'),
    size: fc.constantFrom(1400, 4096),
    ending: fc.constantFrom(...ENDINGS),
  });
  const crowds = fc.array(trial, { maxLength: 40 });

  it('shares by class and by outcome sum to 1, inside their intervals', () => {
    fc.assert(
      fc.property(crowds, (trials) => {
        for (const { counted, classes, outcomes, ...rest } of populationOf(trials).rows) {
          for (const shares of [Object.values(classes), Object.values(outcomes)]) {
            expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(counted);
            expect(shares.reduce((sum, { share }) => sum + (share ?? 0), 0)).toBeCloseTo(1, 9);
            for (const { of, share, low, high } of shares) {
              expect(of).toBe(counted);
              expect(low <= share! && share! <= high).toBe(true);
            }
          }
          expect(rest.ever_failed.count).toBeGreaterThanOrEqual(outcomes.failed.count);
        }
      }),
    );
  });

  it('denominators fit together', () => {
    fc.assert(
      fc.property(crowds, (trials) => {
        for (const each of populationOf(trials).rows) {
          const { weight, counted, outcomes, eligible, first_failure, end_failure, tcp_failure } = each;
          expect(end_failure.of).toBe(first_failure.of);
          expect(end_failure.count).toBeLessThanOrEqual(first_failure.count);
          expect(first_failure.of).toBeLessThanOrEqual(eligible);
          const concluded = outcomes.delivered.count + outcomes.failed.count;
          expect(tcp_failure.of).toBeLessThanOrEqual(counted);
          // Silence after TC=1 that repeats itself.
          const silent = tcp_failure.count - (each.classes.TC_NO_TCP?.count ?? 0);
          if (weight === 'trials') expect(first_failure.of + tcp_failure.of).toBe(concluded + silent);
          expect(eligible).toBeLessThanOrEqual(counted);
          const able = Object.values(each.abilities).reduce((sum, { count }) => sum + count, 0);
          expect(able).toBe(weight === 'sources' ? eligible : 0);
        }
      }),
    );
  });

  it('every trial, source and network is counted in its stratum', () => {
    fc.assert(
      fc.property(crowds, (trials) => {
        const { rows } = populationOf(trials);
        const sum = (weight: string) =>
          rows.filter((each) => each.weight === weight).reduce((all, { counted }) => all + counted, 0);
        expect(sum('trials')).toBe(trials.length);
        expect(sum('sources')).toBe(new Set(trials.map(({ source, size }) => `${source} ${size}`)).size);
        expect(sum('networks')).toBeLessThanOrEqual(sum('sources'));
      }),
    );
  });

  it('the order of verdicts does not matter', () => {
    fc.assert(
      fc.property(crowds, (trials) => {
        const { verdicts, sources } = buildReport(crowdRows(trials), LATER);
        const summary = sources.flatMap(({ rows }) => rows);
        expect(measurePopulation(verdicts.toReversed(), summary.toReversed())).toEqual(
          measurePopulation(verdicts, summary),
        );
      }),
    );
  });
});
