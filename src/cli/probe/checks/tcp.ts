/** Whether the resolver goes on over TCP after TC=1, with a small answer and with a large one (RFC 7766 §5). */
import type { Check, Judgment } from '../check.ts';
import { offeredSize, sourcesOf } from '../outcome.ts';
import { type Finding, type Findings, isFine, type Plan, type Test, trial, whyNot } from '../test.ts';
import { CONTROL } from './again.ts';

const SMALL = 512;
const LARGE = 4096;
const ID = { small: `s${SMALL}-tc`, large: `s${LARGE}-tc` } as const;

/** Known to fail over TCP, whatever the size. */
export function isTcpBlocked(findings: Findings): boolean {
  const small = findings.get(ID.small);
  return small !== undefined && !isFine(small);
}

/**
 * The small answer, before the first size that can come over TCP alone.
 *
 * Resolvers ask for several names over one connection (RFC 7766 §6.2.1.1): a long answer that stalls holds up a short one.
 */
export function smallBefore(plan: Plan, size: number): Test {
  return { ...trial(plan, SMALL, 'tc'), onlyIf: (findings) => (offeredSize(findings) ?? size) < size };
}

/** Known to fail over TCP, at some size or all. */
export function isTcpBad(findings: Findings): boolean {
  return [...findings.values()].some(({ test, problem }) => /-tc$/.test(test.id) && problem !== undefined);
}

/** What to do, by what is asked: a resolver, or a name server itself. */
interface Advice {
  blocked(address: string): string;
  stalled(address: string): string;
}

/** Through a resolver; `address` are its own. */
export const tcp = makeCheck({
  blocked: (address) =>
    `TCP fails: allow TCP to port 53, outbound, from ${address}, and check that it is not switched off in the resolver. Every answer above its EDNS size is lost without it.`,
  stalled: (address) =>
    `TCP connects, and long answers stall on it. Some link on the way to ${address} takes less than its ends think: let ICMP "packet too big" and "fragmentation needed" pass, or clamp the MSS (1220 fits every path).`,
});

/** At a name server; `address` is that of this host, as the server sees it. */
export const peerTcp = makeCheck({
  blocked: (address) =>
    `TCP to port 53 of this server fails from ${address}. Allow it there, inbound; where a third host gets through, look at the way out of this one.`,
  stalled: (address) =>
    `TCP connects, and long answers stall on the way to ${address}: let ICMP "packet too big" and "fragmentation needed" reach the server, or clamp the MSS (1220 fits every path).`,
});

function makeCheck(advice: Advice): Check {
  return {
    name: 'TCP',

    tests: (plan) => [
      trial(plan, SMALL, 'tc'),
      { ...trial(plan, LARGE, 'tc'), onlyIf: (findings) => isFine(findings.get(ID.small)) },
    ],

    look(findings) {
      const [small, large] = [findings.get(ID.small), findings.get(ID.large)];
      if (small === undefined) return undefined;
      const address = sourcesOf(findings).join(' and ');
      if (!isFine(small)) return blocked(small, findings, advice.blocked(address));
      if (!isFine(large)) return stalled(large, advice.stalled(address));
      return [small, large].every(({ receipt }) => receipt?.transport === 'tcp')
        ? { state: 'good', text: `${SMALL} and ${LARGE} octets came over TCP after TC=1` }
        : {
            state: 'unknown',
            text: 'cannot tell: the answer came over UDP although the server said TC=1 for it',
          };
    },
  };
}

function blocked(small: Finding, findings: Findings, advice: string): Judgment {
  // Whoever cannot be asked at all any more is not known to lack TCP alone.
  const control = findings.get(CONTROL);
  if (control !== undefined && !isFine(control))
    return { state: 'unknown', text: 'cannot tell: in the end nothing arrived any more, over UDP neither' };
  return {
    state: 'problem',
    text: `after TC=1 not even ${SMALL} octets came over TCP (${whyNot(small)})`,
    advice: [advice],
  };
}

function stalled(large: Finding | undefined, advice: string): Judgment {
  return {
    state: 'problem',
    text: `${SMALL} octets came over TCP, ${LARGE} did not (${large === undefined ? 'not asked' : whyNot(large)})`,
    advice: [advice],
  };
}
