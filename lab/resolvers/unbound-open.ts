/** Unbound that validates nothing, and hands on signatures all the same. */
import type { Software } from './resolver.ts';
import { unbound } from './unbound.ts';

const NO_VALIDATION = '  module-config: "iterator"\n';

export const unboundOpen: Software = {
  ...unbound,
  name: 'unbound-open',

  configure(directory, settings) {
    const lines = `${NO_VALIDATION}${settings.addition.lines}`;
    return unbound.configure(directory, { ...settings, addition: { ...settings.addition, lines } });
  },
};
