/** Keeps the rows of both servers when the lab is gone, as data directories, which `padzone report --from` takes. */
import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Lab } from './contract.ts';

/** @param folder that is not there yet */
export async function keepRows(lab: Lab, folder: string): Promise<void> {
  // All of them are on disk when this resolves.
  await lab.rows();
  for (const [at, { node }] of lab.servers.entries())
    await cp(
      join(lab.dataDirectories[at] ?? '', 'observations'),
      join(resolve(folder), node, 'observations'),
      { recursive: true },
    );
}
