/** Export format: what one file in this folder says about itself, and how it writes the view `observations`. */
import type { DuckDBConnection } from '@duckdb/node-api';

interface Described {
  /** The value of `--format`. */
  readonly name: string;
  /** One line, no final period. */
  readonly summary: string;
}

/** A format of lines: it can go to a pipe, and its first lines leave before the last are read. */
export interface TextFormat extends Described {
  readonly kind: 'text';
  /** Whole lines with their line ends, many to a chunk. */
  chunks(connection: DuckDBConnection): AsyncGenerator<string>;
}

/** A format whose index stands at its end: it needs a file. */
export interface FileFormat extends Described {
  readonly kind: 'file';
  /** @throws {Error} the file cannot be written */
  write(connection: DuckDBConnection, path: string): Promise<void>;
}

export type ExportFormat = TextFormat | FileFormat;

/** Runs a query of one text column and yields its lines, each ended by `end`. */
export async function* linesOf(
  connection: DuckDBConnection,
  query: string,
  end: string,
): AsyncGenerator<string> {
  const result = await connection.stream(query);
  for await (const rows of result.yieldRowsJs()) yield rows.map(([line]) => `${String(line)}${end}`).join('');
}
