/** `padzone compact`: closed segments of observations into Parquet. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compact as compactSegments } from '../store/compact.ts';
import type { Subcommand } from './subcommand.ts';

const EVERY_MS = 60_000;

export const compact: Subcommand = {
  name: 'compact',
  summary: 'Turn closed segments of observations into Parquet, one folder a day',
  options: [{ flags: '--once', description: 'end after one look, instead of looking again every minute' }],
  settings: ['dataDir'],

  async run({ config, err, now }, _args, { once }) {
    const directory = join(config().dataDir, 'observations');
    for (;;) {
      const { segments, rows, torn } = await compactSegments(directory, now());
      const skipped = torn === 0 ? '' : `, ${torn} torn ${torn === 1 ? 'piece' : 'pieces'} skipped`;
      if (segments > 0 || once === true)
        err.write(
          `${segments} ${segments === 1 ? 'segment' : 'segments'} compacted, ${rows} rows${skipped}\n`,
        );
      if (once === true) return 0;
      await delay(EVERY_MS);
    }
  },
};
