/** The name servers of the origin, and what each of them says that it saw: their views, merged by node. */
import type { Check } from '../check.ts';
import { viewsOf } from '../outcome.ts';
import type { Findings, Plan, Test } from '../test.ts';
import { readSeen, type Seen } from '../texts.ts';

/** How often `me` is asked at most, until every node was met. */
const MOST_ASKED = 8;

export const servers: Check = {
  name: 'servers',

  tests: (plan) => [
    { id: 'NS', question: { name: plan.origin, type: 'NS' } },
    ...Array.from({ length: MOST_ASKED }, (_, at) => meAgain(plan, at + 2)),
  ],

  look(findings) {
    const nodes = nodesOf(findings);
    if (nodes.length === 0) return undefined;
    const listed = listedIn(findings).length;
    const met = `${nodes.map(({ node, local }) => `${node} (${local})`).join(', ')} answered`;
    const since = beganAt(findings);
    const views = viewsOf(findings).filter(({ lastAt }) => lastAt >= since);
    const isAll = new Set(nodes.map(({ node }) => node)).size >= listed;
    return {
      state: isAll ? 'good' : 'unknown',
      text: isAll
        ? met
        : `${met}; of ${listed} name servers no other was asked by the resolver in this time, or it is down`,
      more: views.map(({ source, text }) => `on ${source}: ${text}`),
    };
  },
};

/** A name of its own each time, so that the resolver must ask, and the last one shows the whole run. */
function meAgain(plan: Plan, count: number): Test {
  return {
    id: `me ${count}`,
    question: { name: `me-${plan.freshRun()}.${plan.origin}`, type: 'TXT' },
    onlyIf: (findings) => count === 2 || askedSoFar(findings).size < listedIn(findings).length,
  };
}

function listedIn(findings: Findings): readonly string[] {
  return findings.get('NS')?.exchanges.at(-1)?.reply?.nameservers ?? [];
}

/** Nodes that showed their view at the end. */
function askedSoFar(findings: Findings): ReadonlySet<string> {
  const last = [...findings].filter(([id]) => id.startsWith('me '));
  return new Set(last.flatMap(([, { texts }]) => readSeen(texts)?.node ?? []));
}

/** By the clocks of the servers, which may not be that of this host; milliseconds since the epoch. */
function beganAt(findings: Findings): number {
  return Math.min(...[...findings.values()].flatMap(({ receipt }) => receipt?.sentAt ?? []));
}

/** Each pair of node and address that answered `me`, once. */
function nodesOf(findings: Findings): Seen[] {
  const seen = [...findings.values()].flatMap(({ texts }) => readSeen(texts) ?? []);
  return [...new Map(seen.map((one) => [`${one.node} ${one.local}`, one])).values()];
}
