/** Asks the tests of checks one after the other, and shows on a terminal which one it is at. */
import type { SubcommandContext } from '../subcommand.ts';
import { chase } from './chase.ts';
import type { Check } from './check.ts';
import { judge } from './judge.ts';
import type { ServerAddress } from './server-address.ts';
import type { Finding, Findings, Plan, Test } from './test.ts';

export interface Asking {
  readonly server: ServerAddress;
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Never throws for what the network does: that is the finding. */
export async function askTest({ server, timeoutMs, now }: Asking, test: Test): Promise<Finding> {
  const startedAt = now();
  const chain = await chase(server, test.question, timeoutMs);
  return judge(test, chain, startedAt, now());
}

/**
 * Asks all tests of the checks that are to be asked and were not yet.
 *
 * @param known findings from before, which are kept
 */
export async function runChecks(
  checks: readonly Check[],
  plan: Plan,
  asking: Asking,
  known: Findings,
  err: SubcommandContext['err'],
): Promise<Findings> {
  const findings = new Map(known);
  const show = progressOn(err);
  const planned = checks.flatMap((check) => check.tests(plan)).filter(({ id }) => !findings.has(id));
  for (const [index, test] of planned.entries()) {
    const name = test.nameFrom ? test.nameFrom(findings) : test.question.name;
    if (name === undefined || findings.has(test.id) || test.onlyIf?.(findings) === false) continue;
    show(`${index + 1}/${planned.length} ${test.id} …`);
    findings.set(test.id, await askTest(asking, { ...test, question: { ...test.question, name } }));
  }
  show('');
  return findings;
}

/** One line that is written anew each time; nothing where nobody watches. */
export function progressOn(err: SubcommandContext['err']): (line: string) => void {
  const isTerminal = 'isTTY' in err && err.isTTY === true;
  return (line) => {
    if (isTerminal) err.write(`\r\x1b[K${line}`);
  };
}
