/** The name servers of the origin, and what each of them says that it saw: their views, merged by node. */
import { below } from '../../below.ts';
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
    const { text: met, count } = meet(nodes, sendersOf(findings));
    const since = beganAt(findings);
    const views = viewsOf(findings).filter(({ lastAt }) => lastAt >= since);
    const isAll = count >= listed;
    return {
      state: isAll ? 'good' : 'unknown',
      text: isAll
        ? `${met} answered`
        : `${met} answered; of ${listed} name servers no other was asked by the resolver in this time, or it is down`,
      more: views.map(({ source, text }) => `on ${source}: ${text}`),
    };
  },
};

/** A name of its own each time, so that the resolver must ask, and the last one shows the whole run. */
function meAgain(plan: Plan, count: number): Test {
  return {
    id: `me ${count}`,
    question: { name: below(`me-${plan.freshRun()}`, plan.origin), type: 'TXT' },
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

/** All that were met, by `me` with their addresses, and how many they are. */
function meet(nodes: readonly Seen[], senders: Senders): { text: string; count: number } {
  const rest = senders.names.filter((name) => nodes.every(({ node }) => node !== name));
  const named = new Set([...nodes.map(({ node }) => node), ...rest]).size;
  const count = Math.max(named, senders.least);
  const nameless = Array.from({ length: count - named }, () => 'another one');
  return {
    text: [...nodes.map(({ node, local }) => `${node} (${local})`), ...rest, ...nameless].join(', '),
    count,
  };
}

interface Senders {
  /** Each once. */
  readonly names: readonly string[];
  /** So many nodes at least, where receipts name some by number. */
  readonly least: number;
}

/** Who sent measured answers of the origin, by the receipts: servers that were asked, whether `me` met them or not. */
function sendersOf(findings: Findings): Senders {
  const ofOrigin = [...findings.values()].filter(({ test }) => !test.id.includes('.'));
  const senders = new Set(ofOrigin.flatMap(({ receipt }) => receipt?.sender ?? []));
  const numbered = [...senders].filter((sender) => NUMBERED.test(sender));
  return {
    names: [...senders].filter((sender) => !NUMBERED.test(sender)),
    // A node gives another one's number only, so two are known by one number.
    least: numbered.length === 0 ? 0 : Math.max(2, numbered.length),
  };
}

const NUMBERED = /^node \d+$/;
