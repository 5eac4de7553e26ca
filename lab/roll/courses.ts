/** The courses that a roll can take in the lab, one row each; the first is taken when none is named. */
import type { RollAlgorithm } from '../../src/zone/roll/profile.ts';
import type { Deviations } from '../authority.ts';
import { type Judge, judgeBlocked, judgeRoll } from './judge.ts';

export interface Course {
  readonly name: string;
  /** Of the zone. */
  readonly profile: string;
  readonly algorithm: RollAlgorithm;
  /** Names in the table of impairments. */
  readonly path: string;
  /** Names of those who take part; all where absent. */
  readonly only?: readonly string[];
  readonly deviations: Deviations;
  /** Seconds after the last change, until when it is watched; before it where negative. */
  readonly until: number;
  readonly judge: Judge;
}

const USUAL = { algorithm: 13, path: 'clean', deviations: {}, judge: judgeRoll } as const;

export const COURSES: readonly Course[] = [
  { ...USUAL, name: 'fast', profile: 'fast', until: 8 },
  { ...USUAL, name: 'standard', profile: 'standard', until: 10 },
  {
    name: 'no-tcp',
    // Long enough for silence to count, once the keys that are cached have gone.
    profile: 'standard',
    // Answers grow above 1232 octets when two of these keys sign.
    algorithm: 8,
    path: 'tcp53',
    only: ['unbound', 'bind', 'knot', 'powerdns'],
    // Else strangers without a COOKIE would get TC=1 from the beginning: eight times a query is less than two RSA keys.
    deviations: { isTrusting: true },
    until: -1,
    judge: judgeBlocked,
  },
];
