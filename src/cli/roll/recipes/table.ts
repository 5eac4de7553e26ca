/** THE TABLE of recipes: a software that `padzone roll anchor --for` knows is one file and one line here. */
import { bind } from './bind.ts';
import { kresd } from './kresd.ts';
import { pdns } from './pdns.ts';
import type { Recipe } from './recipe.ts';
import { unbound } from './unbound.ts';

export const RECIPES: readonly Recipe[] = [unbound, bind, kresd, pdns];
