/** Advice on losses over UDP: urgent only for what users are sent, and where other networks received the size. */

import { wasLossy } from './ability.ts';
import { type Advice, isDefaultArm, isOpen, sayOf } from './advice-rule.ts';
import {
  arrivedBeside,
  count,
  delivered,
  each,
  list,
  OFTEN,
  silences,
  type Told,
  withRemedy,
} from './advice-words.ts';
import { minuteOf } from './moment.ts';
import { hasBaseline } from './remedy.ts';
import { LOSSES_NEEDED } from './sequential.ts';
import type { SummaryRow } from './summary.ts';
import { plural } from './words.ts';

/** Only so many sizes and arms of experiments are told one by one. */
const MOST_EXPERIMENTS = 12;

/** Losses that users wait for in vain: when, and what is said of them. */
interface Failure {
  applies(row: SummaryRow, told: Told): boolean;
  say(rows: readonly SummaryRow[], told: Told): string;
}

const FAILURES: readonly Failure[] = [
  {
    applies: (row) => !isOpen(row) && !recovers(row),
    say: (lost) => `${cannot(lost)} Nothing shows that it gets them in another way.`,
  },
  {
    applies: (row) => isOpen(row) && isLost(row) && count(row, 'loss-retries') > 0,
    say: (failed) =>
      `Answers of ${list(failed)} octets over UDP show no sign of arrival, and it did not ask for them over TCP.`,
  },
  {
    applies: (row, { smallerBeside }) => isOpen(row) && isLost(row) && smallerBeside(row) !== undefined,
    say: (silent, told) =>
      `Silent ${silences(silent)}, while ${arrivedBeside(silent, told)}. It asks over UDP only once.`,
  },
];

/** The failures of the default arm that are urgent, or those that are not. */
function failures(isUrgent: boolean): Advice[] {
  return FAILURES.map(({ applies, say }) => ({
    isUrgent,
    say: (told) =>
      withRemedy(
        told,
        (row) => isDefaultArm(row) && hasBaseline(row) === isUrgent && applies(row, told),
        (rows) => say(rows, told),
      ),
  }));
}

export const ON_LOSSES: readonly Advice[] = [
  ...failures(true),
  ...failures(false),
  {
    isUrgent: false,
    say: (told) =>
      withRemedy(
        told,
        (row) => isDefaultArm(row) && !isOpen(row) && recovers(row),
        (lost) => `${cannot(lost)} The resolver recovers, but users wait.`,
      ),
  },
  {
    isUrgent: false,
    say: (told) =>
      withRemedy(
        told,
        (row) => isDefaultArm(row) && isOpen(row) && isLost(row) && row.recovered > 0,
        (lost) => `Answers of ${list(lost)} octets over UDP get lost; the resolver recovers, but users wait.`,
      ),
  },
  {
    isUrgent: false,
    say: (told) =>
      told.rows
        .filter((row) => !isDefaultArm(row) && isExperimentLost(row, told))
        .slice(0, MOST_EXPERIMENTS)
        .map((row) => experiment(row, told.rows)),
  },
  {
    isUrgent: false,
    say: (told) =>
      withRemedy(
        told,
        (row) => (isFlaky(row) || row.ability === 'CAN') && isBrokenLately(row),
        (lost) => `Over UDP no longer: ${each(lost, lately)}. Look for what changed then.`,
      ),
  },
  {
    isUrgent: false,
    say: (told) =>
      withRemedy(
        told,
        (row) => isFlaky(row) && !isBrokenLately(row),
        (flaky) =>
          `Over UDP only sometimes: ${each(flaky, ({ arrived, joined, tried, size }) => `${arrived + joined} of ${tried} answers of ${size} octets arrived`)}. Look for a path or firewall that differs between tries.`,
      ),
  },
  {
    isUrgent: false,
    say: ({ rows }) =>
      sayOf(
        rows.filter(({ left_out: { mtu = 0 } }) => mtu > 0),
        (lessons) =>
          `ICMP "packet too big" came back for answers of ${list(lessons)} octets${mtuText(lessons)}: the path takes less than this server's link. Such a loss teaches this server the path MTU and says nothing of the resolver; where such losses go on, see docs/operating.md, Path MTU.`,
      ),
  },
  {
    isUrgent: false,
    say: ({ rows }) =>
      sayOf(
        rows.filter((row) => foreign(row) > 0),
        (strange) =>
          `${plural(
            strange.reduce((total, row) => total + foreign(row), 0),
            'answer',
          )} of ${list(strange)} octets left out: nobody listened at the port, or the query came over another number of hops than others of this source. Somebody may ask in its name.`,
      ),
  },
  {
    isUrgent: false,
    say: ({ rows }) =>
      sayOf(
        rows.filter((row) => isOpen(row) && count(row, 'silent') > 0 && count(row, 'silent') < OFTEN),
        (few) =>
          `Silent ${silences(few)}: that proves nothing yet. Ask again, at least three times, ten minutes apart, and for s512 in between.`,
      ),
  },
  {
    isUrgent: false,
    say: ({ rows, smallerBeside }) =>
      sayOf(
        rows.filter(
          (row) =>
            isOpen(row) &&
            count(row, 'silent') >= OFTEN &&
            delivered(row) === 0 &&
            smallerBeside(row) === undefined,
        ),
        (alone) =>
          `Silent ${silences(alone)}, and no smaller answer arrived meanwhile. Ask for s512 as well: when that arrives, the size is to blame.`,
      ),
  },
];

