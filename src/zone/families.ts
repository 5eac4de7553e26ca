/** THE TABLE of families of zones that are made when somebody asks for them: `makes` in a zone file names one (DESIGN: key roll). */
import type { MakeFamily } from './made.ts';

export const FAMILIES: Readonly<Record<string, MakeFamily>> = {};
