/** A connection of the plain engine that is ended by us while an answer waits for its time. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { serveConnection } from '../../src/engine/plain/tcp-connection.ts';
import { Connections } from '../../src/engine/plain/tcp-connections.ts';
import type { Handler } from '../../src/engine/plain/transport.ts';
import type { Facts } from '../../src/record/facts.ts';
import type { Arrival } from '../../src/server/arrival.ts';
import { readSource } from '../../src/server/source.ts';
import { framed } from '../support/client.ts';

const LATE = 1;
const OCTETS = 60_000;

/** Answers each message with its first octet, and that of `LATE` later than it takes to end the connection. */
function handlerInto(recorded: Facts[]): Handler {
  return {
    respond: () => (query) => ({
      octets: new Uint8Array(query[0] === LATE ? 600 : OCTETS).fill(query[0]!),
      delayMs: query[0] === LATE ? 300 : 0,
      arm: 'default',
      facts: { action: 'answer', res_len: OCTETS, id: query[0] } as unknown as Facts,
    }),
    now: Date.now,
    record: (facts) => recorded.push(facts),
    onTrouble: (error) => {
      throw error;
    },
  };
}

it('says of such an answer that it was not sent, and delivers what was written before', async () => {
  const recorded: Facts[] = [];
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const [socket] = (await once(server, 'connection')) as [Socket];
  const arrival = { source: readSource('127.0.0.1'), sourcePort: 1 } as unknown as Arrival;
  serveConnection(socket, arrival, handlerInto(recorded), new Connections(), 60);
  // More than the buffers of both ends take, as the client does not read.
  const large = Array.from({ length: 400 }, () => Buffer.from([2, 0]));
  client.write(framed(Buffer.from([LATE, 0]), ...large));
  await expect.poll(() => socket.writableLength).toBeGreaterThan(0);
  socket.end();
  await expect.poll(() => recorded.some(({ id }) => Number(id) === LATE)).toBe(true);
  const read: Buffer[] = [];
  client.on('data', (octets: Buffer) => read.push(octets)).resume();
  await once(client, 'end');
  client.destroy();
  server.close();
  const sent = recorded.filter(({ action }) => action === 'answer');
  const received = Buffer.concat(read).length;
  expect(received).toBe(sent.reduce((total, { id }) => total + 2 + (Number(id) === LATE ? 600 : OCTETS), 0));
});
