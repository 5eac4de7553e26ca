/** One roll at one time: everything about it follows from its label, the secret and the clock. */
import { type RollKeys, rollKeys } from './keys.ts';
import type { RollLabel } from './label.ts';
import { type Stage, stageAt } from './phase.ts';

export interface Roll {
  /** Of the zone, lower case with final dot. */
  readonly zone: string;
  readonly label: RollLabel;
  readonly stage: Stage;
  readonly keys: RollKeys;
}

/**
 * @param parent name of the zone above, lower case with final dot
 * @param now milliseconds since the epoch
 */
export function rollAt(secret: Uint8Array, parent: string, label: RollLabel, now: number): Roll {
  // The root has no text in front of its dot.
  const zone = parent === '.' ? `${label.text}.` : `${label.text}.${parent}`;
  const stage = stageAt(label.profile, label.startAt, now);
  return { zone, label, stage, keys: rollKeys(secret, zone, label, stage.round) };
}
