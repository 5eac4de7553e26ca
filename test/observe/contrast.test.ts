/** Contrasts on the same sources, counted by hand. */
import { describe, expect, it } from 'vitest';
import { measurePopulation } from '../../src/observe/population.ts';
import { buildReport } from '../../src/observe/report.ts';
import { type CrowdTrial, crowdRows, type Ending } from './crowd.ts';
import { START } from './rows.ts';

function contrastsOf(trials: readonly CrowdTrial[]) {
  const { verdicts, sources } = buildReport(crowdRows(trials), START + 30 * 86_400_000);
  return measurePopulation(
    verdicts,
    sources.flatMap(({ rows }) => rows),
  ).contrasts;
}

const SOURCES = Array.from({ length: 10 }, (_, at) => `192.0.2.${at + 1}`);

/** The small size comes through everywhere but at one source, the large one at three of them. */
const TWO_SIZES = SOURCES.flatMap((source, at): CrowdTrial[] => [
  { source, size: 1232, ending: at === 0 ? 'lost' : 'whole' },
  { source, size: 4096, ending: at < 3 ? 'whole' : at < 5 ? 'recovered' : 'lost' },
]);

describe('two sizes', () => {
  it('counts who shows it at one of them only, at first and in the end', () => {
    const sides = { left: { size: 1232, arm: 'default' }, right: { size: 4096, arm: 'default' } };
    expect(contrastsOf(TWO_SIZES)).toMatchObject([
      { by: 'size', measure: 'first_failure', ...sides, sources: 10, both: 0, b: 1, c: 7, neither: 2 },
      { by: 'size', measure: 'end_failure', ...sides, sources: 10, both: 0, b: 1, c: 5, neither: 4 },
    ]);
  });

  it('gives the exact p, and the q of all of them', () => {
    const [first, end] = contrastsOf(TWO_SIZES);
    expect(first!.p).toBeCloseTo((2 * (1 + 8)) / 256, 12);
    expect(end!.p).toBeCloseTo((2 * (1 + 6)) / 64, 12);
    expect(first!.q).toBeCloseTo(2 * first!.p, 12);
    expect(end!.q).toBeCloseTo(end!.p, 12);
  });

  it('leaves out a source of which one side is unknown', () => {
    const silent: CrowdTrial[] = [
      { source: '198.51.100.1', size: 1232, ending: 'whole' },
      { source: '198.51.100.1', size: 4096, ending: 'silent' },
      { source: '198.51.100.2', size: 4096, ending: 'lost' },
    ];
    expect(contrastsOf([...TWO_SIZES, ...silent])).toEqual(contrastsOf(TWO_SIZES));
  });

  it('counts TC=1 that ended well as no failure, and not among first answers over UDP', () => {
    const [only, ...more] = contrastsOf([
      { source: '192.0.2.1', size: 1232, ending: 'whole' },
      { source: '192.0.2.1', size: 4096, ending: 'tcp' },
    ]);
    expect(only).toMatchObject({ measure: 'end_failure', sources: 1, neither: 1, p: 1, q: 1 });
    expect(more).toEqual([]);
  });

  it('compares the sizes that most sources were tried at, however many a stranger asks for', () => {
    const strange = Array.from({ length: 40 }, (_, at): CrowdTrial => {
      return { source: '203.0.113.1', size: 2000 + at, ending: 'whole' };
    });
    const found = contrastsOf([...TWO_SIZES, ...strange]);
    expect(new Set(found.flatMap(({ left, right }) => [left.size, right.size])).size).toBeLessThanOrEqual(12);
    expect(found).toContainEqual(expect.objectContaining({ left: { size: 1232, arm: 'default' }, c: 7 }));
  });

  it('keeps IP versions apart', () => {
    const versions = contrastsOf([
      { source: '192.0.2.1', size: 1232, ending: 'whole' },
      { source: '2001:db8::1', size: 4096, ending: 'lost' },
    ]);
    expect(versions).toEqual([]);
  });
});

it('compares two arms of one size, whatever words chose them', () => {
  const trials = SOURCES.flatMap((source, at): CrowdTrial[] => {
    const endings: [Ending, Ending] = [at < 4 ? 'lost' : 'whole', at < 3 ? 'lost' : 'whole'];
    return [
      { source, size: 1400, ending: endings[0], arm: 'df' },
      { source, size: 1400, ending: endings[1], arm: 'nodf' },
    ];
  });
  const byArm = contrastsOf(trials).filter(({ by, measure }) => by === 'arm' && measure === 'first_failure');
  expect(byArm).toMatchObject([
    {
      options: '',
      left: { size: 1400, arm: 'df' },
      right: { size: 1400, arm: 'nodf' },
      sources: 10,
      both: 3,
      b: 1,
      c: 0,
      neither: 6,
      p: 1,
    },
  ]);
});
