/** One question over UDP, and over TCP where the answer has TC or none came (RFC 7766 §5), within a time limit. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { Packet } from 'dns2';
import { decodeReply, encodeQuery, type Question, type Reply, sameName } from './message.ts';
import type { ServerAddress } from './server-address.ts';

/** What became of one question. */
export interface Exchange {
  readonly name: string;
  /** `silent`: the query was sent twice and nothing came back. */
  readonly udp: 'answered' | 'answered-second' | 'truncated' | 'silent' | 'failed';
  /** The transport of the last message received, or of the last try. */
  readonly transport: 'udp' | 'tcp';
  /** Size of the DNS message received last; absent when none was. */
  readonly octets?: number;
  readonly reply?: Reply;
  /** Why there is no reply, in plain words. */
  readonly failure?: string;
}

interface Received {
  readonly octets: number;
  readonly reply: Reply;
  readonly sends: number;
}

/**
 * Asks one question. Never throws for what the network does: that is the result.
 *
 * @param server an IP address and port; names are resolved before
 * @param timeoutMs for UDP, and again for TCP
 */
export async function ask(server: ServerAddress, question: Question, timeoutMs: number): Promise<Exchange> {
  const { name } = question;
  const overUdp = await attempt(() => askUdp(server, question, timeoutMs));
  if ('failure' in overUdp && !overUdp.silent) {
    return { name, udp: 'failed', transport: 'udp', failure: overUdp.failure };
  }
  if ('reply' in overUdp && !overUdp.reply.tc) {
    const udp = overUdp.sends === 1 ? 'answered' : 'answered-second';
    return { name, udp, transport: 'udp', octets: overUdp.octets, reply: overUdp.reply };
  }
  const udp = 'reply' in overUdp ? 'truncated' : 'silent';
  const before = udp === 'truncated' ? 'UDP says TC, and ' : 'nothing over UDP, and ';
  const overTcp = await attempt(() => askTcp(server, question, timeoutMs));
  if ('failure' in overTcp) return { name, udp, transport: 'tcp', failure: before + overTcp.failure };
  return { name, udp, transport: 'tcp', octets: overTcp.octets, reply: overTcp.reply };
}

class AskError extends Error {
  readonly silent: boolean;
  constructor(message: string, silent = false) {
    super(message);
    this.silent = silent;
  }
}

async function attempt(
  send: () => Promise<Received>,
): Promise<Received | { failure: string; silent: boolean }> {
  try {
    return await send();
  } catch (error) {
    const silent = error instanceof AskError && error.silent;
    return { failure: plainWords(error), silent };
  }
}

/** What the system says where it has no way to an address at all. */
export const NO_ROUTE = 'there is no route to it';
export const NO_LISTENER = 'nothing listens there (connection refused)';
/** EADDRNOTAVAIL, EAFNOSUPPORT: this host has no address of the IP version. EINVAL: a link-local address without its link. */
const NO_ROUTE_CODES: readonly unknown[] = [
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EINVAL',
];

function plainWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return NO_LISTENER;
  if (code === 'ECONNRESET') return 'the connection was reset';
  if (code === 'EACCES' || code === 'EPERM') return 'this system sends nothing there';
  if (NO_ROUTE_CODES.includes(code)) return NO_ROUTE;
  return error instanceof Error ? error.message : String(error);
}

/** Sends the query, and the same query again after half the time. */
function askUdp(server: ServerAddress, question: Question, timeoutMs: number): Promise<Received> {
  const id = randomInt(0x10000);
  const query = encodeQuery(id, question);
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  const timers: NodeJS.Timeout[] = [];
  let sends = 0;
  const answer = new Promise<Received>((resolve, reject) => {
    const send = () => {
      sends += 1;
      socket.send(query); // a failure arrives as the event 'error'
    };
    socket.on('error', reject);
    socket.on('message', (message) => {
      const reply = matching(message, id, question.name);
      if (reply !== undefined) resolve({ octets: message.length, reply, sends });
    });
    // No callback of connect(): that is called where there is no route as well.
    socket.once('connect', () => {
      send();
      timers.push(setTimeout(send, timeoutMs / 2));
    });
    // Connected, so that the kernel drops other senders and reports a closed port.
    socket.connect(server.port, server.host);
    timers.push(
      setTimeout(() => reject(new AskError(`no answer within ${timeoutMs / 1000} s`, true)), timeoutMs),
    );
  });
  return answer.finally(() => {
    timers.forEach(clearTimeout);
    socket.close();
  });
}

function askTcp(server: ServerAddress, question: Question, timeoutMs: number): Promise<Received> {
  const id = randomInt(0x10000);
  const query = encodeQuery(id, question);
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(query.length);
  const socket = connect({ host: server.host, port: server.port });
  let connected = false;
  socket.on('connect', () => {
    connected = true;
    socket.write(Buffer.concat([prefix, query]));
  });
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const where = connected ? 'the TCP connection stalled' : 'no TCP connection';
      reject(new AskError(`${where} within ${timeoutMs / 1000} s`, true));
    }, timeoutMs);
  });
  const answer = Packet.readStream(socket).then((message) => {
    if (message.length === 0) throw new AskError('the TCP connection was closed without an answer');
    const reply = matching(message, id, question.name);
    if (reply === undefined) throw new AskError('the answer over TCP cannot be read');
    return { octets: message.length, reply, sends: 1 };
  });
  return Promise.race([answer, limit]).finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

/** The reply, if the octets are one to this query (RFC 5452 §9.1). */
function matching(octets: Buffer, id: number, name: string): Reply | undefined {
  try {
    const reply = decodeReply(octets);
    return reply.id === id && sameName(reply.qname, name) ? reply : undefined;
  } catch {
    return undefined;
  }
}
