/** The suites of the lab, one row each; the first is run when none is named. */
import { catalog } from './catalog.ts';
import { delivery } from './delivery.ts';
import { replicas } from './replicas.ts';
import { roll } from './roll.ts';
import { sentinel } from './sentinel.ts';
import type { Suite } from './suite.ts';

export const SUITES: readonly [Suite, ...Suite[]] = [delivery, roll, sentinel, catalog, replicas];
