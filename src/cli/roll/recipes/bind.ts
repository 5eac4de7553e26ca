/** BIND: an initial-key, `dnssec-validation auto`, and timers that only the command line has. */
import type { Pace } from '../../../zone/roll/profile.ts';
import { type Recipe, TEST_INSTANCE } from './recipe.ts';

export const bind: Recipe = {
  name: 'bind',
  software: 'BIND 9.18 and later',
  trustsBothAtOnce: true,
  pieces({ zone, dnskeyFields, label }) {
    const { pace } = label.profile;
    const [flags, protocol, algorithm, key] = dnskeyFields;
    return [
      {
        where:
          'named.conf, in the options { } that stand there, in place of another dnssec-validation (the folder of managed-keys-directory, or else of directory, must be writable for named)',
        lines: [
          '// From 9.20 on named follows key changes under "auto" alone. Under "yes" it validates with the key pasted here until',
          '// the roll, and answers SERVFAIL from then on; the same awaits an initial-key of the root.',
          'dnssec-validation auto;',
          ...(pace ? ['servfail-ttl 0;    // shows at once what changed'] : []),
        ],
      },
      {
        where: 'named.conf, at its end',
        lines: [
          'trust-anchors {',
          `    "${zone}" initial-key ${flags} ${protocol} ${algorithm} "${key}";`,
          '};',
        ],
      },
      ...(pace ? [startedWith(pace)] : []),
    ];
  },
};

function startedWith({ refresh, day, holdDown, telemetry }: Pace) {
  return {
    where: `started with these options, besides its own; ${TEST_INSTANCE}`,
    lines: [`named -T mkeytimers=${refresh}/${day}/${holdDown} -T tat=${telemetry}`],
  };
}
