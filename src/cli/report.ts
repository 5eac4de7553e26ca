/** `padzone report`: what each source address can receive, and what its operator should change. */
import { join } from 'node:path';
import { formatReport, formatReportJson } from '../export/report.ts';
import type { Observation } from '../observe/observation.ts';
import { buildReport } from '../observe/report.ts';
import { parseFilter } from '../store/filter.ts';
import { readObservations, TRIAL_ROWS } from '../store/read.ts';
import type { Subcommand } from './subcommand.ts';

export const report: Subcommand = {
  name: 'report',
  summary: 'Say what each source address can receive, and what to change',
  options: [
    { flags: '--source <address>', description: 'only this source address' },
    {
      flags: '--since <moment>',
      description: 'first moment wanted: ISO 8601 in UTC, milliseconds, 2h or 7d',
    },
    { flags: '--until <moment>', description: 'first moment no longer wanted' },
    { flags: '--json', description: 'one JSON document with rows, verdicts and counters' },
  ],

  async run({ config, out, now }, _args, options) {
    const generatedAt = now();
    const filter = parseFilter(options, generatedAt);
    const { source, ...span } = filter;
    const directory = join(config().dataDir, 'observations');
    // Not filtered by source while reading: a run may have used other addresses, and they decide too.
    const { rows, counters } = await readObservations(directory, span, async (observations) => {
      const found: Observation[] = [];
      for await (const batch of observations.batches(TRIAL_ROWS)) found.push(...batch);
      return { rows: found, counters: observations.counters };
    });
    const observedUntil = Math.min(filter.until ?? generatedAt, generatedAt);
    const document = { ...buildReport(rows, observedUntil, source), generatedAt, filter, counters };
    out.write(options['json'] === true ? formatReportJson(document) : formatReport(document));
    return 0;
  },
};
