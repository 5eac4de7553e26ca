/** Verdict rules: THE TABLE, tried from top to bottom, the first that holds decides. A class may have more than one rule. */
import { ARRIVED } from './rules-arrived.ts';
import { LOST } from './rules-lost.ts';
import { UNDECIDED, WITHHELD } from './rules-undecided.ts';

export const RULES = [...WITHHELD, ...ARRIVED, ...UNDECIDED, ...LOST] as const;

export type RuleName = (typeof RULES)[number]['name'];
