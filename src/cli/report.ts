/** `padzone report`: what each source address can receive, and what its operator should change. */
import { join } from 'node:path';
import { formatReport, formatReportJson } from '../export/report.ts';
import type { Observation } from '../observe/observation.ts';
import { buildReport } from '../observe/report.ts';
import { WINDOW_MS } from '../observe/trial.ts';
import { readEvents } from '../store/events.ts';
import { parseFilter } from '../store/filter.ts';
import { readObservations, TRIAL_ROWS, trialRowsOf } from '../store/read.ts';
import { pour } from './pour.ts';
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
    { flags: '--json', description: 'one JSON document with rows, verdicts, events and counters' },
  ],

  async run({ config, out, now }, _args, options) {
    const generatedAt = now();
    const filter = parseFilter(options, generatedAt);
    const { source, since, until } = filter;
    // What began a minute earlier is read as well, so that a trial cut in half is known as one that began too early.
    const span = {
      ...(since !== undefined && { since: since - WINDOW_MS }),
      ...(until !== undefined && { until }),
    };
    const directory = join(config().dataDir, 'observations');
    // Not filtered by source alone: a run may have used other addresses, and they decide too.
    const where = source === undefined ? TRIAL_ROWS : trialRowsOf(source);
    const { rows, ...read } = await readObservations(directory, span, async (observations) => {
      const found: Observation[] = [];
      for await (const batch of observations.batches(where)) found.push(...batch);
      const { connection, counters, place, reach } = observations;
      return { rows: found, counters, place, reach, events: await readEvents(connection, filter) };
    });
    const observedUntil = Math.min(until ?? generatedAt, generatedAt);
    const built = buildReport(rows, observedUntil, { ...filter, reach: read.reach });
    const document = { ...built, ...read, generatedAt, filter };
    await pour(options['json'] === true ? formatReportJson(document) : [formatReport(document)], out);
    return 0;
  },
};
