/** Whether the resolver validates: AD for a good zone, SERVFAIL for a spoiled one, and its data with CD=1 (RFC 4035 §3.2). */
import { below, isRoot } from '../../below.ts';
import { type Check, type Judgment, type Scene, untested } from '../check.ts';
import { OPENING } from '../opening.ts';
import { type Finding, isMissing, type Plan, type Test, trial, whyNot } from '../test.ts';

const ZONE = 'bogus';
const SIZE = 1232;

export const dnssec: Check = {
  name: 'DNSSEC',

  tests(plan) {
    const spoiled = trial(plan, SIZE, '', ZONE);
    return [spoiled, unchecked(plan, spoiled.id)];
  },

  look(findings, scene) {
    const spoiled = findings.get(`s${SIZE}.${ZONE}`);
    if (!findings.has(OPENING) || spoiled === undefined || isMissing(spoiled)) return undefined;
    // Of the first answers some software says no AD, before it has all keys.
    const isAuthentic = [...findings.values()].some(isValidated);
    if (spoiled.status === 'NOERROR') return notValidated(isAuthentic, scene);
    if (spoiled.status !== 'SERVFAIL') return untested(`${whyNot(spoiled)} for ${below(ZONE, scene.origin)}`);
    const free = findings.get(withoutChecking(spoiled.test.id));
    if (free?.receipt === undefined)
      return untested(
        `${below(ZONE, scene.origin)} fails with CD=1 as well, so its servers are out of reach, or CD is ignored`,
      );
    return validated(isAuthentic, scene);
  },
};

function unchecked(plan: Plan, spoiledId: string): Test {
  const name = below(`s${SIZE}.${plan.run}.${ZONE}`, plan.origin);
  return {
    id: withoutChecking(spoiledId),
    question: { name, type: 'TXT', checkingDisabled: true },
    size: SIZE,
    onlyIf: (findings) => findings.get(spoiledId)?.status === 'SERVFAIL',
  };
}

function withoutChecking(id: string): string {
  return `${id} +cd`;
}

function isValidated({ exchanges, test }: Finding): boolean {
  return !test.id.includes('.') && exchanges.at(-1)?.reply?.ad === true;
}

function notValidated(isAuthentic: boolean, { origin }: Scene): Judgment {
  return {
    state: isAuthentic ? 'problem' : 'unknown',
    text: isAuthentic
      ? `says AD for ${origin}, yet takes the spoiled signatures of ${below(ZONE, origin)}`
      : `does not validate: it takes the spoiled signatures of ${below(ZONE, origin)} and never says AD${isRoot(origin) ? '' : ` (or its parent zone publishes no DS record for ${origin})`}`,
    ...(isAuthentic && {
      advice: [
        `The resolver says AD without validating: find out where its AD comes from, a forwarder behind it or a setting.`,
      ],
    }),
  };
}

function validated(isAuthentic: boolean, { origin }: Scene): Judgment {
  const rest = `SERVFAIL for the spoiled ${below(ZONE, origin)}, its data with CD=1`;
  return isAuthentic
    ? { state: 'good', text: `validates: AD for ${origin}, ${rest}` }
    : {
        state: 'unknown',
        text: `somebody validates: ${rest}, but no answer of ${origin} says AD: a forwarder may take it out`,
      };
}
