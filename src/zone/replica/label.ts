/**
 * Labels of replicas: `k<composition>`, `k<YYYYMMDD>`, and those minted for one trial (DESIGN: key roll).
 *
 *     k20270111-n<run>-g<gate>     gate: 11 octets in base32hex
 *      0..2   tag of the source's prefix    3..5  minutes since the epoch modulo 2^24 (32 years)    6..10  MAC
 */
import { latin1, type Name, nameKey } from '../../wire/name.ts';
import { base32hexLength, formatBase32hex, parseBase32hex } from '../base32hex.ts';
import { read24, write24 } from '../fields.ts';
import { MAC_OCTETS, type Mac } from '../mac.ts';
import { formatRun, parseRun } from '../test-name.ts';
import { CALENDAR, type Period, periodOn } from './calendar.ts';
import { COMPOSITIONS, type Composition, findComposition } from './composition.ts';

export const REPLICA_LETTER = 'k';

/** What a label without a trial means. */
export interface ReplicaHead {
  /** The label itself. */
  readonly head: string;
  readonly composition: Composition;
  /** Of the root, for a label that is a date. */
  readonly period: Period | undefined;
}

/** A trial that a label was minted for. */
export interface Minted {
  /** 12 hex digits. */
  readonly run: string;
  readonly prefixTag: number;
  /** Minutes since the epoch modulo 2^24. */
  readonly minute: number;
}

/** Of a run as `formatRun` writes it. */
const RUN_CHARACTERS = 11;
const HEAD_OCTETS = 6;
const GATE_OCTETS = HEAD_OCTETS + 5;
/** By which the label of a trial is longer than the one it stands for. */
export const TRIAL_OCTETS = 1 + RUN_CHARACTERS + 2 + base32hexLength(GATE_OCTETS);
const MINUTE_MS = 60_000;
const TWO_24 = 2 ** 24;
/** How long a minted label lets its prefix in. */
const OPEN_MINUTES = 10;
/** Nodes that mint may be ahead of the one that is asked. */
const AHEAD_MINUTES = 1;

const DATE = /^k(\d{4})(\d{2})(\d{2})$/;
const MINTED = /^(k[0-9a-z]+)-(n[0-7][0-9a-v]{9})-g([0-9a-v]{18})$/;

/** @param head lower case, without a trial; undefined where it is none */
export function parseHead(head: string): ReplicaHead | undefined {
  const [, year, month, day] = DATE.exec(head) ?? [];
  if (year === undefined) {
    const composition = findComposition(head);
    return composition && { head, composition, period: undefined };
  }
  const period = periodOn(`${year}-${month}-${day}`);
  return period && { head, composition: period.composition, period };
}

/** Labels without a trial to show: the first day of each period, then each composition. */
export function listedHeads(): ReplicaHead[] {
  const dated = CALENDAR.map((period) => ({
    head: `${REPLICA_LETTER}${period.since.replaceAll('-', '')}`,
    composition: period.composition,
    period,
  }));
  return [
    ...dated,
    ...COMPOSITIONS.map((composition) => ({ head: composition.label, composition, period: undefined })),
  ];
}

/**
 * Label of a replica for one trial of a source of this prefix.
 * @param parent apex of the zone above
 * @param mac of purpose `zone`
 */
export function mintLabel(
  head: string,
  run: string,
  prefixTag: number,
  now: number,
  parent: Name,
  mac: Mac,
): string {
  const minute = minuteOf(now);
  const gate = sealGate(head, { run, prefixTag, minute }, parent, mac);
  return `${head}-${formatRun(run)}-g${formatBase32hex(gate)}`;
}

/** Reads a minted label (lower case); undefined where it is none, or not of this secret and parent. */
export function parseMinted(
  label: string,
  parent: Name,
  mac: Mac,
): { readonly head: string; readonly minted: Minted } | undefined {
  const [, head, runText, gateText] = MINTED.exec(label) ?? [];
  const run = runText === undefined ? undefined : parseRun(runText);
  const gate = gateText === undefined ? undefined : parseBase32hex(gateText, GATE_OCTETS);
  if (head === undefined || run === undefined || !gate) return undefined;
  const minted = { run, prefixTag: read24(gate, 0), minute: read24(gate, 3) };
  return Buffer.compare(gate, sealGate(head, minted, parent, mac)) === 0 ? { head, minted } : undefined;
}

/** Whether a label that was minted so is fresh, and for a source of this prefix. */
export function isOpen({ prefixTag, minute }: Minted, asking: number, now: number): boolean {
  const age = (minuteOf(now) - minute + AHEAD_MINUTES + TWO_24) % TWO_24;
  return prefixTag === asking && age <= OPEN_MINUTES + AHEAD_MINUTES;
}

function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS) % TWO_24;
}

function sealGate(head: string, { run, prefixTag, minute }: Minted, parent: Name, mac: Mac): Uint8Array {
  const gate = new Uint8Array(HEAD_OCTETS + MAC_OCTETS);
  write24(gate, 0, prefixTag);
  write24(gate, 3, minute);
  const said = latin1(`replica ${head} ${run} ${prefixTag} ${minute} ${nameKey(parent)}`);
  gate.set(mac.hash(said), HEAD_OCTETS);
  return gate.slice(0, GATE_OCTETS);
}
