/** `padzone report`: what each source address can receive, and what its operator should change. */
import { join } from 'node:path';
import { ConfigError } from '../config.ts';
import { formatStory, withStory } from '../export/explain.ts';
import { rollStoryBlocks } from '../export/key-roll.ts';
import { formatPopulation, withPopulation } from '../export/population.ts';
import { formatReport, formatReportJson, type ReportDocument } from '../export/report.ts';
import { countFleet } from '../observe/fleet.ts';
import type { Observation } from '../observe/observation.ts';
import { measurePopulation } from '../observe/population.ts';
import { buildReport } from '../observe/report.ts';
import { tellStory } from '../observe/story.ts';
import { WINDOW_MS } from '../observe/trial.ts';
import { baselineRowsOf } from '../store/baseline-rows.ts';
import { readEvents } from '../store/events.ts';
import { parseFilter } from '../store/filter.ts';
import { readHeard, serversOf } from '../store/fleet-rows.ts';
import { pickKeyRows } from '../store/key-roll-rows.ts';
import { readObservations, TRIAL_ROWS, trialRowsOf } from '../store/read.ts';
import { observationsIn } from '../store/read-files.ts';
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
    {
      flags: '--from <directory...>',
      description: 'data directories of all servers of the zone instead of data_dir, read as one',
    },
    {
      flags: '--explain',
      description: 'with --source: the story of that address in plain sentences; with --json, beside',
    },
    {
      flags: '--population',
      description: 'shares over all sources with their intervals instead; with --json, beside',
    },
    { flags: '--json', description: 'one JSON document with rows, verdicts, events and counters' },
  ],
  settings: ['origin', 'dataDir', 'nameservers', 'dnsListen'],

  async run({ config: load, out, now }, _args, options) {
    const config = load();
    const generatedAt = now();
    const filter = parseFilter(options, generatedAt);
    const { source, since, until } = filter;
    checkForms(source, options);
    // What began a minute earlier is read as well, so that a trial cut in half is known as one that began too early.
    const span = {
      ...(since !== undefined && { since: since - WINDOW_MS }),
      ...(until !== undefined && { until }),
    };
    const from = options['from'];
    const directory = Array.isArray(from)
      ? await Promise.all(from.map((each) => observationsIn(String(each))))
      : join(config.dataDir, 'observations');
    // Not filtered by source alone: a run may have used other addresses, and what other networks received decides too.
    const where =
      source === undefined ? TRIAL_ROWS : `((${trialRowsOf(source)}) OR ${baselineRowsOf(source)})`;
    const { rows, keyRows, heard, ...read } = await readObservations(
      directory,
      span,
      async (observations) => {
        const found = await gather(observations.batches(where));
        const { connection, place, reach } = observations;
        const { where: keyWhere, leftOut } = await pickKeyRows(connection, source);
        const keyRows = await gather(observations.batches(keyWhere));
        const counters = { ...observations.counters, ...(leftOut.rows > 0 && { left_out: leftOut }) };
        const heard = await readHeard(connection, config.origin);
        const events = await readEvents(connection, filter);
        return { rows: found, keyRows, counters, place, reach, heard, events };
      },
    );
    const fleet = countFleet(serversOf(config), heard, [directory].flat().length);
    const observedUntil = Math.min(until ?? generatedAt, generatedAt);
    const built = buildReport(rows, observedUntil, { ...filter, reach: read.reach, keyRows, fleet });
    const document = { ...built, ...read, fleet, generatedAt, filter };
    await pour(chunksOf(document, rows, options), out);
    return 0;
  },
};

async function gather(batches: AsyncIterable<Observation[]>): Promise<Observation[]> {
  const found: Observation[] = [];
  for await (const batch of batches) found.push(...batch);
  return found;
}

/** @throws {ConfigError} a form of the report that does not go with the sources */
function checkForms(source: string | undefined, options: Readonly<Record<string, unknown>>): void {
  if (source !== undefined && options['population'] === true)
    throw new ConfigError('--population: speaks of all sources; leave out --source');
  if (source === undefined && options['explain'] === true)
    throw new ConfigError('--explain: tells the story of one source address; say which with --source');
}

/** The report in the form that was asked for. */
function chunksOf(
  document: ReportDocument,
  rows: readonly Observation[],
  options: Readonly<Record<string, unknown>>,
): Iterable<string> {
  const json = options['json'] === true ? formatReportJson(document) : undefined;
  if (options['population'] === true) {
    const population = measurePopulation(
      document.verdicts,
      document.sources.flatMap((each) => each.rows),
    );
    return json ? withPopulation(json, population) : [formatPopulation({ ...population, ...document })];
  }
  const { source } = document.filter;
  const story =
    options['explain'] === true && source !== undefined ? tellStory(source, rows, document) : undefined;
  if (story === undefined) {
    const rolls = options['explain'] === true ? rollStoryBlocks(document.keys) : [];
    return json ?? [formatReport(document), ...rolls.map((block) => `\n${block}\n`)];
  }
  return json ? withStory(json, story) : [formatStory({ ...document, story })];
}
