/** The TCP loop of the packet engine on real sockets (RFC 7766, RFC 9210). */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it as test } from 'vitest';
import type { LoopControl } from '../../src/engine/linux/control.ts';
import { runTcpLoop } from '../../src/engine/linux/tcp-loop.ts';
import { linkMtu } from '../../src/engine/listen.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { openTcp as listenTcp, portOf } from '../../src/kernel/socket.ts';
import { makeRing, ringSink } from '../../src/record/ring.ts';
import type { Service } from '../../src/server/service.ts';
import { framed, openTcp, type TcpClient } from '../support/client.ts';
import { kernelProblem } from '../support/datagrams.ts';
import { connectTo, type KernelClient } from './kernel-client.ts';
import { answerTo, type LoopHere, query, startLoop } from './tcp-here.ts';

const it = test.skipIf(kernelProblem() !== undefined);

const idsOf = (answers: readonly Buffer[]) => answers.map((answer) => answer.readUInt16BE(0));
const range = (length: number) => Array.from({ length }, (_, index) => index);

/** Rounds until the client has something. */
function nextOf(here: LoopHere, client: KernelClient): Buffer {
  for (;;) {
    here.round(1);
    const got = client.receive();
    if (got) return got;
  }
}

/** Rounds until that many rows have come. */
function rowsOf(here: LoopHere, count: number): LoopHere['rows'] {
  while (here.rows.length < count) here.round(5);
  return here.rows;
}

/** A connection that has been answered, undefined where it was closed instead. */
async function served(here: LoopHere, source: string): Promise<TcpClient | undefined> {
  const client = await openTcp(here, source);
  client.socket.write(framed(query(1)));
  return client.receive(1).then(
    () => client,
    () => undefined,
  );
}

it('a query is whole wherever its octets are divided', () => {
  const here = startLoop();
  const octets = framed(query(1), query(2));
  for (const at of range(octets.length + 1)) {
    const client = connectTo(here);
    if (at > 0) client.send(octets.subarray(0, at));
    for (let round = 0; round < 3; round++) here.round(0);
    if (at < octets.length) client.send(octets.subarray(at));
    let got = Buffer.alloc(0);
    while (got.length < 84) got = Buffer.concat([got, nextOf(here, client)]);
    expect(got.equals(framed(answerTo(query(1)), answerTo(query(2))))).toBe(true);
    client.close();
  }
  expect(rowsOf(here, 2 * (octets.length + 1))).toHaveLength(2 * (octets.length + 1));
});

it('queries that come octet by octet are answered', () => {
  const here = startLoop();
  const client = connectTo(here);
  for (const octet of framed(query(1), query(2), query(3))) {
    client.send(Uint8Array.of(octet));
    here.round(1);
  }
  let got = Buffer.alloc(0);
  while (got.length < 126) got = Buffer.concat([got, nextOf(here, client)]);
  expect([0, 42, 84].map((at) => got.readUInt16BE(at + 2))).toEqual([1, 2, 3]);
  client.close();
});

it('the longest message is taken in, and the longest answer leaves whole', async () => {
  const here = startLoop();
  here.run();
  const { socket, receive } = await openTcp(here);
  const longest = Buffer.alloc(65_535);
  query(5, { size: 65_535 }).copy(longest);
  socket.write(framed(longest, longest));
  const answers = await receive(2);
  expect(answers.map((answer) => answer.equals(answerTo(longest)))).toEqual([true, true]);
  socket.destroy();
});

it('thousands of pipelined queries are answered once each and in order, with a row each', async () => {
  const here = startLoop();
  here.run();
  const { socket, receive } = await openTcp(here);
  const count = 10_000;
  socket.write(framed(...range(count).map((id) => query(id))));
  expect(idsOf(await receive(count))).toEqual(range(count));
  socket.end();
  await here.until(() => here.rows.length === count);
  expect(here.rows.map(({ seq }) => seq)).toEqual(range(count));
  expect(here.rows.map(({ id }) => id)).toEqual(range(count));
  expect(new Set(here.rows.map(({ tcp_acked }) => tcp_acked))).toEqual(new Set([true]));
});

