/** Zones whose name servers have addresses of one IP version only: what arrives over IPv4, and over IPv6. */
import { type Check, type Judgment, untested } from '../check.ts';
import { offeredSize, outcomeOf, outcomesOf } from '../outcome.ts';
import { type Finding, type Findings, isFine, isMissing, trial, whyNot } from '../test.ts';
import { receiverOf } from '../texts.ts';
import { isBad } from './sizes.ts';
import { isTcpBlocked } from './tcp.ts';

const SMALL = 1232;
const LARGE = 4096;
const WIDE =
  ', where they leave in packets of up to 1500 octets, and over IPv6 in packets of 1280; so some link may take less than 1500, or else';

export const ipv4 = makeCheck('IPv4', 'v4', 'v6', WIDE);
export const ipv6 = makeCheck('IPv6', 'v6', 'v4', '');

/** @param why what may explain that it fails over this version alone */
function makeCheck(name: string, zone: string, otherZone: string, why: string): Check {
  const idOf = (size: number, of = zone) => `s${size}.${of}`;
  return {
    name,

    tests: (plan) => [
      trial(plan, SMALL, '', zone),
      {
        ...trial(plan, LARGE, '', zone),
        onlyIf: (findings) => isFine(findings.get(idOf(SMALL))) && mayCome(findings),
      },
    ],

    look(findings) {
      const small = findings.get(idOf(SMALL));
      // A server without addresses of this version has no such zone.
      if (small === undefined || isMissing(small)) return undefined;
      if (!isFine(small)) return absent(name, small, isFine(findings.get(idOf(SMALL, otherZone))));
      const large = findings.get(idOf(LARGE));
      if (large === undefined) return { state: 'unknown', text: `${describe(small)}; ${LARGE} not asked` };
      const text = `${describe(small)}, ${isFine(large) ? '' : 'but '}${describe(large)}`;
      const outcome = outcomeOf(large, findings);
      if (!isBad(outcome)) return { state: 'good', text };
      // What gets lost over both is the matter of the sizes.
      const isAlone =
        outcomesOf(findings).every((row) => !isBad(row)) || isWell(findings, idOf(LARGE, otherZone));
      return {
        state: 'problem',
        text: outcome.how === 'nothing' ? text : `${text}, although UDP was offered`,
        ...(isAlone && { advice: [advise(name, why)] }),
      };
    },
  };
}

/** Not where TCP is the only way, and known to fail. */
function mayCome(findings: Findings): boolean {
  return !isTcpBlocked(findings) || (offeredSize(findings) ?? 0) >= LARGE;
}

function isWell(findings: Findings, id: string): boolean {
  const finding = findings.get(id);
  return finding !== undefined && !isBad(outcomeOf(finding, findings));
}

function describe(finding: Finding): string {
  const { receipt, test } = finding;
  if (!isFine(finding) || receipt === undefined) return `nothing of ${test.size} (${whyNot(finding)})`;
  const packets = (receipt.packets ?? 1) > 1 ? ` in ${receipt.packets} fragments` : '';
  return `${receipt.octets} octets over ${receipt.transport.toUpperCase()}${packets} to ${receiverOf(receipt)}`;
}

function absent(name: string, small: Finding, otherWorks: boolean): Judgment {
  if (!otherWorks) return untested(`neither the zone v4 nor v6 answers (${whyNot(small)})`);
  return {
    state: 'unknown',
    text: `servers that have ${name} only are out of reach (${whyNot(small)}): the resolver has no ${name}, or they have none`,
  };
}

function advise(name: string, why: string): string {
  return `Large answers get lost over ${name} alone${why}: look for a tunnel or firewall on that path that drops fragments or the ICMP errors of ${name}.`;
}
