/** One query as dnsperf sends it: to see that a server is up, and how large its answer is. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Packet } from 'dns2';

/** Octets of the answer to `qname` TXT with EDNS 4096 and DO; undefined after 200 ms of silence. */
export function answerOctets(port: number, qname: string): Promise<number | undefined> {
  const query = new Packet();
  query.header.id = 1;
  query.questions.push(new Packet.Question(qname, Packet.TYPE.TXT, Packet.CLASS.IN));
  const opt = Packet.Resource.EDNS([]);
  opt.ttl = 0x8000; // DO
  query.additionals.push(opt);
  const socket = createSocket('udp4');
  return new Promise<number | undefined>((resolve) => {
    setTimeout(resolve, 200, undefined);
    socket.on('message', (message) => resolve(message.length));
    socket.send(query.toBuffer(), port, '127.0.0.1');
  }).finally(() => socket.close());
}

/** Waits until the server answers; returns the octets, or undefined after `seconds`. */
export async function waitForAnswer(
  port: number,
  qname: string,
  seconds: number,
): Promise<number | undefined> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const octets = await answerOctets(port, qname);
    if (octets !== undefined) return octets;
  }
  return undefined;
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
