/** A plain DNS client for tests: UDP that asks again, and TCP that does no more than it is told. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Endpoint } from './server.ts';

/** UDP may lose a datagram under load; a client asks again. */
const RETRY_MS = 1_000;
/** For tests that count rows: a busy machine may take long, and loses nothing. */
export const NO_RETRY_MS = 60_000;
const TRIES = 8;

export interface UdpClient {
  /** The answer with the id of `query`. @throws {Error} when none of several tries is answered, or the socket is closed */
  ask(query: Uint8Array): Promise<Buffer>;
  close(): Promise<void>;
}

interface Waiting {
  answered(answer: Buffer): void;
  failed(why: string): void;
}

/**
 * A UDP socket of its own; at any time only one query of an id may wait.
 *
 * @param retryMs far above what a busy machine takes where a second row would be one too many, and nothing is lost
 */
export async function openUdp(to: Endpoint, retryMs = RETRY_MS): Promise<UdpClient> {
  const socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4');
  const waiting = new Map<number, Waiting>();
  socket.on('message', (answer) => waiting.get(answer.readUInt16BE(0))?.answered(answer));
  socket.bind(0);
  await once(socket, 'listening');
  return {
    ask: (query) =>
      new Promise((resolve, reject) => {
        const id = query[0]! * 0x100 + query[1]!;
        let tries = 0;
        const send = () => {
          if (tries++ === TRIES) waiting.get(id)?.failed('no answer');
          else socket.send(query, to.port, to.address);
        };
        const again = setInterval(send, retryMs);
        const settle = () => {
          clearInterval(again);
          waiting.delete(id);
        };
        waiting.set(id, {
          answered(answer) {
            settle();
            resolve(answer);
          },
          failed(why) {
            settle();
            reject(new Error(`query ${id}: ${why}`));
          },
        });
        send();
      }),
    close() {
      for (const one of waiting.values()) one.failed('socket closed');
      return new Promise((resolve) => socket.close(resolve));
    },
  };
}

export async function askUdp(to: Endpoint, query: Uint8Array, retryMs = RETRY_MS): Promise<Buffer> {
  const client = await openUdp(to, retryMs);
  try {
    return await client.ask(query);
  } finally {
    await client.close();
  }
}

export interface TcpClient {
  readonly socket: Socket;
  /** Whole messages so far. */
  readonly answers: readonly Buffer[];
  /** Resolves when `count` messages have come; rejects when the connection ends before. */
  receive(count: number): Promise<readonly Buffer[]>;
  /** Resolves when the peer has closed, with the messages that came before. */
  readonly closed: Promise<readonly Buffer[]>;
}

/** @param localAddress source address, the kernel's choice when not given */
export async function openTcp(to: Endpoint, localAddress?: string): Promise<TcpClient> {
  const source = localAddress === undefined ? {} : { localAddress };
  const socket = connect({ host: to.address, port: to.port, allowHalfOpen: true, ...source });
  const answers: Buffer[] = [];
  const checks = new Set<() => void>();
  let received = Buffer.alloc(0);
  socket.on('data', (octets) => {
    received = Buffer.concat([received, octets]);
    while (received.length >= 2 && received.length - 2 >= received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      answers.push(received.subarray(2, end));
      received = received.subarray(end);
    }
    for (const check of checks) check();
  });
  // A reset is an end as well: what was to come tells.
  socket.on('error', () => socket.destroy());
  const closed = new Promise<readonly Buffer[]>((resolve) => {
    socket.once('end', () => resolve(answers));
    socket.once('close', () => resolve(answers));
  });
  await Promise.race([once(socket, 'connect'), closed]);
  return {
    socket,
    answers,
    closed,
    receive: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (answers.length < count) return;
          checks.delete(look);
          resolve(answers);
        };
        checks.add(look);
        look();
        void closed.then(() => reject(new Error(`closed after ${answers.length} of ${count} answers`)));
      }),
  };
}

/** One query over a connection of its own. */
export async function askTcp(to: Endpoint, query: Uint8Array): Promise<Buffer> {
  const client = await openTcp(to);
  client.socket.write(framed(query));
  const [answer] = await client.receive(1);
  client.socket.destroy();
  return answer!;
}

/** Two octets of length in front of each message (RFC 1035 §4.2.2). */
export function framed(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => [Buffer.from([message.length >> 8, message.length & 0xff]), message]),
  );
}
