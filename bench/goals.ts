/** THE TABLE of goals: what padzone is to reach beside its peers, and whether it does. */
import type { CaseResult, Row } from './cases/case.ts';
import { cpuOf, perCpuSecond, treeCpuOf } from './summary.ts';

/** Results of one bench; what was not measured is undefined, and a figure made of it NaN. */
interface Results {
  row(key: string, label: string): Row | undefined;
  /** Rows of a case but padzone's own and the echo floor. */
  peers(key: string): readonly Row[];
  fact(key: string, name: string): number;
}

interface Goal {
  readonly key: string;
  readonly text: string;
  /** `most` or `least` is the bound of the figure. */
  readonly figure: (results: Results) => number;
  readonly most?: number;
  readonly least?: number;
}

const PADZONE = 'padzone';
const of = (value: (row: Row) => number, row: Row | undefined) =>
  row === undefined ? Number.NaN : value(row);
const ratio =
  (key: string, value: (row: Row) => number, peer: string, own = value) =>
  (results: Results) =>
    of(own, results.row(key, PADZONE)) / of(value, results.row(key, peer));

/** padzone's answers a CPU second over those of the best peer of the case. */
const overBest =
  (key: string, label: string, own: (row: Row) => number = (row) => 1e6 / cpuOf(row)) =>
  (results: Results) => {
    const peers = results.peers(key).map(perCpuSecond);
    return peers.length === 0 ? Number.NaN : of(own, results.row(key, label)) / Math.max(...peers);
  };

/** The same goal for the serving process, and with the processes that compact its rows. */
const bothWays = (key: string, text: string, label: string, least: number): Goal[] => [
  { key, text: `${text}, serving process`, figure: overBest(key, label), least },
  { key, text: `${text}, with compaction`, figure: overBest(key, label, perCpuSecond), least },
];

const cheapestLogging = (results: Results) => {
  const peers = results.peers('g').map(cpuOf);
  return peers.length === 0 ? Number.NaN : of(cpuOf, results.row('g', PADZONE)) / Math.min(...peers);
};

/** The least of what a signed answer can cost here: one signature, and the floor of receiving and sending. */
const overSigningFloor = (results: Results) => {
  const costs = ['node:crypto', 'openssl'].map((by) => results.fact('c', `signature by ${by}`));
  const signature = Math.min(...costs.filter(Number.isFinite));
  return (
    of(cpuOf, results.row('c', 'padzone gate, trials')) /
    (signature + of(cpuOf, results.row('c', 'echo floor')))
  );
};

export const GOALS: readonly Goal[] = [
  { key: 'a', text: 'CPU an answer, serving process, × NSD', figure: ratio('a', cpuOf, 'NSD'), most: 1.1 },
  {
    key: 'a',
    text: 'CPU an answer with compaction, × NSD',
    figure: ratio('a', cpuOf, 'NSD', treeCpuOf),
    most: 1.5,
  },
  { key: 'a', text: 'answers/s, × NSD', figure: ratio('a', ({ perSecond }) => perSecond, 'NSD'), least: 1 },
  {
    key: 'a',
    text: 'CPU an answer, serving process, × echo floor',
    figure: ratio('a', cpuOf, 'echo floor'),
    most: 1.2,
  },
  {
    key: 'g',
    text: 'CPU an answer, serving process, × best peer that records',
    figure: cheapestLogging,
    most: 0.7,
  },
  { key: 'b', text: 'rows dropped at full load', figure: ({ fact }) => fact('b', 'rows missing'), most: 0 },
  {
    key: 'b',
    text: 'CPU an answer, serving process, × recording off',
    figure: ratio('b', cpuOf, 'padzone record off'),
    most: 1.15,
  },
  ...bothWays('c', 'answers a CPU second, × best online signer', 'padzone gate, trials', 1.3),
  {
    key: 'c',
    text: 'CPU an answer, serving process, × (signature + echo floor)',
    figure: overSigningFloor,
    most: 1.25,
  },
  ...bothWays('e1', 'answers a CPU second, one a connection, × best peer', PADZONE, 0.75),
  ...bothWays('e2', 'answers a CPU second, 100 a connection, × best peer', PADZONE, 0.8),
  ...bothWays('f', 'denials a CPU second, × best online signer', PADZONE, 2),
  {
    key: 'f',
    text: 'RSS after a flood of distinct names, × before',
    figure: ({ fact }) => fact('f', 'growth'),
    most: 1.1,
  },
  {
    key: 'memory',
    text: 'RSS in MB after 10 M answers to 1 M source addresses',
    figure: ({ fact }) => fact('memory', 'rss'),
    most: 200,
  },
  {
    key: 'soak',
    text: 'rows missing after a soak',
    figure: ({ fact }) => fact('soak', 'rows missing'),
    most: 0,
  },
];

export interface GoalResult {
  readonly goal: string;
  readonly figure: number | undefined;
  /** As `≤ 1.1`. */
  readonly bound: string;
  readonly verdict: 'reached' | 'NOT REACHED' | 'not measured';
}

export function judgeGoals(results: readonly CaseResult[]): GoalResult[] {
  const find = (key: string) => results.find((one) => one.key === key);
  const lookUp: Results = {
    row: (key, label) => find(key)?.rows.find((row) => row.label === label),
    peers: (key) =>
      (find(key)?.rows ?? []).filter(({ label }) => !label.startsWith(PADZONE) && label !== 'echo floor'),
    fact: (key, name) => find(key)?.facts.find((fact) => fact.name === name)?.value ?? Number.NaN,
  };
  return GOALS.map(({ key, text, figure, most, least }) => {
    const value = figure(lookUp);
    const isReached = most === undefined ? value >= (least ?? 0) : value <= most;
    return {
      goal: `(${key}) ${text}`,
      figure: Number.isFinite(value) ? value : undefined,
      bound: most === undefined ? `≥ ${least}` : `≤ ${most}`,
      verdict: !Number.isFinite(value) ? 'not measured' : isReached ? 'reached' : 'NOT REACHED',
    };
  });
}