/** Nothing arrived, and something was lost that the size may be to blame for. */
function isLost({ arrived, lost_in_a_row }: SummaryRow): boolean {
  return arrived === 0 && lost_in_a_row > 0;
}

function isFlaky({ ability }: SummaryRow): boolean {
  return ability === 'FLAKY';
}

/** It went well, and all of the last were lost, more than happens on a path that loses some. */
function isBrokenLately(row: SummaryRow): boolean {
  return row.losses_apart_in_a_row >= LOSSES_NEEDED && !wasLossy(row);
}

function recovers({ tcp, recovered }: SummaryRow): boolean {
  return tcp + recovered > 0;
}

/** Losses by excuses that a query in the name of the source leaves. */
function foreign({ left_out: { port = 0, distance = 0 } }: SummaryRow): number {
  return port + distance;
}

function cannot(rows: readonly SummaryRow[]): string {
  const [never, nowNot] = [
    rows.filter(({ arrived }) => arrived === 0),
    rows.filter(({ arrived }) => arrived > 0),
  ];
  const lost = never.reduce((total, row) => total + row.lost_in_a_row, 0);
  const ground = 'while others did before and after, and other networks received that size.';
  return [
    ...sayOf(
      never,
      () => `Answers of ${list(never)} octets cannot reach it over UDP: none of ${lost} arrived, ${ground}`,
    ),
    ...sayOf(
      nowNot,
      () =>
        `Answers of ${list(nowNot)} octets cannot reach it over UDP any more: ${each(nowNot, lately)}, ${ground}`,
    ),
  ].join(' ');
}

/** `of 4096 octets none of the last 60 arrived, since 2026-11-23 16:40 UTC, after 12 that did`. */
export function lately({
  size,
  arrived,
  lost_in_a_row: lost,
  lost_since: since,
  first_at,
}: SummaryRow): string {
  return `of ${size} octets none of the last ${lost} arrived, since ${minuteOf(since ?? first_at)}, after ${arrived} that did`;
}

function mtuText(rows: readonly SummaryRow[]): string {
  const mtu = rows.reduce((least, row) => Math.min(least, row.mtu ?? least), Number.POSITIVE_INFINITY);
  return Number.isFinite(mtu) ? ` and names an MTU of ${mtu} octets` : '';
}

/** Whether an arm that is an experiment lost what it sent. */
function isExperimentLost(row: SummaryRow, { smallerBeside }: Told): boolean {
  const isFinding =
    !isOpen(row) ||
    count(row, 'loss-retries') > 0 ||
    row.recovered > 0 ||
    (count(row, 'silent') > 0 && smallerBeside(row) !== undefined);
  return isLost(row) && isFinding;
}

function experiment({ size, arm }: SummaryRow, rows: readonly SummaryRow[]): string {
  const usual = rows.filter((row) => row.size === size && isDefaultArm(row));
  const beside = usual.some(({ arrived, joined }) => arrived + joined > 0)
    ? 'without it they arrive'
    : usual.some(({ tried }) => tried > 0)
      ? 'nor do they arrive without it'
      : `without it nobody tried yet: ask for s${size}`;
  return `Answers of ${size} octets over UDP show no sign of arrival where the test name asks for the arm ${arm}; ${beside}. That arm is an experiment: users are not sent their answers so.`;
}
