/** What is advised on trials told by what happened, an hour apart. */
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { SOURCE, START, story } from './rows.ts';
import { receivers, rowsOf, type Visit } from './visits.ts';

export const HOUR = 3600;
export const LATER = START + 100 * HOUR * 1000;

interface Run {
  readonly size: number;
  readonly at: number;
  readonly id: number;
}

/** One trial of a run of its own, so many hours after the start, told by `tell`. */
export function trial(
  { size, at, id }: Run,
  tell: (told: ReturnType<typeof story>) => readonly Observation[],
) {
  const run = id.toString(16).padStart(12, '0');
  const rows = tell(story({ size, run }));
  const later = (moment: number) => moment + at * HOUR * 1000;
  // A receipt says when its answer left.
  return rows.map((row, seq) => ({
    ...row,
    seq: id * 100 + seq,
    time: later(row.time),
    instance: row.instance === null ? null : id * 100 + row.instance,
    receipt: row.receipt && {
      ...row.receipt,
      at: later(row.receipt.at),
      instance: id * 100 + row.receipt.instance,
    },
  }));
}

export type Tell = (told: ReturnType<typeof story>) => Observation[];

export const silent: Tell = ({ gate, udp }) => [gate(0), udp(0.1, 1)];
export const lostTwice: Tell = ({ gate, udp }) => [gate(0), udp(0.1, 1), udp(0.9, 2)];
export const arrived: Tell = ({ gate, udp, receipt }) => {
  const sent = udp(0.1, 1);
  return [gate(0), sent, receipt(0.2, sent)];
};
export const tcOnce: Tell = ({ gate, tc }) => [gate(0), tc(0.1)];
export const stalled: Tell = ({ gate, tc, tcp }) => [gate(0), tc(0.1), tcp(0.2, 1), tcp(3, 2)];

/** `[size, what happened, how often]`, an hour apart. */
type Told = readonly [number, Tell, number];

export function rowsOfTold(...told: readonly Told[]): Observation[] {
  return told
    .flatMap(([size, tell, often]) => Array.from({ length: often }, (_, at) => ({ size, tell, at })))
    .flatMap(({ size, tell, at }, id) => trial({ size, at, id: id + 1 }, tell));
}

/** What is advised to the source. */
export function adviceOn(rows: readonly Observation[]) {
  return buildReport(rows, LATER).sources.find(({ source }) => source === SOURCE)?.advice ?? [];
}

/** Where so many other networks received 4096 octets. */
export const adviseAmong = (networks: number, ...told: readonly Told[]) =>
  adviceOn([...rowsOfTold(...told), ...others(receivers(4096, networks))]);

/** Where five other networks received each size. */
export function advise(...told: readonly Told[]) {
  const sizes = [...new Set(told.map(([size]) => size))];
  return adviceOn([...rowsOfTold(...told), ...others(sizes.flatMap((size) => receivers(size, 5)))]);
}

/** Rows of other runs and of another process. */
function others(visits: readonly Visit[]): Observation[] {
  return rowsOf(visits).map((row) => ({ ...row, boot: row.boot + 1, run: row.run.replace(/^0/, 'f') }));
}
