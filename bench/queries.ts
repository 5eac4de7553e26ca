/** Query files for dnsperf. */
import { writeFileSync } from 'node:fs';
import type { LoadPlace } from './loads.ts';
import { ZONE } from './static-zone.ts';

/** Above what one core signs in a second, so that dnsperf does not come to a name twice. */
const UNIQUE_PER_SECOND = 45_000;

/** One name, over and over. */
export const oneName = (qname: string) => (_place: LoadPlace, file: string) =>
  writeFileSync(file, `${qname} TXT\n`);

/** `prefix` and a new run id, as `s1232-n0abcdefghi`: a name that nobody asked before. */
export const newRuns =
  (prefix: string) =>
  ({ seconds }: LoadPlace, file: string) => {
    const first = Math.floor(Math.random() * 2 ** 40);
    writeNames(file, seconds * UNIQUE_PER_SECOND, (index) => `${prefix}-n${runId(first + index)}`);
  };

/** 0-7 and 9 characters of 0-9 a-v: below 2^48 the first one is 0 to 7. */
export const runId = (number: number) => number.toString(32).padStart(10, '0');

/** Names that do not exist anywhere: `z` and 16 characters. */
export const randomNames = ({ seconds }: LoadPlace, file: string) =>
  writeRandomNames(file, seconds * UNIQUE_PER_SECOND);

export function writeRandomNames(file: string, count: number): void {
  const word = () =>
    Math.floor(Math.random() * 2 ** 40)
      .toString(32)
      .padStart(8, '0');
  writeNames(file, count, () => `z${word()}${word()}`);
}

/** Names `u<index>`, those of one turn after those of the turn before; see `uniqueZone`. */
export const listedNames = ({ seconds, turn }: LoadPlace, file: string) => {
  const count = seconds * UNIQUE_PER_SECOND;
  writeNames(file, count, (index) => `u${turn * count + index}`);
};

/** How many names `turns` turns of `seconds` ask. */
export const listedCount = (seconds: number, turns: number) => seconds * turns * UNIQUE_PER_SECOND;

function writeNames(file: string, count: number, label: (index: number) => string): void {
  writeFileSync(file, Array.from({ length: count }, (_, index) => `${label(index)}.${ZONE} TXT\n`).join(''));
}
