/** Contrast: the same sources at two sizes, or by two arms, so that nothing else differs between the two figures. */
import { ARM, OPTION_TABLE } from '../zone/test-name.ts';
import { groupBy } from './group.ts';
import { benjaminiHochberg, mcnemarExact } from './statistics.ts';

/** Trials that may be counted together. */
export interface Stratum {
  /** Octets asked for. */
  readonly size: number;
  readonly options: string;
  readonly arm: string;
  readonly ip_version: 4 | 6;
}

/** The first whole answer over UDP shows no arrival; the size did not arrive in any way. */
export type Measure = 'first_failure' | 'end_failure';

/** Which source addresses show it in one stratum, and which do not; those of whom nothing is known are missing. */
export interface Cell extends Stratum {
  readonly shown: Readonly<Record<Measure, ReadonlyMap<string, boolean>>>;
}

export interface Contrast {
  readonly by: 'size' | 'arm';
  readonly measure: Measure;
  readonly ip_version: 4 | 6;
  /** Those of both sides; of two arms without the words that chose them. */
  readonly options: string;
  readonly left: Pick<Stratum, 'size' | 'arm'>;
  readonly right: Pick<Stratum, 'size' | 'arm'>;
  /** Source addresses of which both sides are known: the sum of the next four. */
  readonly sources: number;
  readonly both: number;
  /** Only on the left. */
  readonly b: number;
  /** Only on the right. */
  readonly c: number;
  readonly neither: number;
  /** Exact McNemar test, two-sided. */
  readonly p: number;
  /** The same after Benjamini and Hochberg's adjustment for all contrasts of the list. */
  readonly q: number;
}

/** Sizes that are compared with each other: those that most sources were tried at. Strangers may ask for 65,000. */
const MOST_SIZES = 12;
const MEASURES: readonly Measure[] = ['first_failure', 'end_failure'];
const ARM_WORDS = OPTION_TABLE.filter(({ field }) => field === 'arm').map(({ syntax }) => syntax);
const ARM_ORDER = Object.keys(ARM);

/** All pairs that share a source: each two sizes of one arm, each two arms of one size. */
export function pairedContrasts(cells: readonly Cell[]): Contrast[] {
  const found = [
    ...pairsWithin('size', cells, ({ options, arm }) => [options, arm], sizePairsOf),
    ...pairsWithin('arm', cells, ({ size, options }) => [size, withoutArm(options)], armPairsOf),
  ];
  const adjusted = benjaminiHochberg(found.map(({ p }) => p));
  return found.map((contrast, at) => ({ ...contrast, q: adjusted[at] ?? 1 }));
}

function pairsWithin(
  by: Contrast['by'],
  cells: readonly Cell[],
  sharedBy: (cell: Cell) => readonly (string | number)[],
  pairs: (group: readonly Cell[]) => [Cell, Cell][],
): Omit<Contrast, 'q'>[] {
  const groups = groupBy(cells, (cell) => [...sharedBy(cell), cell.ip_version].join('|'));
  return [...groups.values()]
    .flatMap(pairs)
    .flatMap(([left, right]) => MEASURES.map((measure) => contrastOf(by, measure, left, right)))
    .filter(({ sources }) => sources > 0);
}

function contrastOf(by: Contrast['by'], measure: Measure, left: Cell, right: Cell): Omit<Contrast, 'q'> {
  let [both, b, c, neither] = [0, 0, 0, 0];
  for (const [source, onLeft] of left.shown[measure]) {
    const onRight = right.shown[measure].get(source);
    if (onRight === undefined) continue;
    if (onLeft && onRight) both++;
    else if (onLeft) b++;
    else if (onRight) c++;
    else neither++;
  }
  return {
    by,
    measure,
    ip_version: left.ip_version,
    options: by === 'arm' ? withoutArm(left.options) : left.options,
    left: { size: left.size, arm: left.arm },
    right: { size: right.size, arm: right.arm },
    sources: both + b + c + neither,
    both,
    b,
    c,
    neither,
    p: mcnemarExact(b, c),
  };
}

function sizePairsOf(cells: readonly Cell[]): [Cell, Cell][] {
  const common = cells
    .toSorted((a, b) => sourcesOf(b) - sourcesOf(a) || a.size - b.size)
    .slice(0, MOST_SIZES);
  return pairsOf(common.sort((a, b) => a.size - b.size));
}

function sourcesOf({ shown }: Cell): number {
  return Math.max(...MEASURES.map((measure) => shown[measure].size));
}

/** Each two cells of different arms, in the order of the table of arms. */
function armPairsOf(cells: readonly Cell[]): [Cell, Cell][] {
  const ordered = cells.toSorted((a, b) => ARM_ORDER.indexOf(a.arm) - ARM_ORDER.indexOf(b.arm));
  return pairsOf(ordered).filter(([a, b]) => a.arm !== b.arm);
}

function pairsOf<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((left, at) => list.slice(at + 1).map((right): [T, T] => [left, right]));
}

function withoutArm(options: string): string {
  const words = options.split('-').filter((word) => !ARM_WORDS.includes(word));
  return words.join('-');
}
