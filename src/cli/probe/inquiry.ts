/** One server asked from the opening to the report: a resolver by its checks, a name server by its own. */
import type { SubcommandContext } from '../subcommand.ts';
import type { Check } from './check.ts';
import { PEER_CHECKS, RESOLVER_CHECKS } from './checks/table.ts';
import { explainOpening } from './failed-opening.ts';
import { identify } from './identity.ts';
import { openingTest } from './opening.ts';
import { adviceOf, judgeAll, type ProbeReport } from './report.ts';
import { type Asking, askTest, progressOn, runChecks } from './run.ts';
import { formatServerAddress, type ServerAddress } from './server-address.ts';
import { resolverOf } from './software.ts';
import type { Finding, Plan } from './test.ts';

export interface Inquiry {
  readonly report: ProbeReport;
  /** 0 all well, 1 problems, 2 no test could run. */
  readonly status: 0 | 1 | 2;
}

/** A server that was asked the opening question. */
export interface Opened {
  readonly asking: Asking;
  readonly opening: Finding;
}

/** The opening question, to the first server that answers at all; the last one where none does. */
export async function openAt(
  servers: readonly ServerAddress[],
  plan: Plan,
  timeoutMs: number,
  { err, now }: Pick<SubcommandContext, 'err' | 'now'>,
): Promise<Opened> {
  const show = progressOn(err);
  const [server, ...others] = servers;
  if (server === undefined) throw new RangeError('no server to ask');
  show(`${formatServerAddress(server)} …`);
  const asking = { server, timeoutMs, now };
  const opening = await askTest(asking, openingTest(plan));
  show('');
  if (opening.status !== 'NO ANSWER' || others.length === 0) return { asking, opening };
  err.write(`${formatServerAddress(server)} does not answer, going on to the next one\n`);
  return openAt(others, plan, timeoutMs, { err, now });
}

/** Asks everything else, and judges. */
export async function inquire(
  { asking, opening }: Opened,
  plan: Plan,
  { err }: Pick<SubcommandContext, 'err'>,
): Promise<Inquiry> {
  const server = formatServerAddress(asking.server);
  const { origin, run } = plan;
  const { startedAt, direct } = opening;
  const known = new Map([[opening.test.id, opening]]);
  const facts = { server, origin, run, startedAt, direct };
  progressOn(err)(`who is ${server} …`);
  if (opening.problem !== undefined) {
    const { judgment, status, ...found } = await explainOpening(asking, opening, plan);
    progressOn(err)('');
    return {
      report: { ...facts, ...found, judgments: [judgment], advice: judgment.advice },
      status,
    };
  }
  const identity = await identify(asking);
  const checks: readonly Check[] = direct ? PEER_CHECKS : RESOLVER_CHECKS;
  const findings = await runChecks(checks, plan, asking, known, err);
  const software = resolverOf(identity.version ?? '');
  const judgments = judgeAll(checks, findings, { origin, server, software });
  const report = { ...facts, identity, findings, judgments, advice: adviceOf(judgments, origin) };
  return { report, status: judgments.some(({ state }) => state === 'problem') ? 1 : 0 };
}
