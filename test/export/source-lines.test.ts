import { expect, it } from 'vitest';
import { sourceLines } from '../../src/export/source-lines.ts';
import type { Companion } from '../../src/observe/farm.ts';
import type { PathLimit } from '../../src/observe/path-limit.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';

const NOTHING = { source: '203.0.113.7', advice: [], rows: [], limits: [], farms: [] };
const UNKNOWN: PathLimit = {
  ip_version: 4,
  whole_passed: null,
  left_whole_passed: null,
  whole_lost: null,
  whole_lost_times: 0,
  fragments: 'unknown',
  fragments_tried: 0,
  fragments_arrived: 0,
  reassembled_passed: null,
  reassembled_lost: null,
  reassembled_lost_times: 0,
};
const line = (limit: Partial<PathLimit>) =>
  sourceLines({ ...NOTHING, limits: [{ ...UNKNOWN, ...limit }] })[0];

it.each<[Partial<PathLimit>, string]>([
  [{}, 'IPv4 path: whole datagrams unknown; fragments not tried'],
  [
    { whole_passed: 1472, left_whole_passed: 1472, fragments_tried: 4 },
    'IPv4 path: whole datagrams up to 1472 octets pass; fragments: no sign in 4 tries',
  ],
  [
    { whole_passed: 1232, left_whole_passed: 1472 },
    'IPv4 path: whole datagrams up to 1232 octets pass, and others up to 1472 octets, whole or cut on the way; fragments not tried',
  ],
  [
    { left_whole_passed: 1400 },
    'IPv4 path: datagrams pass up to 1400 octets, whole or cut on the way (larger unknown); fragments not tried',
  ],
  [
    { ip_version: 6, whole_passed: 1232, left_whole_passed: 1232, fragments_tried: 1 },
    'IPv6 path: whole datagrams up to 1232 octets pass (larger unknown); fragments: no sign in one try',
  ],
  [
    { whole_passed: 1232, left_whole_passed: 1232, whole_lost: 1400, whole_lost_times: 2 },
    'IPv4 path: whole datagrams up to 1232 octets pass, 1400 lost 2 times; fragments not tried',
  ],
  [
    { whole_lost: 512, whole_lost_times: 1 },
    'IPv4 path: no sign of whole datagrams, 512 lost once; fragments not tried',
  ],
  [
    { whole_passed: 1472, left_whole_passed: 1472, fragments: 'blocked', fragments_tried: 9 },
    'IPv4 path: whole datagrams up to 1472 octets pass; fragments do not pass, 0 of 9',
  ],
  [
    {
      whole_passed: 1472,
      left_whole_passed: 1472,
      fragments: 'blocked',
      fragments_tried: 9,
      fragments_arrived: 3,
    },
    'IPv4 path: whole datagrams up to 1472 octets pass; fragments do not pass any more, 3 of 9',
  ],
  [
    {
      ...{
        whole_passed: 1472,
        left_whole_passed: 1472,
        fragments: 'pass',
        fragments_tried: 9,
        fragments_arrived: 7,
      },
      ...{ reassembled_passed: 4096, reassembled_lost: 8192, reassembled_lost_times: 2 },
    },
    'IPv4 path: whole datagrams up to 1472 octets pass; fragments pass, 7 of 9, up to 4096 octets, 8192 lost 2 times',
  ],
])('says of %j what the path takes', (limit, text) => {
  expect(line(limit)).toBe(text);
});

it('does not say that no fragments were tried where they left, and nobody knows what became of them', () => {
  const row = (size: number, offered: number) => ({ size, offered }) as SummaryRow;
  const lineOf = (...rows: SummaryRow[]) => sourceLines({ ...NOTHING, rows, limits: [UNKNOWN] })[0];
  expect(lineOf(row(2048, 4096))).toBe('IPv4 path: whole datagrams unknown; fragments unknown');
  expect(lineOf(row(2048, 1232), row(1472, 4096))).toMatch(/fragments not tried$/);
});

it('says with whom it asks, the most frequent first and not all', () => {
  const farms: Companion[] = [9, 8, 7, 1, 1, 1].map((runs, at) => ({
    network: `10.0.${at}.0/24`,
    addresses: at + 1,
    runs,
  }));
  expect(sourceLines({ ...NOTHING, farms })).toEqual([
    'asks together with 10.0.0.0/24 (9 runs), 10.0.1.0/24 (2 addresses, 8 runs), 10.0.2.0/24 (3 addresses, 7 runs), 10.0.3.0/24 (4 addresses, 1 run) and 2 more',
  ]);
});

it('says how far rs came, and at last, for its reason to follow, what it seems to run', () => {
  const ladder = { octets: 1232, times: 1, first_at: 0, last_at: 0 };
  const software = { software: 'bind', because: 'It sends a COOKIE.' } as const;
  expect(sourceLines({ ...NOTHING, software, ladder })).toEqual([
    'rs: up to 1232 octets came through over UDP, once (to its network)',
    'seems to be BIND',
  ]);
  expect(sourceLines(NOTHING)).toEqual([]);
});
