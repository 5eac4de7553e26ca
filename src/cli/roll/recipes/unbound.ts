/** Unbound: an auto-trust-anchor-file, and hold-downs below an hour where the zone is in a hurry. */
import { type Recipe, TEST_INSTANCE } from './recipe.ts';

export const unbound: Recipe = {
  name: 'unbound',
  software: 'Unbound',
  pieces(anchor) {
    const file = `/var/lib/unbound/${anchor.label.text}.key`;
    const { pace } = anchor.label.profile;
    const timers = pace
      ? [
          `    # ${TEST_INSTANCE}`,
          `    add-holddown: ${pace.holdDown}`,
          `    del-holddown: ${pace.holdDown}`,
          '    permit-small-holddown: yes',
        ]
      : [];
    return [
      {
        where: `${file}: Unbound writes it anew, so file and folder must be writable for it`,
        lines: [anchor.dnskey],
      },
      {
        where: 'unbound.conf',
        lines: ['server:', `    auto-trust-anchor-file: "${file}"`, ...timers],
      },
    ];
  },
};
