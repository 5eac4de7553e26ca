/** What every packet engine owes: one contract, on real sockets of the built program, for each engine that can run here. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { decode } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { readAllObservations } from '../../src/store/read.ts';
import { seen } from '../rfc/seen.ts';
import { askTcp, askUdp, framed, openTcp, openUdp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { encodeQuestion, texts } from '../support/responder.ts';
import {
  type Endpoint,
  enginesHere,
  type Flags,
  runToEnd,
  serveAll,
  startProgram,
} from '../support/server.ts';

const folder = testFolder('contract');
const SIZES = [512, 1232, 1500, 4096];
/** Every answer may leave at once, and as often as it is asked for. */
const OPEN: Flags = { direct: 'open', udpBudget: '0', udpBudgetTotal: '0', packetThreads: '3' };
const BOTH = { dnsListen: '127.0.0.1:0,127.0.0.2:0,[::1]:0' };

const me = (id: number) => encodeQuestion({ name: 'me.probe.test', id });

/** A socket that sends to one address and takes answers from there only, each once. */
async function connected(to: Endpoint): Promise<Socket> {
  const socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4');
  socket.connect(to.port, to.address);
  await once(socket, 'connect');
  return socket;
}

/** Sends each query once, so many at a time, and resolves when all are answered: a lost one is never made good. */
async function askEachOnce(to: Endpoint, count: number, atOnce = 50, onAnswer = (_id: number) => {}) {
  const socket = await connected(to);
  const answered = new Set<number>();
  let next = 0;
  const more = () => next < count && socket.send(me(next++));
  const done = new Promise<void>((resolve) => {
    socket.on('message', (answer) => {
      answered.add(answer.readUInt16BE(0));
      onAnswer(answer.readUInt16BE(0));
      if (answered.size === count) resolve();
      more();
    });
  });
  for (let first = 0; first < atOnce; first++) more();
  await done;
  socket.close();
}

async function takeTcp() {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  return { port: typeof address === 'object' && address ? address.port : 0, close: () => taken.close() };
}

async function takeUdp() {
  const taken = createSocket('udp4').bind(0, '127.0.0.1');
  await once(taken, 'listening');
  return { port: taken.address().port, close: () => taken.close() };
}

function folderFor(engine: string, name: string): string {
  const directory = join(folder, `${engine}-${name}`);
  mkdirSync(directory, { recursive: true });
  return directory;
}

const rowsIn = (directory: string) => readAllObservations(join(directory, 'data', 'observations'));

