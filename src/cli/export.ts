/** `padzone export`: the observations of this server as CSV, NDJSON or Parquet. */
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConfigError } from '../config.ts';
import type { ExportFormat } from '../export/format.ts';
import { EXPORT_FORMATS } from '../export/table.ts';
import { parseFilter } from '../store/filter.ts';
import { formatCounters, type Observations, readObservations } from '../store/read.ts';
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

  async run({ config, out, err, now }, _args, options) {
    const format = findFormat(options);
    const filter = parseFilter(options, now());
    const directory = join(config().dataDir, 'observations');
    const output = options['output'] === undefined ? undefined : String(options['output']);
    if (output !== undefined) await checkWritable(output);
    await readObservations(directory, filter, async (observations) => {
      await write(format, observations, output, out);
      err.write(`${formatCounters(observations.counters)}\n`);
    });
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

/** Before hours of reading, not after them. */
async function checkWritable(output: string): Promise<void> {
  try {
    await (await open(output, 'a')).close();
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
  const chunks = Readable.from(format.chunks(connection));
  if (output !== undefined) return pipeline(chunks, createWriteStream(output));
  try {
    await pipeline(chunks, out, { end: false });
  } catch (error) {
    // The reader of the pipe has seen enough (`| head`): no failure of ours.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
