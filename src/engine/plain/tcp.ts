/** TCP over node:net: listening, and who is let in (RFC 7766, RFC 9210). */
import { createServer, type Server, type Socket } from 'node:net';
import { wordlessConnection } from '../../server/record.ts';
import { readSource } from '../../server/source.ts';
import { addressKey } from '../../wire/address.ts';
import { type ListenAddress, linkMtu } from '../listen.ts';
import type { TcpLimits } from '../tcp-limits.ts';
import { serveConnection } from './tcp-connection.ts';
import type { Connections } from './tcp-connections.ts';
import type { Handler, Listening } from './transport.ts';

export async function startTcp(
  wanted: ListenAddress,
  handler: Handler,
  limits: () => TcpLimits,
  connections: Connections,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const local = {
    local: wanted.address,
    localKey: addressKey(wanted.address),
    transport: 'tcp',
    linkMtu: linkMtu(wanted.address),
  } as const;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const { remoteAddress, remotePort } = socket;
    // Gone before it was looked at.
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const arrival = { ...local, source: readSource(remoteAddress), sourcePort: remotePort };
    if (!connections.admit(socket, arrival.source, limits())) {
      // Over its limit a source is refused at once (RFC 7766 §6.2.2, RFC 9210 §6.5); the row keeps the path from being blamed.
      socket.destroy();
      const now = handler.now();
      if (connections.mayNoteWordless(arrival.source, now))
        handler.record(wordlessConnection(arrival, now, 'budget'));
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(socket, arrival, handler, connections, limits().idle);
  });
  await listen(server, wanted);
  server.on('error', handler.onTrouble);
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : wanted.port;
  return {
    address: { ...wanted, port },
    async stop() {
      // The server calls itself closed before its connections have told of their end, which writes their last rows.
      const closed = Promise.all([
        new Promise<void>((resolve) => server.close(() => resolve())),
        ...[...sockets].map(
          (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
        ),
      ]);
      // What is written is delivered; a peer that never closes is cut off.
      for (const socket of sockets) connections.excuse(socket).end(() => socket.destroySoon());
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, 500);
      await closed;
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, { address, port, family }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, ipv6Only: family === 6, exclusive: true, backlog: 511 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
