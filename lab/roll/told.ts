/** What the servers saw of one resolver during a roll, in seconds after its start (RFC 8145 §5). */
import type { Observation } from '../../src/observe/observation.ts';
import type { Signal } from '../../src/zone/made.ts';
import type { Rehearsal } from './rehearsal.ts';

const DNSKEY = 48;

export interface Told {
  /** First DNSKEY with the new key. */
  readonly newKey: number | undefined;
  /** First key-tag query with the old key alone. */
  readonly old: number | undefined;
  /** First key-tag query with both keys: the new one is an anchor. */
  readonly both: number | undefined;
  /** First one with the new key alone: the old one is none any more. */
  readonly fresh: number | undefined;
  /** DNSKEY fetches over UDP and TCP. */
  readonly fetches: { readonly udp: number; readonly tcp: number };
  readonly signals: readonly Signal[];
}

/** @param rows of its source addresses */
export function toldBy(rows: readonly Observation[], { zone, startAt }: Rehearsal): Told {
  const own = rows.filter((row) => row.zone === `${zone}.`).sort((a, b) => a.time - b.time);
  const first = (wanted: (row: Observation) => boolean) => {
    const found = own.find(wanted);
    return found && Math.round((found.time - startAt) / 100) / 10;
  };
  const fetches = own.filter(({ qtype }) => qtype === DNSKEY);
  return {
    newKey: first(({ qtype, phase }) => qtype === DNSKEY && phase === 'prepub'),
    old: first(({ signal }) => signal === 'old'),
    both: first(({ signal }) => signal === 'old+new'),
    fresh: first(({ signal }) => signal === 'new'),
    fetches: {
      udp: fetches.filter(({ proto }) => proto === 'udp').length,
      tcp: fetches.filter(({ proto }) => proto === 'tcp').length,
    },
    signals: [...new Set(own.flatMap(({ signal }) => (TAGS.has(signal) ? [signal] : [])))],
  };
}

/** Whether it told of the old key before it told of the new one, or of both before it told of the new one alone. */
export function hasToldChange({ old, both, fresh }: Told): boolean {
  return isBefore(old, both ?? fresh) || isBefore(both, fresh);
}

function isBefore(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one < other;
}

const TAGS: ReadonlySet<Signal> = new Set(['old', 'old+new', 'new', 'other']);
