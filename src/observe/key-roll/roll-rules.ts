/** Roll rules: THE TABLE, tried from top to bottom, the first that holds decides. */
import { SEEN } from './rules-follows.ts';
import { KEEPS } from './rules-keeps.ts';
import { OPEN } from './rules-open.ts';

export const ROLL_RULES = [...SEEN, ...KEEPS, ...OPEN] as const;

export type RollRuleName = (typeof ROLL_RULES)[number]['name'];