it('a pipeliner leaves turns for others', () => {
  const here = startLoop();
  const pipeliner = connectTo(here);
  const other = connectTo(here);
  for (let piece = 0; piece < 4; piece++) pipeliner.send(framed(...range(1000).map((id) => query(id))));
  other.send(framed(query(7)));
  while (here.asked.length < 4001) here.round(0);
  const first = here.asked[0]!.port;
  expect(here.asked.findIndex(({ port }) => port !== first)).toBeLessThan(200);
  pipeliner.close();
  other.close();
});

it('everything is answered after the peer has closed its side, then we close too', async () => {
  const here = startLoop();
  here.run();
  const { socket, closed } = await openTcp(here);
  const hundred = framed(...range(100).map((id) => query(id, { size: 1232 })));
  socket.end(Buffer.concat([hundred, framed(query(7)).subarray(0, 5)]));
  expect(idsOf(await closed)).toEqual(range(100));
  await here.until(() => here.rows.length === 100);
  // The end came with the query, before any acknowledgment: evidence waited for it.
  expect(new Set(here.rows.map(({ tcp_acked }) => tcp_acked))).toEqual(new Set([true]));
});

it('a later answer overtakes one that takes long, which comes even after a half close', async () => {
  const here = startLoop();
  here.run();
  const { socket, closed } = await openTcp(here);
  socket.end(framed(query(1, { size: 600, delayMs: 300 }), query(2)));
  const answers = await closed;
  expect(idsOf(answers)).toEqual([2, 1]);
  expect(answers[1]!.equals(answerTo(query(1, { size: 600 })))).toBe(true);
  await here.until(() => here.rows.length === 2);
  expect(here.rows.map(({ id, tcp_acked }) => [id, tcp_acked])).toEqual([
    [2, true],
    [1, true],
  ]);
});

it('delayed answers of one connection are no store: behind a hundred it is read no further', async () => {
  const here = startLoop();
  here.run();
  const { socket, receive, answers } = await openTcp(here);
  socket.write(framed(...range(150).map((id) => query(id, { size: 40, delayMs: 2000 }))));
  await here.until(() => here.asked.length >= 100);
  for (let round = 0; round < 20; round++) here.round(0);
  expect(here.asked).toHaveLength(100);
  expect(answers).toEqual([]);
  expect(await receive(150)).toHaveLength(150);
  socket.destroy();
});

it.each([0, 1, 11])('a message of %i octets ends the connection', async (octets) => {
  const here = startLoop();
  here.run();
  const { socket, closed } = await openTcp(here);
  socket.write(framed(query(1).subarray(0, octets), query(2)));
  expect(await closed).toEqual([]);
  expect(here.asked).toEqual([]);
});

it('a peer that does not read is answered no more; when it reads, all is there', async () => {
  const here = startLoop();
  here.run();
  const count = 400;
  const { socket, receive, answers } = await openTcp(here);
  socket.pause();
  socket.write(framed(...range(count).map((id) => query(id, { size: 65_000 }))));
  const other = await served(here, '127.0.0.2');
  let asked = 0;
  await here.until(() => {
    const isStill = asked === here.asked.length;
    asked = here.asked.length;
    return isStill && asked > 10;
  });
  for (let round = 0; round < 100; round++) here.round(1);
  expect(answers).toEqual([]);
  expect(here.asked.length).toBeLessThan(count / 2);
  other?.socket.destroy();
  socket.resume();
  expect(idsOf(await receive(count))).toEqual(range(count));
  expect(answers.every((answer) => answer.length === 65_000)).toBe(true);
  socket.destroy();
});

it('closes a connection that says nothing, one that falls silent, and one whose query never becomes whole', async () => {
  const here = startLoop({ idle: 1 });
  here.run();
  const silent = await openTcp(here);
  const spoke = await served(here, '127.0.0.1');
  const half = await openTcp(here);
  const drip = setInterval(() => half.socket.write(query(1).subarray(0, 1)), 100);
  expect(await silent.closed).toEqual([]);
  expect(await spoke?.closed).toHaveLength(1);
  expect(await half.closed).toEqual([]);
  clearInterval(drip);
});

it('does not close one that is owed a delayed answer', async () => {
  const here = startLoop({ idle: 1 });
  here.run();
  const { socket, receive } = await openTcp(here);
  socket.write(framed(query(1, { size: 40, delayMs: 1600 })));
  expect(await receive(1)).toHaveLength(1);
  socket.destroy();
});

