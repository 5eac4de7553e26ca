/** PowerDNS Recursor: a static anchor, since it does not follow key changes. */
import type { Recipe } from './recipe.ts';

export const pdns: Recipe = {
  name: 'pdns',
  software: 'PowerDNS Recursor',
  pieces: ({ zone, dsFields }) => [
    {
      where:
        'lua-config-file (static: it has no RFC 5011, so it answers SERVFAIL from the roll on; its real anchor comes with updates)',
      lines: [`addTA('${zone}', '${dsFields.join(' ')}')`],
    },
  ],
};
