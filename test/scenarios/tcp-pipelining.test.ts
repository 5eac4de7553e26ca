/** RFC 7766 §6.2.1.1, §7: many queries on one connection, answered as they are ready, until both sides have closed. */
import { describe, expect, it } from 'vitest';
import { framed, openTcp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { encodeQuestion } from '../support/responder.ts';
import { enginesHere, serveAll } from '../support/server.ts';

const folder = testFolder('pipelining');

const IDS = Array.from({ length: 100 }, (_, id) => id);
const HUNDRED = IDS.map((id) =>
  encodeQuestion({ name: `p${600 + id}.probe.test`, id, udpPayloadSize: 1232 }),
);
const idsOf = (answers: readonly Buffer[]) =>
  answers.map((answer) => answer.readUInt16BE(0)).sort((a, b) => a - b);
const sizesOf = (answers: readonly Buffer[]) => answers.map(({ length }) => length).sort((a, b) => a - b);

describe.each(enginesHere())('engine %s', (engine) => {
  const server = serveAll(folder, engine);

  it('answers 100 queries that come at once, each once and whole', async () => {
    const { socket, receive } = await openTcp(server());
    socket.write(framed(...HUNDRED));
    const answers = await receive(100);
    expect(idsOf(answers)).toEqual(IDS);
    expect(sizesOf(answers)).toEqual(IDS.map((id) => 600 + id));
    socket.destroy();
  });

  it('answers queries that come octet by octet', async () => {
    const { socket, receive } = await openTcp(server());
    socket.setNoDelay(true);
    for (const octet of framed(...HUNDRED.slice(0, 3)))
      await new Promise((sent) => socket.write(Buffer.from([octet]), sent));
    expect(idsOf(await receive(3))).toEqual([0, 1, 2]);
    socket.destroy();
  });

  it('answers everything after the peer has closed its side, then closes too', async () => {
    const { socket, closed } = await openTcp(server());
    socket.end(framed(...HUNDRED));
    expect(idsOf(await closed)).toEqual(IDS);
  });

  it('lets a later answer overtake one that takes long (RFC 7766 §6.2.1.1)', async () => {
    const { socket, closed } = await openTcp(server());
    const late = encodeQuestion({ name: 'p600-d800.x.probe.test', id: 1 });
    const soon = encodeQuestion({ name: 'p600.x.probe.test', id: 2 });
    // Half closed, with an answer still owed: it comes all the same.
    socket.end(framed(late, soon));
    expect((await closed).map((answer) => answer.readUInt16BE(0))).toEqual([2, 1]);
  });
});
