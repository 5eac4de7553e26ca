/** RFC 7766 §6.2.3, RFC 9210 §5: idle connections are closed, and nobody takes all connections. */
import { describe, expect, it } from 'vitest';
import { askUdp, framed, openTcp, type TcpClient } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { encodeQuestion } from '../support/responder.ts';
import { enginesHere, type Flags, type Program, startProgram } from '../support/server.ts';

const folder = testFolder('limits');
const QUERY = framed(encodeQuestion({ name: 'me.probe.test', id: 7 }));

/** A connection that has been answered, undefined where it was closed instead. */
async function served(here: Program, source: string): Promise<TcpClient | undefined> {
  const client = await openTcp(here, source);
  client.socket.write(QUERY);
  return client.receive(1).then(
    () => client,
    () => undefined,
  );
}

describe.each(enginesHere())('engine %s', (engine) => {
  async function withServer(flags: Flags, use: (here: Program) => Promise<void>): Promise<void> {
    const program = await startProgram(folder, { flags: { ...flags, engine } });
    await use(program);
    expect(await program.stop()).toMatchObject({ code: 0 });
  }

  it('closes a connection that says nothing, and one that falls silent', async () => {
    await withServer({ tcpIdle: '1' }, async (here) => {
      const silent = await openTcp(here);
      expect(await silent.closed).toEqual([]);
      const spoke = await served(here, '127.0.0.1');
      expect(await spoke?.closed).toHaveLength(1);
      // A query that never becomes whole does not keep it open.
      const half = await openTcp(here);
      half.socket.write(QUERY.subarray(0, 10));
      expect(await half.closed).toEqual([]);
    });
  });

  it('closes what is over the limit of one source address at once, and serves other sources', async () => {
    await withServer({ tcpPerSource: '3' }, async (here) => {
      const three = [1, 2, 3].map(() => served(here, '127.0.0.1'));
      const [first, ...others] = await Promise.all(three);
      for (const client of [first, ...others]) expect(client).toBeDefined();
      expect(await served(here, '127.0.0.1')).toBeUndefined();
      // Said in the metrics, once a second and source, so that the silence that follows is not blamed on the path.
      const refused = async () => (await here.metrics()).get('padzone_tcp_refused_total') ?? 0;
      await expect.poll(refused).toBeGreaterThan(0);
      const elsewhere = await served(here, '127.0.0.2');
      expect(elsewhere).toBeDefined();
      // A place that becomes free is given away again, as soon as the server has seen the end.
      first?.socket.destroy();
      let next: TcpClient | undefined;
      while (!next) next = await served(here, '127.0.0.1');
      for (const client of [...others, elsewhere, next]) client?.socket.destroy();
    });
  });

  it('makes room for a newcomer by closing the connection that has been quiet longest, and goes on over UDP', async () => {
    await withServer({ tcpConnections: '4', tcpPerSource: '2' }, async (here) => {
      const four: TcpClient[] = [];
      for (const source of ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2'])
        four.push((await served(here, source))!);
      const [first, quietest, ...others] = four;
      first!.socket.write(QUERY);
      expect(await first!.receive(2)).toHaveLength(2);
      const newcomer = await served(here, '127.0.0.3');
      expect(newcomer).toBeDefined();
      expect(await quietest!.closed).toHaveLength(1);
      for (const client of [first!, ...others]) {
        // Those inside are not disturbed.
        const had = client.answers.length;
        client.socket.write(QUERY);
        expect(await client.receive(had + 1)).toHaveLength(had + 1);
      }
      expect((await askUdp(here, encodeQuestion({ name: 'me.probe.test', id: 9 }))).readUInt16BE(0)).toBe(9);
      for (const client of [...four, newcomer!]) client.socket.destroy();
    });
  });
});
