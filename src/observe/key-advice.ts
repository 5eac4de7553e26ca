/** Key advice: what the operator of a source changes for the keys that it trusts and gets, and which of it is urgent. */
import type { SourceAdvice } from './advice.ts';
import { groupBy } from './group.ts';
import type { KeyFindings } from './key-findings.ts';
import type { KeyRollFinding } from './key-roll/key-roll.ts';
import { ROLL_CLASSES } from './key-roll/roll-class.ts';
import { latestSentinels } from './sentinel-runs.ts';

/** By source address; of several rolls the same advice once, the urgent first. Sources without advice are left out. */
export function adviseKeys({ keyRolls, sentinels, replicas }: KeyFindings): Map<string, SourceAdvice[]> {
  const said = [
    ...latestSentinels(sentinels).map(({ source, latest: { advice } }) => ({
      source,
      advice,
      isUrgent: true,
    })),
    ...replicas.map(({ source, advice, is_sure: isUrgent }) => ({ source, advice, isUrgent })),
    ...keyRolls.map((found) => ({ ...found, isUrgent: isUrgentRoll(found) })),
  ].flatMap(({ source, advice: text, isUrgent }) => (text === null ? [] : [{ source, text, isUrgent }]));
  const urgentFirst = [
    ...said.filter(({ isUrgent }) => isUrgent),
    ...said.filter(({ isUrgent }) => !isUrgent),
  ];
  return new Map(
    [...groupBy(urgentFirst, ({ source }) => source)].map(([source, own]) => [
      source,
      own
        .filter(({ text }, at) => own.findIndex((each) => each.text === text) === at)
        .map(({ isUrgent, text }) => ({ isUrgent, text })),
    ]),
  );
}

/** Nobody is called to mend what a stranger may have made up. */
export function isUrgentRoll({ class: name, is_sure }: KeyRollFinding): boolean {
  return ROLL_CLASSES[name].isUrgent && is_sure;
}
