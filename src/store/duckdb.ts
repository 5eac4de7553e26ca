/** DuckDB: one in-memory database for one piece of work; loaded when first needed, never by the serving process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Hands a connection to `work`; the database and its spill files are gone afterwards.
 *
 * @param memory that it may take, beside a server that must not be pushed out of memory; the rest spills
 */
export async function withDuckdb<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
  memory: '512MB' | '1GB' = '1GB',
): Promise<T> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const spill = mkdtempSync(join(tmpdir(), 'padzone-duckdb-'));
  // Also when the process ends in the middle, as `padzone export | head` makes it.
  const clean = () => rmSync(spill, { recursive: true, force: true });
  process.once('exit', clean);
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      temp_directory: spill,
      memory_limit: memory,
      autoinstall_known_extensions: 'false', // nothing is fetched from the network
      preserve_insertion_order: 'false', // who wants an order says so; small row groups are read half again as fast
    });
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    process.off('exit', clean);
    clean();
  }
}

/** A SQL string literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
