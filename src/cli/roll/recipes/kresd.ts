/** Knot Resolver: a key file that it may write, and the timers of its module ta_update. */
import { type Recipe, TEST_INSTANCE } from './recipe.ts';

export const kresd: Recipe = {
  name: 'kresd',
  software: 'Knot Resolver',
  pieces(anchor) {
    const file = `/var/lib/knot-resolver/${anchor.label.text}.keys`;
    const { pace } = anchor.label.profile;
    const timers = pace
      ? [
          `-- ${TEST_INSTANCE}`,
          `ta_update.hold_down_time = ${pace.holdDown} * sec`,
          `ta_update.refresh_time = ${pace.refresh} * sec`,
        ]
      : [];
    return [
      {
        where: `${file}: kresd writes it anew, so file and folder must be writable for it`,
        lines: [anchor.dnskey],
      },
      {
        where:
          'kresd.conf of 5.x, or the Lua section of 6.x; keep the anchor of the root, without it no answer has AD',
        lines: [`trust_anchors.add_file('${file}', false)    -- false: writable`, ...timers],
      },
    ];
  },
};
