/** Phase entry: what a source did in one phase of a key roll, counted, and told in one sentence. */

import { ROLL_PHASES, type RollPhase } from '../../zone/roll/phase.ts';
import { groupBy } from '../group.ts';
import type { Observation } from '../observation.ts';
import type { Span } from '../span.ts';
import { plural } from '../words.ts';
import type { RollLedger } from './ledger.ts';
import { lapse, often, SIGNAL_WORDS } from './roll-words.ts';

/** Counts are of the rows that were read: the first and last 64 of a kind. */
export interface PhaseEntry extends Span {
  readonly phase: RollPhase;
  /** Queries for DNSKEY with DO=1, and those of them over TCP and with TC=1 in the answer. */
  readonly fetches: number;
  readonly tcp: number;
  readonly truncated: number;
  /** EDNS sizes that they offered over UDP, 0 for none, smallest first. */
  readonly edns: readonly number[];
  /** Those with CD=1. */
  readonly cd: number;
  /** Between two of them, milliseconds, the one in the middle; null of fewer than three. */
  readonly gap_ms: number | null;
  /** Key-tag queries and options by what they list. */
  readonly signals: Readonly<Record<string, number>>;
  /** Questions for signed answers, and those known to have reached a client. */
  readonly asked: number;
  readonly proofs: number;
  readonly sentence: string;
}

/** In order of the roll; phases without a row are left out. */
export function phaseEntries(ledger: RollLedger): PhaseEntry[] {
  return ROLL_PHASES.flatMap((phase) => {
    const rows = ledger.rows.filter((row) => row.phase === phase);
    return rows.length === 0 ? [] : [phaseEntry(phase, rows, ledger)];
  });
}

function phaseEntry(phase: RollPhase, rows: readonly Observation[], ledger: RollLedger): PhaseEntry {
  const of = (list: readonly Observation[]) => list.filter((row) => row.phase === phase);
  const fetches = of(ledger.fetches);
  const signals = groupBy(of(ledger.signals), ({ signal }) => signal as string);
  const counts = {
    fetches: fetches.length,
    tcp: fetches.filter(({ proto }) => proto !== 'udp').length,
    truncated: fetches.filter(({ tc }) => tc).length,
    edns: [...new Set(fetches.filter(({ proto }) => proto === 'udp').map(({ edns_udp }) => edns_udp))].sort(
      (a, b) => a - b,
    ),
    cd: fetches.filter(({ cd }) => cd).length,
    gap_ms: middleGap(fetches),
    signals: Object.fromEntries([...signals].map(([signal, own]) => [signal, own.length])),
    asked: of(ledger.asked).length,
    proofs: of(ledger.proofs).length,
  };
  return {
    phase,
    ...counts,
    sentence: tell(counts),
    first_at: rows[0]!.time,
    last_at: rows.at(-1)!.time,
  };
}

function tell(entry: Omit<PhaseEntry, 'phase' | 'sentence' | keyof Span>): string {
  const { fetches, tcp, truncated, edns, cd, gap_ms, signals, asked, proofs } = entry;
  const details = [
    ...(edns.length === 0 ? [] : [`EDNS ${edns.join(', ')}`]),
    `CD=${cd === fetches ? '1' : cd === 0 ? '0' : `1 ${often(cd)}`}`,
    ...(gap_ms === null ? [] : [`about every ${lapse(gap_ms)}`]),
    ...(truncated === 0 ? [] : [`TC=1 ${often(truncated)}`]),
    ...(tcp === 0 ? [] : [`${often(tcp)} over TCP`]),
  ];
  const parts = [
    fetches === 0
      ? 'It did not fetch DNSKEY with DO=1.'
      : `It fetched DNSKEY ${often(fetches)} (${details.join(', ')}).`,
    ...Object.entries(signals).map(
      ([signal, count]) =>
        `${count} key-tag ${count === 1 ? 'query lists' : 'queries list'} ${SIGNAL_WORDS[signal]}.`,
    ),
    ...(asked === 0
      ? []
      : [
          `Clients asked ${often(asked)}, and ${proofs === 0 ? 'no answer is' : `${plural(proofs, 'answer')} ${proofs === 1 ? 'is' : 'are'}`} known to have reached them.`,
        ]),
  ];
  return parts.join(' ');
}

function middleGap(fetches: readonly Observation[]): number | null {
  const gaps = fetches.slice(1).map(({ time }, before) => time - fetches[before]!.time);
  return gaps.length < 2 ? null : (gaps.sort((a, b) => a - b)[gaps.length >>> 1] ?? null);
}
