/** The sizes at a name server itself: what leaves it, and arrives here. */
import type { Check, Scene } from '../check.ts';
import { type Outcome, outcomesOf, sourcesOf } from '../outcome.ts';
import { type Findings, isMissing, trial } from '../test.ts';
import { isBad, largestWhole, summary } from './sizes.ts';

export const peerSizes: Check = {
  name: 'sizes',

  tests: (plan) => plan.sizes.map((size) => trial(plan, size)),

  look(findings, scene) {
    const rows = outcomesOf(findings);
    const bad = rows.filter(isBad);
    if (bad.length === 0) return { state: 'good', text: summary(rows) };
    return { state: 'problem', text: summary(rows), advice: adviseLoss(bad, findings, scene) };
  },
};

function adviseLoss(bad: readonly Outcome[], findings: Findings, { server, origin }: Scene): string[] {
  const here = sourcesOf(findings).join(' and ') || 'this host';
  const list = (rows: readonly Outcome[]) => rows.map(({ size }) => size).join(', ');
  const refused = bad.filter(({ finding }) => isMissing(finding));
  const withheld = bad.filter(({ recovery }) => recovery === 'doubtful');
  const spoiled = bad.filter(({ finding, how }) => how === 'nothing' && finding.receipt !== undefined);
  const other = bad.filter((row) => ![...refused, ...withheld, ...spoiled].includes(row));
  return [
    ...(refused.length === 0
      ? []
      : [
          `${server} knows no name s${refused[0]?.size} in ${origin}: check that padzone serves this domain, and that no filter on the way changes answers.`,
        ]),
    ...(other.length === 0
      ? []
      : [
          `Answers of ${list(other)} octets over UDP leave ${server} and do not reach ${here}. Ask from a third host as well: if they are lost there too, the fault is at the server, whose firewall or provider drops ${other.every(({ size }) => size > largestWhole(findings)) ? 'fragments' : 'long answers'}; until it is mended, blame no resolver.`,
        ]),
    ...(spoiled.length === 0
      ? []
      : [
          `Answers of ${list(spoiled)} octets arrive with another size than they left with: look for something between ${server} and ${here} that rewrites DNS.`,
        ]),
    ...(withheld.length === 0
      ? []
      : [
          `${server} says TC=1 for ${list(withheld)} octets although more was offered: its udp_max is lower, or its udp_budget is spent.`,
        ]),
  ];
}
