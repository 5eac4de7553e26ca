/** Rows of both servers, complete up to now: a last query to each, over UDP and TCP, marks where they must end. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observation } from '../src/observe/observation.ts';
import type { DigResult, Lookup } from '../test/support/dig.ts';

/** By then TCP has acknowledged the last answer, or its row says that it did not (tcp-evidence.ts, tcp-wordless.ts). */
const LATE_MS = 1_500;
const PAUSE_MS = 100;
/** A disk that takes longer is no disk to measure on. */
const PATIENCE_MS = 30_000;

/**
 * Reads until the marks of this call have come back from disk; each server writes in the order of its answers.
 * @param read all rows on disk by now, of all servers
 * @throws {Error} naming the marks that did not appear
 */
export async function completeRows(
  servers: readonly string[],
  origin: string,
  dig: (lookup: Lookup) => Promise<DigResult>,
  read: () => Promise<Observation[]>,
): Promise<Observation[]> {
  await sleep(LATE_MS);
  const marks = await Promise.all(
    servers.flatMap((server) =>
      [[], ['+tcp']].map(async (args) => {
        const name = `mark-${randomBytes(8).toString('hex')}.${origin}.`;
        await dig({ server, name, args });
        return name;
      }),
    ),
  );
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const rows = await read();
    const names = new Set(rows.map(({ qname }) => qname));
    const missing = marks.filter((mark) => !names.has(mark));
    if (missing.length === 0) return rows.filter(({ qname }) => !marks.includes(qname));
    if (performance.now() > until)
      throw new Error(`not on disk after ${PATIENCE_MS / 1000} s: ${missing.join(', ')}`);
    await sleep(PAUSE_MS);
  }
}
