/** Trust anchor: whether the resolver has the key of the root that signs since 2026, by names that it answers for or against it (RFC 8509). */

import { kskText, NEW_KSK, OLD_KSK } from '../../../observe/ksk.ts';
import { addRootKey } from '../../../observe/root-key-advice.ts';
import {
  classifySentinel,
  type EndResult,
  SENTINEL_CLASSES,
  type SentinelClass,
} from '../../../observe/sentinel.ts';
import type { Check, Judgment, Scene } from '../check.ts';
import type { Resolver } from '../software.ts';
import { type Finding, type Findings, isFine, type Plan, type Test } from '../test.ts';
import { readProofName } from '../texts.ts';

const BOGUS = 'live.bogus';
const IS_NEW = `is-ta-${NEW_KSK.tag}`;
const NOT_NEW = `not-ta-${NEW_KSK.tag}`;
const IS_OLD = `is-ta-${OLD_KSK.tag}`;

export const sentinel: Check = {
  name: 'anchor',

  // The last one closes the run: what has no proof by then, the resolver has refused.
  tests: (plan) => [
    ...proven(BOGUS, `live-${plan.run}.bogus.${plan.origin}`),
    ...[IS_NEW, NOT_NEW, IS_OLD].flatMap((id) => proven(id, nameOf(plan, id))),
    ...proven('live', `live-${plan.run}.${plan.origin}`),
  ],

  look(findings, scene) {
    const [isNew, notNew, bogus, isOld] = [IS_NEW, NOT_NEW, BOGUS, IS_OLD].map((id) => findings.get(id));
    // A server that is older has no such names.
    if (!isNew || !notNew || !bogus || !isOld || isNew.status === 'NXDOMAIN') return undefined;
    const found = classifySentinel({
      isNew: resultOf(isNew),
      notNew: resultOf(notNew),
      bogus: resultOf(bogus),
    });
    return judgmentOf(found, resultOf(isOld) === 'answer', scene);
  },
};

function nameOf({ run, origin }: Plan, id: string): string {
  return `root-key-sentinel-${id}.${run}.${origin}`;
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

function judgmentOf(found: SentinelClass, trustsOld: boolean, { software }: Scene): Judgment {
  const { word, meaning } = SENTINEL_CLASSES[found];
  const about = `${word} for the root key ${kskText(NEW_KSK)}`;
  const text = `${about}: ${meaning}`;
  if (found === 'Vnew')
    return { state: 'good', text: trustsOld ? `${text}; ${kskText(OLD_KSK)} as well` : text };
  if (found === 'Vind' && software === 'powerdns') return powerdns(about);
  if (found !== 'Vold') return { state: 'unknown', text };
  if (!trustsOld)
    return { state: 'unknown', text: `${text}, nor ${kskText(OLD_KSK)}: it has a root of its own, or none` };
  return { state: 'problem', text, advice: [adviseNotReady(software)] };
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

function adviseNotReady(software: Resolver | undefined): string {
  return (
    `The resolver trusts the root key ${kskText(OLD_KSK)} and not ${kskText(NEW_KSK)}: every name that the root vouches for fails since ${NEW_KSK.signsSince}, ` +
    `when ${NEW_KSK.tag} began to sign alone, unless this network has a root of its own: add the key now, ${addRootKey(software)}. ` +
    `RFC 5011 does not bring it any more, since ${OLD_KSK.tag} no longer signs.`
  );
}
