/** SIGTERM and SIGINT: what was asked is answered and on disk, and the exit status is 0. */
import { expect, it } from 'vitest';
import { readAllObservations } from '../../src/store/read.ts';
import { framed, openTcp, openUdp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { skipFor } from '../support/processes.ts';
import { encodeQuestion } from '../support/responder.ts';
import { buildProblem, startProgram } from '../support/server.ts';

const folder = testFolder('stop');

it.for(['SIGTERM', 'SIGINT'] as const)('%s', async (signal, { skip }) => {
  skipFor(buildProblem(), skip);
  const program = await startProgram(folder, { flags: { dataDir: `${folder}/${signal}` } });
  const udp = await openUdp(program);
  const tcp = await openTcp(program);
  const queries = Array.from({ length: 100 }, (_, id) => encodeQuestion({ name: 'me.probe.test', id }));
  tcp.socket.write(framed(...queries));
  await Promise.all([...queries.map((query) => udp.ask(query)), tcp.receive(100)]);

  // The open connection does not keep it from stopping.
  const exit = await program.stop(signal);
  expect(exit).toMatchObject({ code: 0, signal: undefined });
  expect(exit.stdout).toContain('rows on disk; 0 lost');
  const { rows, counters } = await readAllObservations(`${folder}/${signal}/observations`);
  expect(counters).toMatchObject({ duplicates: 0, torn: 0 });
  for (const proto of ['udp', 'tcp'])
    expect(new Set(rows.filter((row) => row.proto === proto).map(({ id }) => id)).size).toBe(100);
  expect(await tcp.closed).toHaveLength(100);
  tcp.socket.destroy();
  await udp.close();
});
