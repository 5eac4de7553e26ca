/** Trust anchor: whether the resolver has the key of the root that signs since 2026, by names that it answers for or against it (RFC 8509). */
import {
  classifySentinel,
  type EndResult,
  SENTINEL_CLASSES,
  type SentinelClass,
} from '../../../observe/sentinel.ts';
import type { Check, Judgment } from '../check.ts';
import { type Finding, type Findings, isFine, type Plan, type Test } from '../test.ts';
import { readProofName } from '../texts.ts';

/** Key tags of KSK-2024 and KSK-2017. */
const NEW = 38_696;
const OLD = 20_326;
/** When the old one is revoked. */
const REVOKED_ON = '2027-01-11';

const BOGUS = 'live.bogus';
const IS_NEW = `is-ta-${NEW}`;
const NOT_NEW = `not-ta-${NEW}`;
const IS_OLD = `is-ta-${OLD}`;

export const sentinel: Check = {
  name: 'anchor',

  // The last one closes the run: what has no proof by then, the resolver has refused.
  tests: (plan) => [
    ...proven(BOGUS, `live-${plan.run}.bogus.${plan.origin}`),
    ...[IS_NEW, NOT_NEW, IS_OLD].flatMap((id) => proven(id, nameOf(plan, id))),
    ...proven('live', `live-${plan.run}.${plan.origin}`),
  ],

  look(findings) {
    const [isNew, notNew, bogus, isOld] = [IS_NEW, NOT_NEW, BOGUS, IS_OLD].map((id) => findings.get(id));
    // A server that is older has no such names.
    if (!isNew || !notNew || !bogus || !isOld || isNew.status === 'NXDOMAIN') return undefined;
    const found = classifySentinel({
      isNew: resultOf(isNew),
      notNew: resultOf(notNew),
      bogus: resultOf(bogus),
    });
    return judgmentOf(found, resultOf(isOld) === 'answer');
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

function judgmentOf(found: SentinelClass, trustsOld: boolean): Judgment {
  const { word, meaning } = SENTINEL_CLASSES[found];
  const text = `${word} for the root key ${NEW} (KSK-2024): ${meaning}`;
  if (found === 'Vnew')
    return { state: 'good', text: trustsOld ? `${text}; ${OLD} (KSK-2017) as well` : text };
  if (found !== 'Vold') return { state: 'unknown', text };
  if (!trustsOld)
    return { state: 'unknown', text: `${text}, nor ${OLD} (KSK-2017): it has a root of its own, or none` };
  return {
    state: 'problem',
    text,
    advice: [
      `The resolver trusts the root key ${OLD} (KSK-2017) and not ${NEW} (KSK-2024): when ${OLD} is revoked on ${REVOKED_ON}, every name fails. Bring its trust anchors up to date (RFC 5011, or the file of the root's anchors), and see that it may write them.`,
    ],
  };
}
