/** `padzone export`: the observations of this server as CSV, NDJSON or Parquet. */
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConfigError } from '../config.ts';
import type { ExportFormat } from '../export/format.ts';
import { EXPORT_FORMATS } from '../export/table.ts';
import { parseFilter } from '../store/filter.ts';
import { formatCounters, type Observations, readObservations } from '../store/read.ts';
import { pour } from './pour.ts';
import type { Subcommand } from './subcommand.ts';

const NAMES = EXPORT_FORMATS.map(({ name }) => name).join(', ');

export const exportObservations: Subcommand = {
  name: 'export',
  summary: 'Write observations for other tools',
  options: [
    { flags: '--format <name>', description: `one of ${NAMES}`, default: 'csv' },
    {
      flags: '--since <moment>',
      description: 'first moment wanted: ISO 8601 in UTC, milliseconds, 2h or 7d',
    },
    { flags: '--until <moment>', description: 'first moment no longer wanted' },
    { flags: '--source <address>', description: 'only queries from this address' },
    { flags: '--output <file>', description: 'a file instead of standard output; parquet needs one' },
  ],
  settings: ['dataDir'],

  async run({ config, out, err, now }, _args, options) {
    const format = findFormat(options);
    const filter = parseFilter(options, now());
    const directory = join(config().dataDir, 'observations');
    const output = options['output'] === undefined ? undefined : String(options['output']);
    const aside = output === undefined ? undefined : await asideOf(output);
    try {
      await readObservations(directory, filter, async (observations) => {
        await write(format, observations, aside, out);
        err.write(`${formatCounters(observations.counters, observations.place)}\n`);
      });
      if (aside !== output) await rename(aside ?? '', output ?? '');
    } catch (error) {
      if (aside !== output) await rm(aside ?? '', { force: true });
      throw error;
    }
    return 0;
  },
};

function findFormat({ format: name = 'csv', output }: Readonly<Record<string, unknown>>): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each.name === name);
  if (format === undefined)
    throw new ConfigError(`--format: '${String(name)}' is unknown; allowed are ${NAMES}`);
  if (format.kind === 'file' && output === undefined) {
    throw new ConfigError(`--format ${format.name} needs --output FILE: it cannot be written to a pipe`);
  }
  return format;
}

/**
 * Where to write until all is written, so that a failure leaves the old file as it was: beside it; a pipe or device has no aside.
 *
 * @throws {ConfigError} nothing can be written there: said before hours of reading, not after them
 */
async function asideOf(output: string): Promise<string> {
  try {
    const isFile = await stat(output).then(
      (facts) => facts.isFile(),
      () => true,
    );
    const aside = isFile ? `${output}.part` : output;
    await (await open(aside, 'a')).close();
    return aside;
  } catch (cause) {
    throw new ConfigError(`--output: cannot write '${output}' (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}

async function write(
  format: ExportFormat,
  { connection }: Observations,
  output: string | undefined,
  out: NodeJS.WritableStream,
): Promise<void> {
  if (format.kind === 'file') return format.write(connection, output ?? '');
  const chunks = format.chunks(connection);
  return output === undefined ? pour(chunks, out) : pipeline(chunks, createWriteStream(output));
}