it('refuses what is over the limit of one source at once, says so once a second, and serves others', async () => {
  const here = startLoop({ perSource: 3 });
  here.run();
  const three = [];
  for (let count = 0; count < 3; count++) three.push(await served(here, '127.0.0.1'));
  expect(three).not.toContain(undefined);
  for (let count = 0; count < 5; count++) expect(await served(here, '127.0.0.1')).toBeUndefined();
  expect(here.rows.filter(({ excluded }) => excluded === 'budget')).toMatchObject([
    { src: '127.0.0.1', action: 'drop', proto: 'tcp' },
  ]);
  const elsewhere = await served(here, '127.0.0.2');
  expect(elsewhere).toBeDefined();
  // A place that becomes free is given away again.
  three[0]?.socket.destroy();
  let next: TcpClient | undefined;
  while (!next) next = await served(here, '127.0.0.1');
  for (const client of [...three, elsewhere, next]) client?.socket.destroy();
});

it('makes room for a newcomer by closing the connection that has been without a query longest', async () => {
  const here = startLoop({ connections: 4 });
  here.run();
  const four: TcpClient[] = [];
  for (let count = 0; count < 4; count++) four.push((await served(here, '127.0.0.1'))!);
  const [first, quietest, ...others] = four;
  first!.socket.write(framed(query(2)));
  await first!.receive(2);
  const newcomer = await served(here, '127.0.0.3');
  expect(newcomer).toBeDefined();
  expect(await quietest!.closed).toHaveLength(1);
  for (const client of [first!, ...others]) {
    const had = client.answers.length;
    client.socket.write(framed(query(3)));
    expect(await client.receive(had + 1)).toHaveLength(had + 1);
  }
  for (const client of [...four, newcomer!]) client.socket.destroy();
});

