/** Roll ledger: what one source address was seen to do during one key roll, sorted by kind of fact. */
import type { Phase } from '../../zone/made.ts';
import { parseRollLabel } from '../../zone/roll/label.ts';
import { ROLL_PHASES, type RollPhase, stageAt } from '../../zone/roll/phase.ts';
import type { Profile } from '../../zone/roll/profile.ts';
import { type Timeline, timelineOf } from '../during.ts';
import { groupBy } from '../group.ts';
import { networkOf } from '../network.ts';
import type { Observation } from '../observation.ts';
import { byTime } from '../order.ts';
import type { Span } from '../span.ts';

/** The roll of which zone, and which one where it rolls again and again. */
export interface Roll {
  /** Apex, lower case, with final dot. */
  readonly zone: string;
  /** Undefined where its label is none that this release knows. */
  readonly profile: Profile | undefined;
  /** When it began, milliseconds since the epoch; undefined with the profile. */
  readonly startAt: number | undefined;
}

/** All lists in order of time, of queries with RD=0 and AD=0: what people ask with `dig` tells nothing of a resolver. */
export interface RollLedger extends Roll, Span {
  readonly source: string;
  readonly rows: readonly Observation[];
  /** Queries with RD=1 or AD=1, which count for nothing. */
  readonly straight: readonly Observation[];
  /** Queries for DNSKEY of the zone, with any flags. */
  readonly keyQueries: readonly Observation[];
  /** Those of them with DO=1, as validators ask. */
  readonly fetches: readonly Observation[];
  /** Key-tag queries and options (RFC 8145). */
  readonly signals: readonly Observation[];
  /** Queries for signed answers of the zone that hold a name to ask next. */
  readonly asked: readonly Observation[];
  /** Such names, asked for by a client through this very address. */
  readonly proofs: readonly Observation[];
  /** The same through an address that was not sent the answer, or more than a minute after it. */
  readonly relayed: readonly Observation[];
  /** Answers that a validator refuses, at about the same time: asked for, and those that reached a client nevertheless. */
  readonly bogusAsked: readonly Observation[];
  readonly bogusProofs: readonly Observation[];
  readonly network: RollNetwork;
}

/** The /24 or /48 of a source in one roll: its addresses may be one resolver. */
export interface RollNetwork {
  /** Addresses that took part, the source among them. */
  readonly addresses: number;
  /** Queries for DNSKEY of all of them, in order of time. */
  readonly keyQueries: readonly Observation[];
  /** When the last of these over TCP came, milliseconds since the epoch. */
  readonly lastOverTcp: number | undefined;
}

/** As many first and last rows of a kind in one roll are read at most: a zone that rolls for weeks is asked every few seconds. */
export const ROWS_OF_A_KIND = 64;

const DNSKEY = 48;
/** What a resolver does with bogus answers counts for rolls so long before and after. */
const CONTROL_MS = 3_600_000;
const KEY_SIGNALS: readonly string[] = ['old', 'old+new', 'new', 'other'];

/** One ledger for each source and roll, in order of zone, start and source. */
export function openLedgers(rows: readonly Observation[]): RollLedger[] {
  const queries = rows.filter(({ event }) => event === 'query').sort(byTime);
  const controls = groupBy(
    queries.filter((row) => isBogusControl(row) && isOfResolver(row)),
    ({ src }) => src,
  );
  const bogus = new Map([...controls].map(([source, own]) => [source, timelineOf(own)]));
  const rolls = groupBy(
    queries.filter(({ phase }) => phase !== ''),
    rollKey,
  );
  return [...rolls.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, own]) => {
      const roll = rollOf(own[0]!);
      const bySource = groupBy(own, ({ src }) => src);
      const networks = indexNetworks(own);
      return [...bySource]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([source, all]) =>
          openLedger(source, roll, all, bogus.get(source), networks.get(networkOf(source))!),
        );
    });
}

function indexNetworks(rows: readonly Observation[]): Map<string, RollNetwork> {
  const groups = groupBy(rows, ({ src }) => networkOf(src));
  return new Map(
    [...groups].map(([network, own]) => {
      const keyQueries = own.filter(isKeyQuery);
      const lastOverTcp = keyQueries.findLast(({ proto }) => proto !== 'udp')?.time;
      return [network, { addresses: new Set(own.map(({ src }) => src)).size, keyQueries, lastOverTcp }];
    }),
  );
}

/** The place of a phase in the order of a roll. */
export function rankOf(phase: Phase): number {
  return ROLL_PHASES.indexOf(phase as RollPhase);
}

function openLedger(
  source: string,
  roll: Roll,
  all: readonly Observation[],
  bogus: Timeline<Observation> | undefined,
  network: RollNetwork,
): RollLedger {
  const rows = all.filter(isOfResolver);
  const keyQueries = rows.filter(isKeyQuery);
  const live = rows.filter(({ behavior }) => behavior === 'live');
  const span = { first_at: all[0]!.time, last_at: all.at(-1)!.time };
  const controls =
    bogus?.edgesDuring(span.first_at - CONTROL_MS, span.last_at + CONTROL_MS, ROWS_OF_A_KIND) ?? [];
  return {
    ...roll,
    ...span,
    source,
    rows,
    straight: all.filter((row) => !isOfResolver(row)),
    keyQueries,
    fetches: keyQueries.filter(({ edns_do }) => edns_do),
    signals: rows.filter(({ signal, step }) => step !== 'proof' && KEY_SIGNALS.includes(signal)),
    asked: live.filter(({ step }) => step !== 'proof'),
    proofs: live.filter(({ step, signal }) => step === 'proof' && signal === 'own'),
    relayed: live.filter(({ step, signal }) => step === 'proof' && signal !== 'own'),
    bogusAsked: controls.filter(({ step }) => step !== 'proof'),
    bogusProofs: controls.filter(({ step, signal }) => step === 'proof' && signal === 'own'),
    network,
  };
}

function isOfResolver({ rd, ad }: Observation): boolean {
  return !rd && !ad;
}

function isKeyQuery({ qtype, qname, zone }: Observation): boolean {
  return qtype === DNSKEY && qname.toLowerCase() === zone.toLowerCase();
}

/** Of a zone that is wrong on purpose and is none that rolls. */
function isBogusControl({ behavior, excluded, phase }: Observation): boolean {
  return behavior === 'live' && excluded === 'fault' && phase === '';
}

function rollKey(row: Observation): string {
  return `${row.zone.toLowerCase()} ${String(rollOf(row).startAt ?? 0).padStart(15, '0')}`;
}

function rollOf({ zone: apex, time }: Observation): Roll {
  const zone = apex.toLowerCase();
  const label = parseRollLabel(zone.split('.', 1)[0]!);
  if (label === undefined) return { zone, profile: undefined, startAt: undefined };
  const { profile, startAt } = label;
  const { round } = stageAt(profile, startAt, time);
  return { zone, profile, startAt: startAt + round * (profile.period ?? 0) * 1000 };
}
