/** What `padzone report` says of resolvers that went through a roll. */
import { judgeKeyRolls } from '../../src/observe/key-roll/key-roll.ts';
import type { RollClass } from '../../src/observe/key-roll/roll-class.ts';
import type { Observation } from '../../src/observe/observation.ts';

export interface Conclusion {
  /** Undefined where nothing of it was seen. */
  readonly verdict: RollClass | undefined;
  readonly sentence: string;
}

/** @param zone without the final dot; @param observedUntil milliseconds since the epoch by the servers' clock */
export function conclusionsOf(
  rows: readonly Observation[],
  zone: string,
  observedUntil: number,
): (sources: readonly string[]) => Conclusion {
  const findings = judgeKeyRolls(rows, observedUntil).filter((finding) => finding.zone === `${zone}.`);
  return (sources) => {
    const own = findings.find(({ source }) => sources.includes(source));
    return { verdict: own?.class, sentence: own?.sentence ?? '' };
  };
}
