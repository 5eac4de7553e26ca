/** UDP over node:dgram, one socket an address (RFC 1035 §4.2.1). */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { addressKey } from '../wire/address.ts';
import { readSource } from './source.ts';
import { type Handler, type ListenAddress, linkMtu, type StartTransport } from './transport.ts';

const BUFFER_OCTETS = 4 * 1024 * 1024;
/** Delayed answers that may wait at a time; more are dropped as a full queue would. */
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
      for (const timer of delayed) clearTimeout(timer);
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

function answerQueries(socket: Socket, { address }: ListenAddress, handler: Handler): Set<NodeJS.Timeout> {
  const local = {
    local: address,
    localKey: addressKey(address),
    transport: 'udp',
    linkMtu: linkMtu(address),
  } as const;
  const delayed = new Set<NodeJS.Timeout>();
  const send = (octets: Uint8Array, to: RemoteInfo) =>
    socket.send(octets, to.port, to.address, (error) => error && handler.onTrouble(error));

  socket.on('message', (octets, from) => {
    // Port 0 cannot be answered.
    if (from.port === 0) return;
    const arrival = { ...local, source: readSource(from.address), sourcePort: from.port };
    const { octets: answer, delayMs, facts } = handler.respond()(octets, arrival);
    if (answer && delayMs === 0) send(answer, from);
    else if (answer && delayed.size < MAX_DELAYED) later(answer, delayMs, from);
    if (facts) handler.record(facts);
  });

  function later(answer: Uint8Array, delayMs: number, to: RemoteInfo): void {
    const timer = setTimeout(() => {
      delayed.delete(timer);
      send(answer, to);
    }, delayMs);
    delayed.add(timer);
  }

  return delayed;
}
