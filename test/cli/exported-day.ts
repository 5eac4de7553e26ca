/** A served day of two servers in a folder: as data directories, and as files of `padzone export`. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { segmentStem } from '../../src/store/segment-file.ts';
import { segmentOf } from '../support/rows.ts';
import { BOOT, type ServedDay, serveDay } from '../support/served-day.ts';
import { padzone } from './run-program.ts';

export const NODES = ['ns1', 'ns2'] as const;

/** `both`, `ns1` and `ns2` are data directories; `rows.csv`, `rows.ndjson`, `rows.parquet`, `ns1.csv` and `ns2.csv` are files. */
export interface ExportedDay extends ServedDay {
  readonly folder: string;
  /** When both servers stopped: the silence of the last trial is over by then. */
  readonly stoppedAt: number;
  /** Beyond everything. */
  readonly now: number;
  at(name: string): string;
  run(argv: readonly string[]): ReturnType<typeof padzone>;
  writeDataDir(name: string, nodes: readonly string[]): void;
  remove(): void;
}

export async function exportDay(): Promise<ExportedDay> {
  const folder = mkdtempSync(join(tmpdir(), 'padzone-verdicts-'));
  const day = await serveDay();
  const stoppedAt = day.lastAt + 600_000;
  const now = stoppedAt + 86_400_000;
  const at = (name: string) => join(folder, name);
  const run = (argv: readonly string[]) => padzone(argv, undefined, {}, now);
  function writeDataDir(name: string, nodes: readonly string[]): void {
    mkdirSync(join(at(name), 'observations'), { recursive: true });
    for (const node of nodes) {
      const path = join(at(name), 'observations', `${segmentStem(node, BOOT)}1.rows`);
      writeFileSync(path, segmentOf(day.rows.filter((row) => row.node === node)));
      utimesSync(path, stoppedAt / 1000, stoppedAt / 1000);
    }
  }
  writeDataDir('both', NODES);
  for (const node of NODES) writeDataDir(node, [node]);
  for (const format of ['csv', 'ndjson', 'parquet'])
    await run(['export', '--data-dir', at('both'), '--format', format, '--output', at(`rows.${format}`)]);
  for (const node of NODES)
    await run(['export', '--data-dir', at(node), '--format', 'csv', '--output', at(`${node}.csv`)]);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { ...day, folder, stoppedAt, now, at, run, writeDataDir, remove };
}
