/** The matrix: what is asked of whom over which path when nobody says otherwise, and the small one of every build. */
import type { EdnsSetting, Unit } from './contract.ts';
import { HABITS } from './habits.ts';
import { IMPAIRMENTS } from './impairments.ts';
import { pathTraits } from './path-traits.ts';

export interface Selection {
  readonly resolvers: readonly string[];
  readonly edns: readonly EdnsSetting[];
  readonly paths: readonly string[];
  /** Ascending. */
  readonly sizes: readonly number[];
  /** Whether units are asked for sizes that only their path makes worth asking ({@link sizesOf}). */
  readonly isTelling: boolean;
  readonly families: readonly (4 | 6)[];
}

export const EDNS_SETTINGS: readonly EdnsSetting[] = [4096, 1232, 'default'];

/** Compositions that show what no single impairment does. */
export const COMPOSITIONS: readonly { readonly path: string; readonly summary: string }[] = [
  { path: 'frag+tcp53', summary: 'nothing large gets through at all' },
  { path: 'mtu1280+tcp53', summary: 'the same by size' },
  { path: 'frag+onedead', summary: 'who asks each server once asks once only' },
  { path: 'tcp53+onedead', summary: 'the same after TC=1' },
  { path: 'nat+frag', summary: 'a loss behind another address' },
  { path: 'delay+frag', summary: 'timers that follow a real round trip' },
  { path: 'farm+frag', summary: 'retries from other prefixes' },
];

export const WHOLE_MATRIX: Selection = {
  resolvers: Object.keys(HABITS),
  edns: EDNS_SETTINGS,
  paths: [...IMPAIRMENTS.map(({ name }) => name), ...COMPOSITIONS.map(({ path }) => path)],
  sizes: [512, 1232, 1472, 4096],
  isTelling: true,
  families: [4, 6],
};

/** Over IPv6 one packet on most links, too big for a router or a filter in between; and what BIND echoes after a loss above it. */
const TELLING_OCTETS = 1440;
const TELLING_PATHS: readonly string[] = ['frag+onedead', 'ptb1280', 'ptb1400', 'ptb-filtered', 'prohibited'];

/** Sizes that a unit is asked for, ascending. */
export function sizesOf({ path, family, edns }: Unit, { sizes, isTelling }: Selection): readonly number[] {
  const isWanted = isTelling && family === 6 && edns === 4096 && TELLING_PATHS.includes(path);
  return isWanted ? [...new Set([...sizes, TELLING_OCTETS])].sort((a, b) => a - b) : sizes;
}

/** Recovered and unrecovered losses, over UDP and TCP, by the two that differ most. */
export const SMOKE: Selection = {
  resolvers: ['unbound', 'knot'],
  edns: [4096, 1232],
  paths: ['clean', 'frag', 'tcp53', 'mtu1280'],
  sizes: [512, 4096],
  isTelling: false,
  families: [4, 6],
};

/** One for each resolver, EDNS size, path and family; a farm has both families at once. */
export function unitsOf({ resolvers, edns, paths, families }: Selection): Unit[] {
  return paths.flatMap((path) =>
    resolvers.flatMap((resolver) =>
      edns.flatMap((size) =>
        (pathTraits(path).farm ? (['any'] as const) : families).map(
          (family): Unit => ({ resolver, edns: size, path, family }),
        ),
      ),
    ),
  );
}
