/** What is said of replicas to people: the table of all, and the state of one (DESIGN: key roll). */
import { type Name, parseName } from '../../wire/name.ts';
import type { Period } from './calendar.ts';
import type { KeySet } from './keys.ts';
import { listedHeads, type ReplicaHead, TRIAL_OCTETS } from './label.ts';
import { type Solution, solve } from './solve.ts';

/** What resolvers advertise since the DNS Flag Day of 2020. */
const USUAL_PAYLOAD = 1232;

export interface ReplicaRow {
  readonly label: string;
  readonly composition: string;
  /** What it shows. */
  readonly what: string;
  /** `2019-01-11..2019-03-21`, and how that is known; empty for a composition without a date. */
  readonly when: string;
  /** Of the answer to DNSKEY with DO=1, without COOKIE: at the root, under this label, under the longer one of a trial. */
  readonly rootOctets: number;
  readonly octets: number;
  readonly trialOctets: number;
  /** The answer at the root fits into UDP at 1232. */
  readonly fits: boolean;
}

/** Every replica that is listed: the first day of each period, then each composition. @param origin apex of the zone above */
export function replicaRows(origin: Name): ReplicaRow[] {
  return listedHeads().map(({ head, composition, period }) => {
    const { rootOctets, octets } = solve(composition.keys, apexOctets(head, origin));
    return {
      label: head,
      composition: composition.label,
      what: period?.what ?? composition.summary,
      when: period ? whenText(period) : '',
      rootOctets,
      octets,
      trialOctets: solve(composition.keys, apexOctets(head, origin) + TRIAL_OCTETS).octets,
      fits: rootOctets <= USUAL_PAYLOAD,
    };
  });
}

/** What `roots` says: as the rows, but keys that come back each quarter are told of once. */
export function calendarLines(origin: Name): string[] {
  const rows = replicaRows(origin);
  const first = (row: ReplicaRow) =>
    row === rows.find(({ what, composition }) => what === row.what && composition === row.composition);
  const lines = rows.filter(first).map(({ label, composition, what, when, rootOctets, octets, fits }) => {
    const here = octets === rootOctets ? '' : `, here ${octets}`;
    const date = when === '' ? '' : ` ${composition} ${when}`;
    return `${label}${date}: ${what}; ${rootOctets} octets${here}, ${fits ? 'UDP' : 'TCP'} at ${USUAL_PAYLOAD}`;
  });
  return [
    "replicas of the root's DNSKEY answer: any day of 2016-2019 and 2024-2027 is k<YYYYMMDD>; ask trial-<label> through a resolver",
    ...lines,
  ];
}

/** The table as text in columns. @param origin presentation form */
export function replicaTable(origin: string): string {
  const head = ['label', 'keys', 'root', 'here', 'trial', '1232', 'what'];
  const rows = replicaRows(parseName(origin)).map((row) => [
    row.label,
    row.composition,
    String(row.rootOctets),
    String(row.octets),
    String(row.trialOctets),
    row.fits ? 'UDP' : 'TCP',
    row.when === '' ? row.what : `${row.when}: ${row.what}`,
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}

/** What `status.<replica>` says. */
export function statusLines({ composition, period }: ReplicaHead, solution: Solution, set: KeySet): string[] {
  const { rootOctets, octets } = solution;
  const size =
    octets === rootOctets
      ? `${octets} octets, as at the root`
      : `${octets} octets; ${rootOctets} at the root, which no key length reaches under this name`;
  return [
    `replica of the root's DNSKEY RRset: ${composition.label}, ${composition.summary}`,
    ...(period ? [`in the root zone ${whenText(period)}: ${period.what}`] : []),
    `answer to DNSKEY with DO=1: ${size}; 28 more with a COOKIE`,
    ...set.map(({ key, of }) => keyText(key.keyTag, key.flags, of)),
  ];
}

function keyText(
  tag: number,
  flags: number,
  { isKsk, algorithm, modulus, isRevoked, signsKeys }: KeySet[number]['of'],
) {
  const length = modulus === 0 ? 'P-256' : `RSA ${modulus * 8} bits`;
  const state = [isRevoked ? ', revoked' : '', signsKeys ? ', signs DNSKEY' : ''].join('');
  return `${isKsk ? 'KSK' : 'ZSK'} ${tag}: flags ${flags}, algorithm ${algorithm}, ${length}${state}`;
}

function whenText({ since, until, basis }: Period): string {
  return `${since}..${until} (${basis})`;
}

/** Wire octets of the name of a replica. */
function apexOctets(label: string, origin: Name): number {
  return 1 + label.length + origin.length;
}
