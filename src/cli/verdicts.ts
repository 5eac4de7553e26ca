/** `padzone verdicts`: the verdicts that rows give, made again from exports, segments and data directories. */
import { ConfigError } from '../config.ts';
import { formatVerdictsJson, VERDICT_FORMATS, type VerdictFormat } from '../export/verdicts.ts';
import { countFleet } from '../observe/fleet.ts';
import { buildReport } from '../observe/report.ts';
import { WINDOW_MS } from '../observe/trial.ts';
import { RULE_VERSION } from '../observe/verdict.ts';
import { parseFilter } from '../store/filter.ts';
import { serversOf } from '../store/fleet-rows.ts';
import { KEY_ROLL_ROWS } from '../store/key-roll-rows.ts';
import { formatCounters, TRIAL_ROWS } from '../store/read.ts';
import { readFiles } from '../store/read-files.ts';
import { pour } from './pour.ts';
import type { Subcommand } from './subcommand.ts';

const NAMES = VERDICT_FORMATS.map(({ name }) => name).join(', ');

export const verdicts: Subcommand = {
  name: 'verdicts',
  summary: 'Make the verdicts again from exported rows, segments or data directories',
  options: [
    {
      flags: '--from <path...>',
      description: 'files of padzone export, segments, data directories; of several servers too',
    },
    {
      flags: '--until <moment>',
      description: 'first moment no longer wanted; the servers of files listened until then',
    },
    {
      flags: '--since <moment>',
      description: 'first moment wanted: ISO 8601 in UTC, milliseconds, 2h or 7d',
    },
    { flags: '--source <address>', description: 'only trials of this source address' },
    { flags: '--format <name>', description: `one of ${NAMES}`, default: 'ndjson' },
    { flags: '--json', description: 'one JSON document with counters and verdicts, those of key rolls too' },
    { flags: '--rule-version <number>', description: 'refuse to apply rules of another version' },
  ],
  settings: ['origin', 'nameservers', 'dnsListen'],

  async run({ config: load, out, err, now }, _args, options) {
    const generatedAt = now();
    const format = findFormat(options['format']);
    checkRuleVersion(options['ruleVersion']);
    const paths = pathsOf(options['from']);
    const filter = parseFilter(options, generatedAt);
    const { since, until } = filter;
    // As `padzone report` does: a trial cut in half is known as one that began too early.
    const span = {
      ...(since !== undefined && { since: since - WINDOW_MS }),
      ...(until !== undefined && { until }),
    };
    const config = load();
    const reading = await readFiles(paths, span, TRIAL_ROWS, config.origin);
    const { rows, reach, counters } = reading;
    const fleet = countFleet(serversOf(config), reading.heard, reading.folders);
    const observedUntil = Math.min(until ?? generatedAt, generatedAt);
    // A line of another kind would surprise who reads lines; a document may have more members.
    const isDocument = options['json'] === true;
    const keyRows = isDocument ? (await readFiles(paths, span, KEY_ROLL_ROWS, config.origin)).rows : [];
    const { verdicts: found, keys } = buildReport(rows, observedUntil, { ...filter, reach, keyRows, fleet });
    const document = { generatedAt, filter, counters, verdicts: found, keys };
    await pour(isDocument ? formatVerdictsJson(document) : format.chunks(found), out);
    const count = `${found.length} ${found.length === 1 ? 'verdict' : 'verdicts'}`;
    err.write(`${count}; of trials ${formatCounters(counters, paths.join(', '))}\n`);
    return 0;
  },
};

function findFormat(name: unknown): VerdictFormat {
  const format = VERDICT_FORMATS.find((each) => each.name === name);
  if (format === undefined)
    throw new ConfigError(`--format: '${String(name)}' is unknown; allowed are ${NAMES}`);
  return format;
}

/** Verdicts that a paper cites are made again by the rules that made them, or not at all. */
function checkRuleVersion(wanted: unknown): void {
  if (wanted !== undefined && wanted !== String(RULE_VERSION))
    throw new ConfigError(
      `--rule-version: this padzone applies version ${RULE_VERSION} of the rules, not '${String(wanted)}'; verdicts of two versions cannot be compared`,
    );
}

function pathsOf(from: unknown): readonly string[] {
  if (Array.isArray(from) && from.length > 0) return from.map(String);
  throw new ConfigError('--from: no path; name files of `padzone export`, segments or data directories');
}
