/** UDP over node:dgram, one socket an address (RFC 1035 §4.2.1). */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Facts } from '../../record/facts.ts';
import { unsent } from '../../server/record.ts';
import { readSource } from '../../server/source.ts';
import { addressKey } from '../../wire/address.ts';
import { type ListenAddress, linkMtu } from '../listen.ts';
import type { Handler, StartTransport } from './transport.ts';

const BUFFER_OCTETS = 4 * 1024 * 1024;
/** Octets that may wait in the process because the socket's buffer is full. */
const MAX_QUEUED_OCTETS = 1024 * 1024;
/** Delayed answers that may wait at a time; more are dropped, and their rows say so. */
const MAX_DELAYED = 10_000;

export const startUdp: StartTransport = async (wanted, handler) => {
  const socket = createSocket({
    type: `udp${wanted.family}`,
    ipv6Only: wanted.family === 6,
    // Destinations are addresses already: nothing to look up.
    lookup: (host, _options, callback) => callback(null, host, wanted.family),
  });
  await bind(socket, wanted);
  grow(socket);
  const address = { ...wanted, port: socket.address().port };
  const delayed = answerQueries(socket, address, handler);
  socket.on('error', handler.onTrouble);
  return {
    address,
    async stop() {
      for (const [timer, facts] of delayed) {
        clearTimeout(timer);
        if (facts) handler.record(unsent(facts));
      }
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
};

function bind(socket: Socket, { address, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

// The kernel may refuse; its default then stands.
function grow(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER_OCTETS);
    socket.setSendBufferSize(BUFFER_OCTETS);
  } catch {}
}

/** Delayed answers that wait, by their timers. */
type Waiting = Map<NodeJS.Timeout, Facts | undefined>;

function answerQueries(socket: Socket, { address }: ListenAddress, handler: Handler): Waiting {
  const local = {
    local: address,
    localKey: addressKey(address),
    transport: 'udp',
    linkMtu: linkMtu(address),
  } as const;
  const delayed: Waiting = new Map();

  socket.on('message', (octets, from) => {
    // Port 0 cannot be answered.
    if (from.port === 0) return;
    const arrival = { ...local, source: readSource(from.address), sourcePort: from.port };
    const { octets: answer, delayMs, facts } = handler.respond()(octets, arrival);
    if (!answer || delayMs === 0) leave(answer, from, facts);
    else if (delayed.size >= MAX_DELAYED) handler.record(unsent(facts!));
    else later(answer, delayMs, from, facts);
  });

  function later(answer: Uint8Array, delayMs: number, to: RemoteInfo, facts: Facts | undefined): void {
    const timer = setTimeout(() => {
      delayed.delete(timer);
      leave(answer, to, facts);
    }, delayMs);
    delayed.set(timer, facts);
  }

  function leave(answer: Uint8Array | undefined, to: RemoteInfo, facts: Facts | undefined): void {
    // Behind a link that is full answers would queue here without end, and leave long after their time.
    const isFull = answer !== undefined && socket.getSendQueueSize() > MAX_QUEUED_OCTETS;
    if (answer && !isFull)
      socket.send(answer, to.port, to.address, (error) => error && handler.onTrouble(error));
    if (facts) handler.record(isFull ? unsent(facts) : facts);
  }

  return delayed;
}
