/** A crowd: trials of many sources, each told by how it ends. */
import type { Observation } from '../../src/observe/observation.ts';
import { story } from './rows.ts';

/** How a trial ends; the first three were offered the size over UDP, the others get TC=1. */
export type Ending = 'whole' | 'recovered' | 'lost' | 'silent' | 'tcp' | 'no-tcp' | 'tc-silent';
export const ENDINGS: readonly Ending[] = [
  'whole',
  'recovered',
  'lost',
  'silent',
  'tcp',
  'no-tcp',
  'tc-silent',
];

export interface CrowdTrial {
  readonly source: string;
  readonly size: number;
  readonly ending: Ending;
  /** Of the option that chooses it, too. */
  readonly arm?: 'df' | 'nodf';
}

/** Rows of all of them, five minutes apart. */
export function crowdRows(trials: readonly CrowdTrial[]): Observation[] {
  return trials.flatMap(rowsOf).map((row, seq) => ({ ...row, seq }));
}

function rowsOf({ source: src, size, ending, arm }: CrowdTrial, number: number): Observation[] {
  const { gate, udp, tc, tcp, receipt } = story({ size, run: (number + 1).toString(16).padStart(12, '0') });
  const at = number * 300;
  const from: Partial<Observation> = {
    src,
    ip_version: src.includes(':') ? 6 : 4,
    ...(arm === undefined ? {} : { options: arm, arm }),
  };
  const opening = gate(at, from);
  const whole = (after: number) => udp(at + after, at + 10 * after, from);
  const stream = () => tcp(at + 2, at + 99, from);
  if (ending === 'whole') return withReceipt([opening], whole(0.1));
  if (ending === 'lost') return [opening, whole(0.1), whole(0.9), whole(2.5)];
  if (ending === 'silent') return [opening, whole(0.1)];
  if (ending === 'recovered') return withReceipt([opening, whole(0.1)], stream());
  if (ending === 'tcp') return withReceipt([opening, tc(at + 0.1, from)], stream());
  if (ending === 'tc-silent') return [opening, tc(at + 0.1, from)];
  return [opening, tc(at + 0.1, from), tc(at + 0.9, from), tc(at + 2.5, from)];

  function withReceipt(before: Observation[], sent: Observation): Observation[] {
    return [...before, sent, receipt((sent.time - opening.time) / 1000 + at + 0.1, sent)];
  }
}
