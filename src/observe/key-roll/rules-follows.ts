/** Rules of key rolls for resolvers that list the new key: how they came to it, and whether they drop the old one by themselves. */

import type { Observation } from '../observation.ts';
import {
  fetchesBeside,
  isOwn,
  isTooEarly,
  type RollGround,
  type RollRule,
  type RollView,
  wentBack,
} from './roll-rule.ts';
import { clock, lapse, SIGNAL_WORDS } from './roll-words.ts';

const OWN =
  'high where a cookie or TCP shows that the signal is its own, or clients got answers that the new key alone signs; medium all the same where it still lists both keys in the last phase, or a client got a bogus answer';
export const LISTS = [
  {
    name: 'mixed-signals',
    class: 'UNKNOWN',
    when: 'its signals list the old key alone again after they had listed the new one, or beside it after they had listed the new one alone',
    confidence: 'low',
    holds(view) {
      const [first, back] = wentBack(view) ?? [];
      if (back === undefined || first === undefined) return undefined;
      return {
        rows: [first, back],
        sentence: `Its key-tag queries listed ${SIGNAL_WORDS[first.signal]} at ${clock(first)}, and ${SIGNAL_WORDS[back.signal]} again at ${clock(back)}: two resolvers share this address, or one could not write its anchor file and restarted, or one of the two is forged.`,
      };
    },
  },
  {
    name: 'signals-changed',
    class: 'FOLLOWS',
    when: 'its signals listed the old key alone, and then the new one, but not before the hold-down of the profile could be over',
    confidence: 'medium',
    unless: OWN,
    holds(view) {
      const [first] = view.fresh;
      const last = first && view.old.findLast(({ time }) => time <= first.time);
      if (first === undefined || last === undefined || isTooEarly(view, first)) return undefined;
      return follows(
        view,
        [last, first],
        `Its key-tag queries listed the old key alone until ${clock(last)}, and ${SIGNAL_WORDS[first.signal]} from ${clock(first)}${afterPublication(view, first)}.`,
      );
    },
  },
  {
    name: 'dropped-at-revocation',
    class: 'FOLLOWS',
    when: 'its signals listed both keys, and the new one alone after it was sent the old one revoked',
    confidence: 'medium',
    unless: OWN,
    holds(view) {
      const { dropped, revocation, fresh } = view;
      if (dropped === undefined || revocation === undefined || revocation.time > dropped.time)
        return undefined;
      const last = fresh.findLast(({ signal, time }) => signal === 'old+new' && time <= dropped.time);
      if (last === undefined) return undefined;
      return follows(
        view,
        [last, revocation, dropped],
        `Its key-tag queries listed both keys until ${clock(last)}, and the new key alone from ${clock(dropped)}, when it had been sent the old one revoked at ${clock(revocation)}: it dropped that by itself. How it came to the new one was not seen.`,
      );
    },
  },
  {
    name: 'both-after-revocation',
    class: 'STATIC_ANCHOR',
    when: 'its signals still list both keys in the last phase, never the new one alone, and it had been sent the old one revoked before',
    confidence: 'medium',
    holds(view) {
      const kept = keptBoth(view);
      const { revocation } = view;
      if (kept === undefined || revocation === undefined) return undefined;
      return {
        rows: [revocation, ...fetchesBeside(view, [kept]), kept],
        sentence: `It was sent the old key revoked at ${clock(revocation)}, and its key-tag queries still list both keys ${lapse(kept.time - revocation.time)} later, when the old one is gone (evidence). So its configuration names both keys, or it looks for changes more rarely than this roll makes them (inference).`,
      };
    },
  },
  {
    name: 'new-before-hold-down',
    class: 'UNKNOWN',
    when: 'its signals listed the new key before the hold-down of the profile could be over',
    confidence: 'low',
    holds(view) {
      const [first] = view.fresh;
      if (first === undefined || !isTooEarly(view, first)) return undefined;
      return {
        rows: [...fetchesBeside(view, [first]), first],
        sentence: `Its key-tag queries list ${SIGNAL_WORDS[first.signal]} at ${clock(first)}, ${beforeHoldDown(view, first)}: its configuration names that key, or it took it without waiting, as BIND does for a zone of which it has stored nothing yet. It trusts the new key, which is good for its users; that it follows is not shown. ${beginAnew(view)}`,
      };
    },
  },
  {
    name: 'change-unseen',
    class: 'UNKNOWN',
    when: 'its signals list the new key, and none before listed the old one alone',
    confidence: 'low',
    holds(view) {
      const [first] = view.fresh;
      if (first === undefined) return undefined;
      return {
        rows: [...fetchesBeside(view, [first]), first],
        sentence: `Its key-tag queries list ${SIGNAL_WORDS[first.signal]} since ${clock(first)}: it trusts the new key, which is good for its users. How it came to it was not seen. ${beginAnew(view)}`,
      };
    },
  },
] as const satisfies readonly RollRule[];

function beforeHoldDown({ publishedAt = 0, holdDownMs = 0 }: RollView, { time }: Observation): string {
  const published = clock({ time: publishedAt });
  return time < publishedAt
    ? `before that key was published at ${published}`
    : `${lapse(time - publishedAt)} after that key was published at ${published}, when nobody can have seen it for the ${lapse(holdDownMs)} of this profile`;
}

/** What to do where a roll does not show who took the key. */
function beginAnew(view: RollView): string {
  const what =
    'To see whether it follows, begin with a new zone in its first phase, and give it the old key alone.';
  return [what, ...remarkOnBogus(view)].join(' ');
}

function remarkOnBogus({ ledger }: RollView): string[] {
  const bogus = ledger.bogusProofs.at(-1);
  return bogus === undefined
    ? []
    : [`A client got a bogus answer through it as well, at ${clock(bogus)}: it may have set CD=1.`];
}

/** The last signal where it lists both keys in the last phase, although the old one had come revoked and was never dropped. */
function keptBoth({ fresh, dropped, revocation, slackMs }: RollView): Observation | undefined {
  const last = fresh.at(-1);
  if (last === undefined || dropped !== undefined || revocation === undefined) return undefined;
  return last.phase === 'removed' && last.time - revocation.time > slackMs ? last : undefined;
}

/** A verdict for it, with what it did since and what speaks against it. */
function follows(view: RollView, rows: readonly Observation[], how: string): RollGround {
  const { fresh, dropped, proofsAfter, ledger } = view;
  const [proof] = proofsAfter;
  const bogus = ledger.bogusProofs.at(-1);
  const kept = keptBoth(view);
  const parts = [
    how,
    ...(dropped === undefined || rows.includes(dropped)
      ? []
      : [`It dropped the old key by ${clock(dropped)}.`]),
    ...(kept === undefined
      ? []
      : [
          `At ${clock(kept)} it still listed both, although it had been sent the old key revoked: look whether its configuration names both.`,
        ]),
    ...(proof === undefined ? [] : [`Clients got answers that the new key alone signs.`]),
    ...remarkOnBogus(view),
  ];
  const isBorneOut = proof !== undefined || fresh.some(isOwn);
  return {
    rows: [
      ...fetchesBeside(view, rows),
      ...rows,
      ...[dropped, kept, proof, bogus].flatMap((row) => row ?? []),
    ],
    confidence: isBorneOut && bogus === undefined && kept === undefined ? 'high' : 'medium',
    sentence: parts.join(' '),
  };
}

function afterPublication({ keySeen }: RollView, { time }: Observation): string {
  return keySeen === undefined || keySeen.time > time
    ? ''
    : `, ${lapse(time - keySeen.time)} after it was first sent both`;
}
