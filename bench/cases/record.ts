/** Half a minute at full load: whether every answer left its row. */
import { dnsperf } from '../dnsperf.ts';
import { padzoneOpen, readMetrics } from '../peers/padzone.ts';
import { oneName } from '../queries.ts';
import { nameOfSize } from '../static-zone.ts';
import type { AfterContext, Fact, Instance } from './case.ts';

const WAIT_SECONDS = 10;

export async function recordAtFullLoad(context: AfterContext): Promise<readonly Fact[]> {
  const server = context.instance(padzoneOpen.name);
  if (server === undefined) return [];
  const seconds = context.seconds < 3 ? 5 : 30;
  const rows = await watchRows(server);
  const place = { port: server.port, scratch: context.scratch, seconds, turn: 0 };
  const { answers, lost } = await dnsperf(oneName(nameOfSize(1232))).run(place);
  const { written, missing, reasons } = await rows(answers);
  return [
    {
      name: 'rows missing',
      value: missing,
      text: `${seconds} s at full load: ${answers} answers (${lost} lost on the way), ${written} rows on disk, ${missing} dropped${reasons}`,
    },
  ];
}

/** Counts from now on; the returned function waits until all rows are on disk, or for ten seconds. */
export async function watchRows(server: Instance) {
  const before = await readMetrics(server.httpPort);
  return async (answers: number) => {
    const until = Date.now() + WAIT_SECONDS * 1000;
    for (;;) {
      const now = await readMetrics(server.httpPort);
      const since = (name: string) => (now.get(name) ?? 0) - (before.get(name) ?? 0);
      const written = since('padzone_rows_written_total');
      if (written < answers && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        continue;
      }
      const lost = [...now.keys()].filter(
        (key) => key.startsWith('padzone_rows_lost_total{') && since(key) > 0,
      );
      const reasons = lost.map((key) => ` ${key.slice(key.indexOf('{'))} ${since(key)}`).join('');
      return {
        written,
        // Rows that padzone counts as lost, or that neither it nor the disk knows of.
        missing: Math.max(since('padzone_rows_lost_total'), answers - written, 0),
        reasons,
      };
    }
  };
}
