/** Roll rules: THE TABLE, tried from top to bottom, the first that holds decides. */
import { LISTS } from './rules-follows.ts';
import { KEEPS } from './rules-keeps.ts';
import { LAX } from './rules-lax.ts';
import { OPEN } from './rules-open.ts';
import { KEYS_HELD_BACK, KEYS_TOO_LARGE } from './rules-transport.ts';

export const ROLL_RULES = [KEYS_TOO_LARGE, ...LISTS, ...LAX, ...KEEPS, KEYS_HELD_BACK, ...OPEN] as const;

export type RollRuleName = (typeof ROLL_RULES)[number]['name'];
