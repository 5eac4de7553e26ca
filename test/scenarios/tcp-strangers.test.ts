/** Peers that do not speak TCP as they should cost themselves, not others (RFC 9210 §5). */
import { afterEach, describe, expect, it } from 'vitest';
import { askTcp, askUdp, framed, openTcp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { encodeQuestion } from '../support/responder.ts';
import { enginesHere, serveAll } from '../support/server.ts';

const folder = testFolder('strangers');
const ME = encodeQuestion({ name: 'me.probe.test', id: 7, udpPayloadSize: 1232 });

describe.each(enginesHere())('engine %s', (engine) => {
  const server = serveAll(folder, engine);

  afterEach(async () => {
    expect((await askTcp(server(), ME)).readUInt16BE(0)).toBe(7);
    expect(server().log()).not.toContain('"level":50');
  });

  it('a length that promises more than comes is no query: closed without an answer', async () => {
    const { socket, closed } = await openTcp(server());
    const query = framed(ME);
    query.writeUInt16BE(0xffff);
    socket.end(query);
    expect(await closed).toEqual([]);
  });

  it('a length that promises less cuts the message: FORMERR, and what follows is taken for a length', async () => {
    const { socket, closed } = await openTcp(server());
    const query = framed(ME);
    query.writeUInt16BE(ME.length - 5);
    socket.end(query);
    const [answer, ...more] = await closed;
    expect(answer!.readUInt16BE(2) & 0xf).toBe(1);
    expect(more).toEqual([]);
  });

  it.each([0, 1, 11])('a message of %i octets ends the connection', async (octets) => {
    const { socket, closed } = await openTcp(server());
    socket.write(framed(ME.subarray(0, octets), ME));
    expect(await closed).toEqual([]);
  });

  it('a response in place of a query ends the connection', async () => {
    const { socket, closed } = await openTcp(server());
    socket.write(framed(await askTcp(server(), ME)));
    expect(await closed).toEqual([]);
  });

  it('HTTP gets no answer', async () => {
    const { socket, closed } = await openTcp(server());
    socket.end('GET / HTTP/1.1\r\nHost: probe.test\r\n\r\n');
    expect(await closed).toEqual([]);
  });

  it('a peer that never reads is read no more, while others are answered; when it reads, all is there', async () => {
    const count = 400;
    const queries = Array.from({ length: count }, (_, id) =>
      encodeQuestion({ name: 'p65000.probe.test', id }),
    );
    const { socket, receive, answers } = await openTcp(server());
    const before = (await server().metrics()).get('padzone_dns_requests_total{proto="tcp",family="4"}') ?? 0;
    socket.pause();
    socket.write(framed(...queries));
    // Each of these is a turn for the server, which could answer the other one meanwhile.
    for (let turn = 0; turn < 300; turn++) expect((await askUdp(server(), ME)).readUInt16BE(0)).toBe(7);
    expect(answers).toEqual([]);
    const read = (await server().metrics()).get('padzone_dns_requests_total{proto="tcp",family="4"}') ?? 0;
    expect(read - before).toBeLessThan(count / 2);
    socket.resume();
    const all = await receive(count);
    expect(all.map((answer) => answer.readUInt16BE(0))).toEqual(queries.map((_, id) => id));
    expect(new Set(all.map(({ length }) => length))).toEqual(new Set([65_000]));
    socket.destroy();
  });

  it('a flood of queries on many connections leaves turns for UDP: it is answered long before the flood is', async () => {
    const count = 300;
    const clients = await Promise.all(Array.from({ length: 8 }, () => openTcp(server())));
    const flood = Array.from({ length: count }, (_, id) =>
      framed(
        encodeQuestion({
          name: `s512-n0${String(id).padStart(9, '0')}.a8.probe.test`,
          id,
          udpPayloadSize: 4096,
          dnssecOk: true,
        }),
      ),
    );
    for (const { socket } of clients) socket.write(Buffer.concat(flood));
    // Ten round trips over UDP, each of which would stand behind 2400 RSA signatures if TCP had no turns.
    for (let turn = 0; turn < 10; turn++) expect((await askUdp(server(), ME)).readUInt16BE(0)).toBe(7);
    const unanswered = clients.filter(({ answers }) => answers.length < count);
    expect(unanswered.length).toBe(clients.length);
    await Promise.all(clients.map(({ receive }) => receive(count)));
    for (const { socket } of clients) socket.destroy();
  });

  it('delayed answers of one connection are no store: it is read no further, and rows tell what left', async () => {
    const { socket, receive, answers } = await openTcp(server());
    const queries = Array.from({ length: 60 }, (_, id) =>
      framed(encodeQuestion({ name: 'p65000-d1000.x.probe.test', id })),
    );
    socket.write(Buffer.concat(queries));
    for (let turn = 0; turn < 20; turn++) expect((await askUdp(server(), ME)).readUInt16BE(0)).toBe(7);
    expect(answers.length).toBeLessThan(60);
    expect(await receive(60)).toHaveLength(60);
    socket.destroy();
  });
});
