/** THE TABLE of families of zones that are made when somebody asks for them: `makes` in a zone file names one (DESIGN: key roll). */
import type { MakeFamily } from './made.ts';
import { makeReplicas } from './replica/family.ts';
import { makeRolls } from './roll/family.ts';

export const FAMILIES: Readonly<Record<string, MakeFamily>> = {
  replicas: makeReplicas,
  rolls: makeRolls,
};
