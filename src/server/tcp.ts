/** TCP over node:net: pipelining, answers out of order, idle time and limits (RFC 7766, RFC 9210). */
import { createServer, type Server, type Socket } from 'node:net';
import { addressKey } from '../wire/address.ts';
import type { Arrival } from './arrival.ts';
import { type Buckets, makeBuckets } from './budget.ts';
import { refusedConnection } from './record.ts';
import { readSource } from './source.ts';
import { type Handler, type ListenAddress, type Listening, linkMtu } from './transport.ts';

export interface TcpLimits {
  /** Open connections in all, and of one source address; shared by all listening sockets. */
  readonly connections: number;
  readonly perSource: number;
  /** Seconds. */
  readonly idle: number;
}

/** Connections that are open, by source address. One for all listening sockets. */
export interface Connections {
  readonly open: Map<string, number>;
  total: number;
  /** One row a second for the connections of a source that are refused: a flood writes no flood. */
  readonly refusals: Buckets;
}

export function noConnections(): Connections {
  return { open: new Map(), total: 0, refusals: makeBuckets(1, 1, REFUSAL_SLOTS) };
}

const REFUSAL_SLOTS = 4096;

/** Octets of answers that a peer may leave unread before we stop reading its queries. */
const MAX_UNREAD = 1024 * 1024;
/** Delayed answers of one connection that may wait at a time. */
const MAX_DELAYED = 100;

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
    if (!admit(remoteAddress, limits(), connections)) {
      // Over a limit the connection is closed at once (RFC 7766 §6.2.2, RFC 9210 §6.5).
      socket.destroy();
      noteRefusal(arrival, connections, handler);
      return;
    }
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      release(remoteAddress, connections);
    });
    serveConnection(socket, arrival, handler, limits().idle);
  });
  await listen(server, wanted);
  server.on('error', handler.onTrouble);
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : wanted.port;
  return {
    address: { ...wanted, port },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // What is written is delivered; a peer that never closes is cut off.
      for (const socket of sockets) socket.end(() => socket.destroySoon());
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

function noteRefusal(arrival: Arrival, { refusals }: Connections, handler: Handler): void {
  const { octets } = arrival.source;
  const key = new DataView(octets.buffer, octets.byteOffset).getUint32(octets.length - 4);
  const now = handler.now();
  if (refusals.take(key, 1, now)) handler.record(refusedConnection(arrival, now));
}

function admit(source: string, limits: TcpLimits, connections: Connections): boolean {
  const count = connections.open.get(source) ?? 0;
  if (connections.total >= limits.connections || count >= limits.perSource) return false;
  connections.open.set(source, count + 1);
  connections.total++;
  return true;
}

function release(source: string, connections: Connections): void {
  const count = connections.open.get(source) ?? 1;
  if (count <= 1) connections.open.delete(source);
  else connections.open.set(source, count - 1);
  connections.total--;
}

function serveConnection(socket: Socket, arrival: Arrival, handler: Handler, idle: number): void {
  const delayed = new Set<NodeJS.Timeout>();
  let received: Buffer = Buffer.alloc(0);
  let ended = false;
  // Only a whole query or a read answer counts as activity: an octet now and then does not keep a connection (RFC 9210 §5).
  const quiet = setTimeout(() => (delayed.size > 0 ? quiet.refresh() : socket.destroy()), idle * 1000);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(quiet);
    delayed.forEach(clearTimeout);
  });
  socket.on('data', (octets) => {
    received = received.length === 0 ? octets : Buffer.concat([received, octets]);
    answerAll();
  });
  socket.on('drain', () => {
    quiet.refresh();
    socket.resume();
    answerAll();
  });
  socket.on('end', () => {
    ended = true;
    finishIfDone();
  });

  // Two octets of length in front of each message (RFC 1035 §4.2.2); any number of messages may wait (RFC 7766 §6.2.1.1).
  function answerAll(): void {
    let at = 0;
    while (
      socket.writable &&
      received.length - at >= 2 &&
      received.length - at - 2 >= received.readUInt16BE(at)
    ) {
      if (socket.writableLength > MAX_UNREAD) {
        socket.pause();
        break;
      }
      const end = at + 2 + received.readUInt16BE(at);
      answer(received.subarray(at + 2, end));
      at = end;
    }
    received = received.subarray(at);
    finishIfDone();
  }

  function answer(query: Uint8Array): void {
    const { octets, delayMs, facts } = handler.respond()(query, arrival);
    quiet.refresh();
    if (octets && delayMs === 0) write(octets);
    else if (octets && delayed.size < MAX_DELAYED) later(octets, delayMs);
    if (facts) handler.record(facts);
    // A runt or a response: whoever sends that does not speak DNS with us.
    if (!facts) socket.destroy();
  }

  function later(octets: Uint8Array, delayMs: number): void {
    const timer = setTimeout(() => {
      delayed.delete(timer);
      if (socket.writable) write(octets);
      finishIfDone();
    }, delayMs);
    delayed.add(timer);
  }

  function write(octets: Uint8Array): void {
    const framed = Buffer.allocUnsafe(2 + octets.length);
    framed.writeUInt16BE(octets.length);
    framed.set(octets, 2);
    socket.write(framed);
  }

  // The peer has closed its side: ours follows when nothing is owed any more.
  function finishIfDone(): void {
    if (ended && delayed.size === 0 && socket.writable) socket.end();
  }
}
