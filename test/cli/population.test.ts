/** `padzone report --population`: what people read, and what programs do. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Contrast } from '../../src/observe/contrast.ts';
import type { PopulationRow } from '../../src/observe/population.ts';
import { type CrowdTrial, crowdRows, type Ending } from '../observe/crowd.ts';
import { START } from '../observe/rows.ts';
import { padzoneOn } from './run-on-rows.ts';
import { padzone } from './run-program.ts';

const LATER = START + 60 * 86_400_000;
const population = (trials: readonly CrowdTrial[], ...argv: string[]) =>
  padzoneOn(crowdRows(trials), ['report', '--population', ...argv], LATER);

/** Twelve resolvers, one with IPv6 too: small answers arrive, large ones at half of them, some by TCP, by `df` at none. */
const TRIALS = Array.from({ length: 12 }, (_, at): CrowdTrial[] => {
  const source = `192.0.${at % 5}.${at + 1}`;
  const large: Ending = at < 5 ? 'whole' : at < 8 ? 'lost' : at < 10 ? 'recovered' : 'tcp';
  return [
    { source, size: 1232, ending: 'whole' },
    { source, size: 4096, ending: large },
    { source, size: 1472, ending: 'whole', arm: 'nodf' },
    { source, size: 1472, ending: at < 4 ? 'lost' : 'silent', arm: 'df' },
  ];
})
  .flat()
  .concat([{ source: '2001:db8::1', size: 4096, ending: 'no-tcp' }]);

it('shows shares with intervals by size, and what differs on the same sources', async () => {
  const { status, out, err } = await population(TRIALS);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatchSnapshot();
});

it('fits a terminal of 80 columns, with large counts and long options too', async () => {
  const long = TRIALS.map((each): CrowdTrial => ({ ...each, size: each.size === 4096 ? 65_535 : each.size }));
  const rows = crowdRows([...TRIALS, ...long]).map((row) => ({
    ...row,
    options: `ftxt-ttl255-${row.options}`,
  }));
  const { out } = await padzoneOn(rows, ['report', '--population'], LATER);
  expect(out).toContain('65535 octets');
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

it('shows the sizes of most sources, and says how many it leaves out', async () => {
  const strange = Array.from({ length: 20 }, (_, at): CrowdTrial => {
    return { source: '203.0.113.1', size: 2000 + at, ending: 'whole' };
  });
  const { out } = await population([...TRIALS, ...strange]);
  expect(out).toContain('IPv4, 4096 octets\n');
  expect(out.match(/^IPv[46], /gm)).toHaveLength(12);
  expect(out).toContain('\n\nAnd 13 more with fewer sources, all of them with --json.\n\n');
});

it('is a member of the JSON document, which stays as it is otherwise', async () => {
  const { out } = await population(TRIALS, '--json');
  const { population: found, ...rest } = JSON.parse(out);
  expect(rest).toEqual(JSON.parse((await padzoneOn(crowdRows(TRIALS), ['report', '--json'], LATER)).out));
  const rows: PopulationRow[] = found.rows;
  expect(rows.find(({ size, weight }) => size === 4096 && weight === 'sources')).toMatchObject({
    options: '',
    arm: 'default',
    ip_version: 4,
    counted: 12,
    outcomes: { failed: { count: 3, of: 12, share: 0.25 } },
    eligible: 10,
    first_failure: { count: 5, of: 10 },
    end_failure: { count: 3, of: 10 },
    tcp_failure: { count: 0, of: 2 },
  });
  const contrasts: Contrast[] = found.contrasts;
  expect(contrasts.find(({ by, measure }) => by === 'size' && measure === 'end_failure')).toMatchObject({
    sources: 12,
    b: 0,
    c: 3,
    p: expect.closeTo(0.25, 12),
  });
});

it('is one document also without a trial', async () => {
  const { out } = await population([], '--json');
  const counted = { trials: 0, sources: 0, networks: 0 };
  expect(JSON.parse(out).population).toEqual({ counted, rows: [], contrasts: [] });
  expect((await population([])).out).toMatch(
    /^No trials in this span: there is nothing to count\.\n\n0 rows read from \/\S+\n$/,
  );
});

it('has every member explained in docs/verdicts.md, and no other', async () => {
  const { out } = await population(TRIALS, '--json');
  const { rows, contrasts } = JSON.parse(out).population;
  const page = readFileSync('docs/verdicts.md', 'utf8');
  const explained = (heading: string) => {
    const table = page.slice(page.indexOf(heading)).split('\n\n')[1]!.split('\n').slice(2);
    return table.flatMap((line) => line.split('|')[1]!.match(/\w+/g) ?? []).sort();
  };
  expect(explained('Members of `population.rows`')).toEqual(Object.keys(rows[0]).sort());
  expect(explained('Members of `population.contrasts`')).toEqual(Object.keys(contrasts[0]).sort());
});

it('refuses to speak of all sources and of one', async () => {
  expect(await padzone(['report', '--population', '--source', '192.0.2.1'])).toEqual({
    status: 2,
    out: '',
    err: 'padzone: --population: speaks of all sources; leave out --source\n',
  });
});
