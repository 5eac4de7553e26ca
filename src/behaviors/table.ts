/** THE TABLE of behaviors: adding a family of test names is one file and one line here. */
import type { Behavior } from './behavior.ts';
import { exact } from './exact.ts';
import { makeHelp } from './help.ts';
import { ladder } from './ladder.ts';
import { me } from './me.ts';
import { sized } from './sized.ts';

const tests: readonly Behavior[] = [sized, exact, ladder, me];

export const BEHAVIORS: readonly Behavior[] = [...tests, makeHelp(tests)];

/** The behavior that claims a test (lower case, options removed), and its number. */
export function findBehavior(test: string): { behavior: Behavior; n: number } | undefined {
  for (const behavior of BEHAVIORS) {
    const n = behavior.parse(test);
    if (n !== undefined) return { behavior, n };
  }
  return undefined;
}

export function behaviorOfCode(code: number): Behavior | undefined {
  return BEHAVIORS.find((behavior) => behavior.code === code);
}