it.each([
  ['127.0.0.1', 65_535 - 20 - 20],
  ['::1', 65_536 - 40 - 20],
])('rows say what the kernel knows of the path: %s', (address, mss) => {
  const here = startLoop({}, address);
  const client = connectTo(here);
  client.send(framed(query(9, { size: 4000 })));
  expect(nextOf(here, client).length).toBe(4002);
  const [row] = rowsOf(here, 1);
  const ttl = Number(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8'));
  expect(row).toMatchObject({ id: 9, res_len: 4000, tcp_acked: true, ttl, proto: 'tcp' });
  expect(row!.tcp_rtt_us).toBeGreaterThan(0);
  // A packet of IPv4 has at most 65,535 octets, whatever the link takes.
  expect(row!.syn_mss).toBe(linkMtu(address) === 65_536 ? mss : expect.any(Number));
  expect(row!.tcp_mss).toBeGreaterThan(500);
  expect(row!.tcp_pmtu).toBeGreaterThan(row!.tcp_mss!);
  client.close();
});

it('an answer that the path drops is not acknowledged, and the one before it is', () => {
  const here = startLoop();
  const client = connectTo(here);
  client.dropAbove(1300);
  client.send(framed(query(1, { size: 1000 })));
  expect(nextOf(here, client).length).toBe(1002);
  const start = performance.now();
  client.send(framed(query(2, { size: 4000 })));
  const rows = rowsOf(here, 2);
  expect(rows.map(({ id, tcp_acked }) => [id, tcp_acked])).toEqual([
    [1, true],
    [2, false],
  ]);
  expect(performance.now() - start).toBeGreaterThan(450);
  expect(client.receive()).toBeUndefined();
  client.close();
});

it('a reset loses no row: neither of an answer not acknowledged nor of one that has not left', () => {
  const here = startLoop();
  const client = connectTo(here);
  client.dropAbove(1300);
  client.send(framed(query(1, { size: 4000 }), query(2, { size: 40, delayMs: 5000 }), query(3, { size: 0 })));
  while (here.asked.length < 3) here.round(1);
  client.reset();
  const rows = rowsOf(here, 3);
  const told = rows.map(({ id, action, res_len, tcp_acked }) => ({ id, action, res_len, tcp_acked }));
  expect(told.sort((a, b) => a.id - b.id)).toEqual([
    { id: 1, action: 'answer', res_len: 4000, tcp_acked: false },
    { id: 2, action: 'drop', res_len: 0, tcp_acked: null },
    { id: 3, action: 'answer', res_len: 0, tcp_acked: null },
  ]);
});

it('a stop delivers what is written, says of delayed answers that they did not leave, and closes', async () => {
  const here = startLoop();
  here.run();
  const slow = await openTcp(here);
  const idle = await served(here, '127.0.0.2');
  slow.socket.pause();
  slow.socket.write(
    framed(...range(40).map((id) => query(id, { size: 60_000 })), query(99, { size: 40, delayMs: 9000 })),
  );
  await here.until(() => here.asked.length >= 20);
  const stopped = here.stop();
  slow.socket.resume();
  const answers = await slow.closed;
  expect(await idle?.closed).toHaveLength(1);
  await stopped;
  // Whole answers, and all of those that rows speak of.
  expect(answers.every((answer) => answer.length === 60_000)).toBe(true);
  const left = here.rows.filter(({ action, src }) => action === 'answer' && src === '127.0.0.1');
  expect(answers).toHaveLength(left.length);
  expect(here.rows).toHaveLength(here.asked.length);
  slow.socket.destroy();
  idle?.socket.destroy();
});

it('a stop waits for nobody longer than half a second', async () => {
  const here = startLoop();
  here.run();
  const { socket } = await openTcp(here);
  socket.pause();
  socket.write(framed(...range(400).map((id) => query(id, { size: 65_000 })), query(1)));
  await here.until(() => here.asked.length > 10);
  const start = performance.now();
  await here.stop();
  expect(performance.now() - start).toBeLessThan(1000);
  expect(here.rows).toHaveLength(here.asked.length);
  socket.destroy();
});

it('10,000 connections of all kinds leave no descriptor open, and every query one row', () => {
  const here = startLoop({ connections: 200 });
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const left: KernelClient[] = [];
  const closeLeft = () => {
    for (const client of left.splice(0)) client.close();
  };
  let asked = 0;
  function ask(client: KernelClient): void {
    client.send(framed(query(asked++)));
    while (here.asked.length < asked) here.round(0);
  }
  const ways: ((client: KernelClient) => void)[] = [
    (client) => {
      ask(client);
      expect(nextOf(here, client).length).toBe(42);
      client.close();
    },
    (client) => {
      ask(client);
      client.reset();
    },
    (client) => {
      client.end();
      left.push(client);
    },
    // Closed by the limit.
    (client) => {
      ask(client);
      left.push(client);
    },
  ];
  for (const count of range(10_000)) {
    ways[count % ways.length]!(connectTo(here));
    if (left.length > 400) closeLeft();
  }
  closeLeft();
  rowsOf(here, asked);
  while (open() > before) here.round(5);
  // Those that never asked: one a second.
  expect(here.rows.length).toBeGreaterThan(asked);
  const answered = here.rows.filter(({ qname }) => qname !== '');
  expect(answered).toHaveLength(asked);
  expect(new Set(answered.map(({ seq }) => seq)).size).toBe(asked);
});

it('runs by itself until it is told to stop, and leaves the listening socket to its owner', () => {
  const kernel = requireKernel();
  const octets = Uint8Array.of(127, 0, 0, 1);
  const fd = listenTcp(kernel, { octets, port: 0, text: '127.0.0.1' });
  const client = connectTo({ address: '127.0.0.1', port: portOf(kernel, fd) });
  client.send(framed(query(3)));
  let got: Buffer | undefined;
  const generations: number[] = [];
  const control: LoopControl = {
    get generation() {
      return got ? 1 : 0;
    },
    get isStopping() {
      got ??= client.receive();
      return got !== undefined && generations.length > 0;
    },
  };
  const echo: Service = {
    special: undefined,
    rowAt: -1,
    isNonsense: false,
    answer({ octets: from, start, length }, out, at) {
      out.set(from.subarray(start, start + length), at);
      return length;
    },
  };
  const local = { text: '127.0.0.1', key: '7f000001', octets, index: 0, linkMtu: 0 };
  const hooks = {
    service: () => echo,
    rows: ringSink(makeRing(64), 0),
    record() {},
    recordPathEvent() {},
    onGeneration: () => void generations.push(1),
    onTrouble() {},
    now: () => Date.now(),
    limits: () => ({ connections: 10, perSource: 10, idle: 10 }),
  };
  runTcpLoop([{ fd, local, family: 4 }], hooks, control);
  expect(got?.equals(framed(query(3)))).toBe(true);
  expect(client.receive()).toEqual(Buffer.alloc(0));
  expect(portOf(kernel, fd)).toBeGreaterThan(0);
  client.close();
  kernel.close(fd);
});
