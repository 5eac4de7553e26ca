import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import type { PathLimit } from '../../src/observe/path-limit.ts';
import { buildReport } from '../../src/observe/report.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';
import { controls, losses, receivers, rowsOf, type Visit } from './visits.ts';

const LATER = START + 72 * 3_600_000;
const arrived = (size: number, at = 0, src = SOURCE): Visit => ({ at, size, end: 'arrived', src });

function limitsOf(visits: readonly Visit[], source = SOURCE): readonly PathLimit[] {
  const { sources } = buildReport(rowsOf(visits), LATER);
  return sources.find((each) => each.source === source)?.limits ?? [];
}

const limitOf = (...visits: readonly Visit[]) => limitsOf(visits)[0];

it('says the largest whole datagram, that fragments pass, and the largest put together', () => {
  expect(limitsOf([arrived(1232), arrived(1472, 5), arrived(2048, 10), arrived(4096, 15)])).toEqual([
    {
      ip_version: 4,
      whole_passed: 1232,
      left_whole_passed: 1472,
      whole_lost: null,
      whole_lost_times: 0,
      fragments: 'pass',
      fragments_tried: 2,
      fragments_arrived: 2,
      reassembled_passed: 4096,
      reassembled_lost: null,
      reassembled_lost_times: 0,
    },
  ]);
});

it('bounds from above by losses between smaller answers that arrived', () => {
  const lost = [...losses(1400, 3), ...losses(1472, 2), ...controls(3)];
  expect(limitOf(arrived(1232), ...lost)).toMatchObject({
    whole_passed: 1232,
    whole_lost: 1400,
    whole_lost_times: 3,
    fragments: 'unknown',
    fragments_tried: 0,
  });
  // The last one of each had nothing after it.
  expect(limitOf(arrived(1232, -100), ...losses(1400, 1))).toMatchObject({ whole_lost: null });
});

it('takes no loss for a bound where the same or a larger size arrived', () => {
  expect(limitOf(arrived(1472), ...losses(1400, 3), arrived(512, 60))).toMatchObject({
    left_whole_passed: 1472,
    whole_lost: null,
  });
  const joined: Visit = { at: 45, size: 1400, end: 'joined' };
  expect(limitOf(arrived(1232), ...losses(1400, 3), joined, arrived(512, 60))).toMatchObject({
    whole_passed: 1232,
    whole_lost: null,
  });
});

const HERE = receivers(4096, 5);

it('says that fragments are blocked where the sequential test does, over all sizes, and nearly as much passes whole', () => {
  const lost = [...losses(4096, 3), ...losses(2048, 2).map((each) => ({ ...each, at: each.at + 30 }))];
  const here = [...controls(5), ...HERE, ...receivers(2048, 5)];
  expect(limitOf(arrived(1472), ...lost, ...here)).toMatchObject({
    whole_passed: 512,
    left_whole_passed: 1472,
    fragments: 'blocked',
    fragments_tried: 5,
    fragments_arrived: 0,
    reassembled_passed: null,
    reassembled_lost: 2048,
    reassembled_lost_times: 2,
  });
  // A path of 1280 octets drops the first fragment for its size.
  expect(limitOf(arrived(1232), ...lost, ...here)).toMatchObject({ fragments: 'unknown' });
  expect(limitOf(arrived(1472), ...lost.slice(1), ...here)).toMatchObject({ fragments: 'unknown' });
  expect(limitOf(arrived(1472), ...lost, ...controls(5))).toMatchObject({ fragments: 'unknown' });
});

it('does not say so where one arrived somewhere, or whole datagrams get lost as well', () => {
  const lost = [arrived(1472), ...losses(4096, 6), ...controls(6), ...HERE];
  expect(limitOf(...lost)).toMatchObject({ fragments: 'blocked' });
  expect(limitOf(...lost, { at: 65, size: 2048, end: 'joined' })).toMatchObject({ fragments: 'unknown' });
  expect(limitOf(...lost, ...losses(1232, 5))).toMatchObject({ fragments: 'unknown' });
});

it('says that fragments are blocked since they passed for the last time', () => {
  const broken = [...losses(4096, 5), ...controls(5), ...HERE];
  expect(limitOf(arrived(1472), arrived(2048, -10), ...broken)).toMatchObject({
    fragments: 'blocked',
    fragments_tried: 6,
    fragments_arrived: 1,
    reassembled_passed: 2048,
  });
  expect(limitOf(arrived(1472), arrived(2048, 45), ...broken)).toMatchObject({ fragments: 'pass' });
  const lossy = losses(2048, 3).map((each) => ({ ...each, at: each.at - 50 }));
  expect(limitOf(arrived(1472), ...lossy, arrived(2048, -10), ...broken)).toMatchObject({
    fragments: 'pass',
  });
});

it('takes no TC=1 answer for a whole datagram that passes: it is small, whatever the path takes', () => {
  const { gate, tc, udp, other } = story();
  const returned = other(1, { cookie: 'valid', cookie_instance: 3 });
  const rows = [gate(0), tc(0.1, { instance: 3, res_len: 129 }), returned];
  const limits = (more: readonly Observation[]) => buildReport([...rows, ...more], LATER).sources[0]?.limits;
  expect(limits([])).toEqual([]);
  expect(limits([udp(2, 4)])).toMatchObject([{ whole_passed: null, fragments_tried: 1 }]);
});

it('knows the IP version of the address, and has nothing where nothing could show an arrival', () => {
  const source = '2001:db8::53';
  expect(limitsOf([arrived(1452, 0, source), arrived(1453, 1, source)], source)).toMatchObject([
    { ip_version: 6, whole_passed: 1452, reassembled_passed: 1453 },
  ]);
  expect(limitsOf([{ at: 0, size: 4096, end: 'late' }])).toEqual([]);
});

describe('of what left whole and arrived', () => {
  it.each<{ what: string; changes: Partial<Observation>; size: number; whole: number | null }>([
    { what: 'over IPv4 a router may have cut it', changes: {}, size: 1472, whole: null },
    { what: 'so it may where DF is clear', changes: { arm: 'nodf' }, size: 1472, whole: null },
    { what: 'with DF nobody cuts it', changes: { arm: 'df' }, size: 1472, whole: 1472 },
    { what: 'next to every link takes so little', changes: {}, size: 1232, whole: 1232 },
    { what: 'one octet more, and some link may not', changes: {}, size: 1233, whole: null },
    { what: 'no router cuts it over IPv6', changes: { ip_version: 6, src: OTHER }, size: 1452, whole: 1452 },
  ])('$what', ({ changes, size, whole }) => {
    const { gate, udp, receipt } = story({ size });
    const sent = udp(1, 1, changes);
    const rows = [gate(0, changes), sent, receipt(2, sent, changes)];
    expect(buildReport(rows, LATER).sources[0]?.limits).toMatchObject([
      { whole_passed: whole, left_whole_passed: size, fragments_tried: 0 },
    ]);
  });
});
