/** Trust anchor: whether the resolver has the key of the root that signs since 2026, by names that it answers for or against it (RFC 8509). */

import { kskText, NEW_KSK, OLD_KSK } from '../../../observe/ksk.ts';
import { addRootKey, lookForRootKey } from '../../../observe/root-key-advice.ts';
import {
  classifySentinel,
  type EndResult,
  OTHER_ROOT,
  SENTINEL_CLASSES,
  type SentinelClass,
} from '../../../observe/sentinel.ts';
import { below } from '../../below.ts';
import type { Check, Judgment, Scene } from '../check.ts';
import type { Resolver } from '../software.ts';
import { type Finding, type Findings, isFine, isMissing, type Plan, type Test } from '../test.ts';
import { readProofName } from '../texts.ts';

const BOGUS = 'live.bogus';
const IS_NEW = `is-ta-${NEW_KSK.tag}`;
const NOT_NEW = `not-ta-${NEW_KSK.tag}`;
const IS_OLD = `is-ta-${OLD_KSK.tag}`;

export const sentinel: Check = {
  name: 'anchor',

  // The last one closes the run: what has no proof by then, the resolver has refused.
  tests: (plan) => [
    ...proven(BOGUS, below(`live-${plan.run}.bogus`, plan.origin)),
    ...[IS_NEW, NOT_NEW, IS_OLD].flatMap((id) => proven(id, nameOf(plan, id))),
    ...proven('live', below(`live-${plan.run}`, plan.origin)),
  ],

  look(findings, scene) {
    const [isNew, notNew, bogus, isOld] = [IS_NEW, NOT_NEW, BOGUS, IS_OLD].map((id) => findings.get(id));
    // A server that is older has no such names, and one with zones of its own no such zone.
    if (!isNew || !notNew || !bogus || !isOld || [isNew, bogus].some(isMissing)) return undefined;
    const results = { isNew: resultOf(isNew), notNew: resultOf(notNew), bogus: resultOf(bogus) };
    if (Object.values(results).every((result) => result === 'servfail')) return allFail(scene);
    return judgmentOf(classifySentinel(results), resultOf(isOld) === 'answer', scene);
  },
};

function nameOf({ run, origin }: Plan, id: string): string {
  return below(`root-key-sentinel-${id}.${run}`, origin);
}

/** A, on which resolvers act; where it came, TXT and the name in it, by which the server learns that it came. */
function proven(id: string, name: string): Test[] {
  const [text, proof] = [`${id} TXT`, `${id} proof`];
  return [
    { id, question: { name, type: 'A' } },
    { id: text, question: { name, type: 'TXT' }, onlyIf: (findings) => isFine(findings.get(id)) },
    {
      id: proof,
      question: { name, type: 'TXT' },
      nameFrom: (findings: Findings) => readProofName(findings.get(text)?.texts),
    },
  ];
}

function resultOf(finding: Finding): EndResult {
  if (isFine(finding) && finding.exchanges.at(-1)?.reply?.types.includes('A')) return 'answer';
  return finding.status === 'SERVFAIL' ? 'servfail' : 'other';
}

function judgmentOf(found: SentinelClass, trustsOld: boolean, { origin, software }: Scene): Judgment {
  const { word, meaning } = SENTINEL_CLASSES[found];
  const about = `${word} for the root key ${kskText(NEW_KSK)}`;
  const text = `${about}: ${meaning}`;
  if (found === 'Vnew')
    return { state: 'good', text: trustsOld ? `${text}; ${kskText(OLD_KSK)} as well` : text };
  if (found === 'Vind' && software === 'powerdns') return powerdns(about);
  if (found !== 'Vold') return { state: 'unknown', text };
  if (!trustsOld)
    return {
      state: 'unknown',
      text: `${OTHER_ROOT}: it validates ${origin} and trusts neither ${kskText(NEW_KSK)} nor ${kskText(OLD_KSK)}, so by an anchor for that, or below a root of its own: this tells nothing of the root of the Internet`,
    };
  return { state: 'problem', text, advice: [adviseNotReady(origin, software)] };
}

/** Of one resolver nothing would have come before: that would have failed the opening. */
function allFail({ origin, software }: Scene): Judgment {
  const { word } = SENTINEL_CLASSES.other;
  return {
    state: 'unknown',
    text: `${word} for the root key ${kskText(NEW_KSK)}: all three names failed, other names of ${origin} did not`,
    advice: [
      `Of several resolvers behind this address one may lack the root key ${kskText(NEW_KSK)}, and then fails for every name: ask each by itself, look for the key, and add it where it is missing: ${lookForRootKey(software)}.`,
    ],
  };
}

function powerdns(about: string): Judgment {
  return {
    state: 'unknown',
    text: `${about}: it validates; PowerDNS Recursor has no sentinels, and so does not tell`,
    advice: [
      `Look with \`rec_control get-tas\` whether the resolver has the root key ${kskText(NEW_KSK)}: PowerDNS Recursor 5.2 and later bring it. Where the key is missing, add it, ${addRootKey('powerdns')}.`,
    ],
  };
}

/** It answered, so not the root of the Internet alone stands above: that one's names fail without the key. */
function adviseNotReady(origin: string, software: Resolver | undefined): string {
  return (
    `The resolver trusts the root key ${kskText(OLD_KSK)} and not ${kskText(NEW_KSK)}, which signs the root alone since ${NEW_KSK.signsSince}, and yet it resolves ${origin}: ` +
    `by an anchor for that, by a root of its own, or by what it kept from before. If it is to resolve names of the Internet, add the key now, ${addRootKey(software)}. ` +
    `RFC 5011 does not bring it any more, since ${OLD_KSK.tag} no longer signs.`
  );
}
