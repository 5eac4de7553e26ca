/** dns2's own UDP server with one TXT answer of 1232 octets: `node dns2-server.js <port>`. */
import { createServer, Packet } from 'dns2';

const SIZE = 1232;
const FULL_STRINGS = Array.from({ length: 4 }, () => 'x'.repeat(255));

/** The answer, encoded anew for each query; unsigned and without OPT, since dns2 makes neither. */
function respond(request: Packet, lastString: string): Packet {
  const response = Packet.createResponseFromRequest(request);
  const [question] = request.questions;
  if (question === undefined) return response;
  const { name, class: qclass } = question;
  const data = [...FULL_STRINGS, lastString];
  response.answers.push(new Packet.Resource({ name, type: Packet.TYPE.TXT, class: qclass, ttl: 0, data }));
  return response;
}

/** By length of the question's name: the last string that brings the answer to SIZE. */
const lastStrings = new Map<number, string>();
function lastStringFor(request: Packet): string {
  const length = request.questions[0]?.name.length ?? 0;
  const known = lastStrings.get(length);
  if (known !== undefined) return known;
  const fitting = 'x'.repeat(SIZE - respond(request, '').toBuffer().length);
  lastStrings.set(length, fitting);
  return fitting;
}

const server = createServer({
  udp: true,
  handle: (request, send) => {
    send(respond(request, lastStringFor(request))).catch(() => process.exit(1));
  },
});
await server.listen({ udp: { port: Number(process.argv[2]), address: '127.0.0.1' } });