describe.each(enginesHere())('engine %s', (engine) => {
  const server = serveAll(folder, engine, { ...OPEN, ...BOTH });

  it('says in log and metrics that it serves', async () => {
    await server().logs(`the engine is ${engine}`);
    const names = [...(await server().metrics()).keys()];
    expect(names).toContainEqual(expect.stringMatching(`^padzone_build_info.*engine="${engine}"`));
  });

  it('answers over UDP and TCP at every address, on the one port that the kernel chose', async () => {
    expect(server().listening.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.2', '::1']);
    for (const to of server().listening) {
      expect(to.port).toBeGreaterThan(0);
      for (const octets of SIZES) {
        const query = encodeQuestion({ name: `s${octets}.probe.test`, udpPayloadSize: 4096 });
        expect(seen(await askUdp(to, query)).size).toBe(octets);
        expect(seen(await askTcp(to, query)).size).toBe(octets);
      }
    }
  });

  it('answers from the address that was asked, and says so', async () => {
    for (const to of server().listening) {
      const socket = await connected(to);
      socket.send(me(1));
      const [answer] = (await once(socket, 'message')) as [Buffer];
      expect(texts({ packet: decode(answer) }).join()).toContain(`asked ns1 at ${to.address} over UDP`);
      socket.close();
    }
  });

  it('leaves runts, garbage and responses without an answer, and goes on', async () => {
    for (const to of server().listening) {
      const socket = await connected(to);
      const answers: Buffer[] = [];
      socket.on('message', (answer) => answers.push(answer));
      const response = me(2);
      response[2]! |= 0x80;
      for (const octets of [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(11, 0xff), response])
        socket.send(octets);
      // A header that promises a question which is not there.
      socket.send(me(3).subarray(0, 20));
      socket.send(me(4));
      while (answers.length < 2) await once(socket, 'message');
      expect(answers.map((answer) => [answer.readUInt16BE(0), answer.readUInt16BE(2) & 0xf])).toEqual([
        [3, 1],
        [4, 0],
      ]);
      socket.close();
    }
  });

  it('answers what is pipelined on one connection, each once', async () => {
    const { socket, receive } = await openTcp(server());
    socket.write(framed(...Array.from({ length: 200 }, (_, id) => me(id))));
    const answers = await receive(200);
    expect(new Set(answers.map((answer) => answer.readUInt16BE(0))).size).toBe(200);
    socket.destroy();
  });

  it('lets a delayed answer leave late, and others before it, over UDP and TCP', async () => {
    const late = encodeQuestion({ name: 'p600-d500.x.probe.test', id: 1, udpPayloadSize: 1232 });
    const soon = encodeQuestion({ name: 'p600.x.probe.test', id: 2, udpPayloadSize: 1232 });
    const socket = await connected(server());
    const ids: number[] = [];
    socket.on('message', (answer) => ids.push(answer.readUInt16BE(0)));
    socket.send(late);
    socket.send(soon);
    while (ids.length < 2) await once(socket, 'message');
    expect(ids).toEqual([2, 1]);
    socket.close();
    const tcp = await openTcp(server());
    tcp.socket.end(framed(late, soon));
    expect((await tcp.closed).map((answer) => answer.readUInt16BE(0))).toEqual([2, 1]);
  });

  it('keeps a row of a connection that ends without a word, and excuses its peer only where we ended it', async () => {
    const directory = folderFor(engine, 'wordless');
    const program = await startProgram(directory, { flags: { ...OPEN, engine, tcpConnections: '1' } });
    const asked = await openTcp(program, '127.0.0.2');
    asked.socket.write(framed(me(1)));
    await asked.receive(1);
    const mute = await openTcp(program, '127.0.0.3');
    mute.socket.end();
    await mute.closed;
    const slow = await openTcp(program, '127.0.0.4');
    const newcomer = await openTcp(program, '127.0.0.5');
    newcomer.socket.write(framed(me(2)));
    await newcomer.receive(1);
    await slow.closed;
    newcomer.socket.destroy();
    expect(await program.stop()).toMatchObject({ code: 0 });
    const wordless = (await rowsIn(directory)).rows.filter(({ qname }) => qname === '');
    expect(wordless.map(({ src, proto, action, excluded }) => [src, proto, action, excluded])).toEqual([
      ['127.0.0.3', 'tcp', 'drop', ''],
      ['127.0.0.4', 'tcp', 'drop', 'budget'],
    ]);
  });

  it('keeps a row for each source of connections that end without a word in one second', async () => {
    const directory = folderFor(engine, 'wordless-sources');
    const program = await startProgram(directory, { flags: { ...OPEN, engine } });
    // Their last 12 bits are the same, as those of many resolvers are.
    const sources = ['127.0.0.3', '127.0.16.3', '127.0.32.3', '127.1.0.3'];
    for (const source of sources) {
      const mute = await openTcp(program, source);
      mute.socket.end();
      await mute.closed;
    }
    expect(await program.stop()).toMatchObject({ code: 0 });
    const wordless = (await rowsIn(directory)).rows.filter(({ qname }) => qname === '');
    expect(wordless.map(({ src }) => src)).toEqual(sources);
  });

  it('keeps the rows of connections that are open when it stops, and excuses their peers', async () => {
    const directory = folderFor(engine, 'wordless-at-stop');
    const program = await startProgram(directory, { flags: { ...OPEN, engine } });
    const sources = ['127.0.0.3', '127.0.0.4', '127.0.0.5'];
    for (const source of sources) await openTcp(program, source);
    // They are taken in the order in which they came: when the last one has its answer, so are the others.
    const asked = await openTcp(program, '127.0.0.6');
    asked.socket.write(framed(me(1)));
    await asked.receive(1);
    expect(await program.stop()).toMatchObject({ code: 0 });
    const wordless = (await rowsIn(directory)).rows.filter(({ qname }) => qname === '');
    expect(wordless.map(({ src, excluded }) => [src, excluded]).sort()).toEqual(
      sources.map((source) => [source, 'budget']),
    );
  });

  it('keeps the rows of delayed answers that wait when it stops, as not sent', async () => {
    const directory = folderFor(engine, 'delayed-at-stop');
    const program = await startProgram(directory, { flags: { ...OPEN, engine } });
    const late = encodeQuestion({ name: 'p600-d8000.x.probe.test', id: 1, udpPayloadSize: 1232 });
    const udp = await connected(program);
    udp.send(late);
    udp.send(me(2));
    await once(udp, 'message');
    const tcp = await openTcp(program);
    tcp.socket.write(framed(late, me(2)));
    await tcp.receive(1);
    expect(await program.stop()).toMatchObject({ code: 0 });
    udp.close();
    const waiting = (await rowsIn(directory)).rows.filter(({ qname }) => qname.startsWith('p600-d8000'));
    expect(
      waiting.map(({ proto, res_len, action, excluded }) => [proto, res_len, action, excluded]).sort(),
    ).toEqual([
      ['tcp', 0, 'drop', 'budget'],
      ['udp', 0, 'drop', 'budget'],
    ]);
  });

  it('answers 2,000 queries at once, and keeps a row for each', async () => {
    const directory = folderFor(engine, 'flood');
    const program = await startProgram(directory, { flags: { ...OPEN, engine } });
    const clients = await Promise.all(Array.from({ length: 20 }, () => openUdp(program)));
    const asked = clients.flatMap((client, peer) =>
      Array.from({ length: 100 }, (_, at) => client.ask(me(peer * 100 + at))),
    );
    expect(new Set((await Promise.all(asked)).map((answer) => answer.readUInt16BE(0))).size).toBe(2000);
    await Promise.all(clients.map((client) => client.close()));
    expect(await program.stop()).toMatchObject({ code: 0 });
    const { rows, counters } = await rowsIn(directory);
    expect(counters).toMatchObject({ duplicates: 0, torn: 0 });
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2000);
  });

  it('stops under load: every answer that came is a row on disk, and the exit status is 0', async () => {
    const directory = folderFor(engine, 'stop');
    const program = await startProgram(directory, { flags: { ...OPEN, engine } });
    const udp = await Promise.all([1, 2, 3, 4].map(() => connected(program)));
    let answers = 0;
    const enough = new Promise<void>((resolve) => {
      for (const [peer, socket] of udp.entries()) {
        let next = 0;
        const more = () => socket.send(me((peer << 12) | (next++ & 0xfff)));
        socket.on('message', () => {
          if (++answers === 2000) resolve();
          more();
        });
        // The program's end is not ours to complain about.
        socket.on('error', () => {});
        for (let first = 0; first < 20; first++) more();
      }
    });
    const tcp = await openTcp(program);
    let octets = 0;
    tcp.socket.on('data', (piece) => {
      octets += piece.length;
    });
    tcp.socket.write(framed(...Array.from({ length: 500 }, (_, id) => me(id))));
    await enough;
    const exit = await program.stop();
    expect(exit).toMatchObject({ code: 0, signal: undefined });
    expect(exit.stdout).toContain('rows on disk; 0 lost');
    const whole = await tcp.closed;
    expect(octets, 'half an answer').toBe(whole.reduce((sum, { length }) => sum + 2 + length, 0));
    for (const socket of udp) socket.close();
    tcp.socket.destroy();
    const { rows, counters } = await rowsIn(directory);
    expect(counters).toMatchObject({ duplicates: 0, torn: 0 });
    const left = (proto: string) => rows.filter((row) => row.proto === proto && row.res_len > 0).length;
    expect(left('udp')).toBeGreaterThanOrEqual(answers);
    expect(left('tcp')).toBeGreaterThanOrEqual(whole.length);
  });

  it('reloads under load and loses no answer', async () => {
    const directory = folderFor(engine, 'reload');
    const program = await startProgram(directory, { flags: { ...OPEN, engine } });
    const reloaded = program.logs('reloaded settings');
    let isReloaded = false;
    void reloaded.then(() => {
      isReloaded = true;
    });
    // Several sockets, so that every thread has its share.
    let isTold = false;
    const hangUp = (id: number) => {
      if (id !== 200 || isTold) return;
      isTold = true;
      program.child.kill('SIGHUP');
    };
    do await Promise.all([1, 2, 3, 4, 5, 6].map(() => askEachOnce(program, 1000, 20, hangUp)));
    while (!isReloaded);
    expect(await program.stop()).toMatchObject({ code: 0 });
  });

  it.each(['tcp', 'udp'] as const)('does not start where the address is taken for %s', async (proto) => {
    const { port, close } = await (proto === 'tcp' ? takeTcp() : takeUdp());
    const flags = { engine, dnsListen: `127.0.0.1:${port}` };
    const { code, stderr } = await runToEnd(folderFor(engine, 'taken'), { flags });
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^padzone: dns_listen: 127\\.0\\.0\\.1:${port} cannot be had .*EADDRINUSE.*\n$`),
    );
    close();
  });

  it('does not start where another server of ours has the address', async () => {
    const { port } = server().listening[0]!;
    const flags = { engine, dnsListen: `127.0.0.1:${port}` };
    expect(await runToEnd(folderFor(engine, 'second'), { flags })).toMatchObject({ code: 2 });
  });
});

describe.runIf(enginesHere().includes('linux'))('without koffi', () => {
  // Stands in front of the program and of each of its threads.
  const hook = join(folder, 'no-koffi.cjs');
  writeFileSync(
    hook,
    `const Module = require('node:module');
     const load = Module._load;
     Module._load = function (name, ...rest) {
       if (name === 'koffi') throw new Error("Cannot find module 'koffi'");
       return load.call(this, name, ...rest);
     };`,
  );
  const env = { NODE_OPTIONS: `--require=${hook}` };

  it('auto is the plain engine, which says once why', async () => {
    const program = await startProgram(folderFor('auto', 'no-koffi'), { env });
    expect((await askUdp(program, me(7))).readUInt16BE(0)).toBe(7);
    const exit = await program.stop();
    expect(exit.code).toBe(0);
    expect(exit.stdout.match(/koffi/g)).toHaveLength(2);
    expect(exit.stdout).toContain(`"reason":"not linux: koffi cannot be loaded: Cannot find module 'koffi'"`);
    expect(exit.stdout).toContain('the engine is plain');
  });

  it('the engine linux does not start, in one line', async () => {
    const { code, stderr } = await runToEnd(folderFor('linux', 'no-koffi'), {
      env,
      flags: { engine: 'linux' },
    });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "padzone: engine: linux cannot be had here (koffi cannot be loaded: Cannot find module 'koffi'); want auto or plain\n",
    });
  });
});
