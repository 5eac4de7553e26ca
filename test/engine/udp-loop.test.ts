/** The UDP loop on loopback: it runs in the thread of the test, which sends and receives between its rounds. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { announce, makeControlWords, readControl, requestStop } from '../../src/engine/linux/control.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { writeSockaddr } from '../../src/kernel/sockaddr.ts';
import { endpoint, kernelProblem, openPeer, type Peer, waitFor } from '../support/datagrams.ts';
import { factsOf, openSocket, runLoop, special } from './loop.ts';

function open(address: string): Peer {
  const peer = openPeer(requireKernel(), address);
  onTestFinished(() => peer.close());
  return peer;
}

const text = (octets: Uint8Array) => Buffer.from(octets).toString();
const octets = (words: string) => Uint8Array.from(Buffer.from(words));

describe.skipIf(kernelProblem() !== undefined)('the UDP loop', () => {
  it.each([
    { server: '127.0.0.1', other: '127.0.0.9', family: 4 },
    { server: '::1', other: '::1', family: 6 },
  ])(
    'IPv$family: hands in each message with its source, port and TTL, and answers it',
    ({ server, other, family }) => {
      const [socket, peer] = [openSocket(server), open(other)];
      peer.send(octets('one'), endpoint(server, socket.port));
      peer.send(octets('three'), endpoint(server, socket.port));
      const asked: unknown[] = [];
      const { rows } = runLoop(
        [socket],
        (message) => {
          const { octets: _, ...rest } = message;
          asked.push({ ...rest, text: text(message.octets) });
          return octets(`${text(message.octets)}!`);
        },
        (ran) => ran.rows.length === 2,
      );
      const from = {
        source: endpoint(other).octets,
        port: peer.port,
        family,
        ttl: 64,
        pathMtu: 0,
        local: server,
      };
      expect(asked).toEqual([
        { ...from, text: 'one' },
        { ...from, text: 'three' },
      ]);
      expect(rows).toEqual([4, 6]);
      expect(peer.receive().map(({ octets, port }) => [text(octets), port])).toEqual([
        ['one!', socket.port],
        ['three!', socket.port],
      ]);
    },
  );

  it('goes on with a socket that holds more than a batch, and does not let the others wait for it', () => {
    const [busy, calm] = [openSocket('127.0.0.1'), openSocket('127.0.0.2')];
    const [loud, quiet] = [open('127.0.0.8'), open('127.0.0.9')];
    for (let number = 0; number < 200; number++) loud.send(octets('loud'), endpoint('127.0.0.1', busy.port));
    quiet.send(octets('quiet'), endpoint('127.0.0.2', calm.port));
    const order: string[] = [];
    let rounds = 0;
    runLoop(
      [busy, calm],
      (message) => {
        order.push(message.local);
        return message.octets;
      },
      (ran, round) => {
        rounds = round;
        return ran.rows.length === 201;
      },
    );
    expect(rounds).toBe(1);
    expect(order.indexOf('127.0.0.2')).toBeLessThan(64);
    expect(loud.receive()).toHaveLength(200);
    expect(quiet.receive()).toHaveLength(1);
  });

  it('sends nothing where the service is silent, and numbers the other answers right', () => {
    const [socket, one, two] = [openSocket('127.0.0.1'), open('127.0.0.8'), open('127.0.0.9')];
    for (const peer of [one, two, one, two]) peer.send(octets('ask'), endpoint('127.0.0.1', socket.port));
    const ran = runLoop(
      [socket],
      ({ source }) => (source[3] === 8 ? undefined : octets('heard')),
      ({ rows }) => rows.length === 2,
    );
    expect(ran.rows).toEqual([5, 5]);
    expect(one.receive(0)).toEqual([]);
    expect(two.receive().map(({ octets }) => text(octets))).toEqual(['heard', 'heard']);
  });

  it('carries messages of any size that UDP has', () => {
    const [socket, peer] = [openSocket('127.0.0.1'), open('127.0.0.9')];
    const sizes = [0, 1, 512, 4096, 65_507];
    for (const size of sizes) peer.send(new Uint8Array(size), endpoint('127.0.0.1', socket.port));
    const lengths: number[] = [];
    runLoop(
      [socket],
      (message) => {
        lengths.push(message.octets.length);
        return new Uint8Array(Math.max(1, message.octets.length));
      },
      ({ rows }) => rows.length === sizes.length,
    );
    expect(lengths).toEqual(sizes);
    expect(peer.receive().map(({ octets }) => octets.length)).toEqual([1, 1, 512, 4096, 65_507]);
  });

  it('an answer that no datagram can carry is recorded as unsent, and the others leave', () => {
    const [socket, peer] = [openSocket('127.0.0.1'), open('127.0.0.9')];
    for (const size of ['100', '65510', '200']) peer.send(octets(size), endpoint('127.0.0.1', socket.port));
    const ran = runLoop(
      [socket],
      (message) => new Uint8Array(Number(text(message.octets))),
      ({ rows }) => rows.length === 3,
    );
    expect(ran.rows).toEqual([100, 0, 200]);
    expect(ran.troubles).toEqual(['sendmmsg EMSGSIZE']);
    expect(peer.receive().map(({ octets }) => octets.length)).toEqual([100, 200]);
  });

  it('delayed answers leave in the order of their times, each with its row, while others are answered at once', () => {
    const [socket, peer] = [openSocket('127.0.0.1'), open('127.0.0.9')];
    const to = endpoint('127.0.0.1', socket.port);
    for (const delay of ['120', '40', '0', '80', '40']) peer.send(octets(delay), to);
    const began = performance.now();
    const leftAt: number[] = [];
    const ran = runLoop(
      [socket],
      (message) => {
        const delayMs = Number(text(message.octets));
        return delayMs === 0 ? message.octets : special(message.octets, { delayMs, facts: factsOf(delayMs) });
      },
      ({ facts, rows }) => {
        while (leftAt.length < facts.length) leftAt.push(performance.now() - began);
        return facts.length === 4 && rows.length === 1;
      },
    );
    expect(peer.receive().map(({ octets }) => text(octets))).toEqual(['0', '40', '40', '80', '120']);
    expect(ran.facts.map((facts) => facts.res_len)).toEqual([40, 40, 80, 120]);
    for (const [index, due] of [40, 40, 80, 120].entries()) expect(leftAt[index]).toBeGreaterThanOrEqual(due);
  });

  it('of delayed answers ten thousand wait; what comes then is recorded as unsent, at once', () => {
    const [socket, peer] = [openSocket('127.0.0.1'), open('127.0.0.9')];
    const to = endpoint('127.0.0.1', socket.port);
    let sent = 0;
    let answered = 0;
    const ran = runLoop(
      [socket],
      (message) => {
        answered += 1;
        return special(message.octets, { delayMs: 60_000, facts: factsOf(7) });
      },
      () => {
        if (answered === 10_003) return true;
        for (let more = 0; more < 100 && sent < 10_003 && sent - answered < 100; more++, sent++)
          peer.send(octets('ask'), to);
        return false;
      },
    );
    expect(ran.facts).toHaveLength(10_003);
    expect(ran.facts.every(({ res_len, action }) => res_len === 0 && action === 'drop')).toBe(true);
    expect(peer.receive(0)).toEqual([]);
  });

  it('told to stop it answers what has arrived, and records what was delayed as unsent', () => {
    const [socket, peer] = [openSocket('127.0.0.1'), open('127.0.0.9')];
    const to = endpoint('127.0.0.1', socket.port);
    peer.send(octets('later'), to);
    const ran = runLoop(
      [socket],
      (message) =>
        text(message.octets) === 'later' ? special(octets('late'), { delayMs: 60_000 }) : message.octets,
      (_, round) => {
        if (round === 0) return false;
        for (let number = 0; number < 100; number++) peer.send(octets('now'), to);
        return true;
      },
    );
    expect(ran.rows).toEqual(Array(100).fill(3));
    expect(peer.receive().map(({ octets }) => text(octets))).toEqual(Array(100).fill('now'));
    expect(ran.facts.map(({ res_len, action, excluded }) => ({ res_len, action, excluded }))).toEqual([
      { res_len: 0, action: 'drop', excluded: 'budget' },
    ]);
  });

  it('a bug in one answer is told once a second, and every other message is answered', () => {
    const [socket, peer] = [openSocket('127.0.0.1'), open('127.0.0.9')];
    for (const word of ['a', 'bug', 'b', 'bug', 'bug', 'c'])
      peer.send(octets(word), endpoint('127.0.0.1', socket.port));
    const ran = runLoop(
      [socket],
      (message) => {
        if (text(message.octets) === 'bug') throw new RangeError('of ours');
        return message.octets;
      },
      ({ rows }) => rows.length === 3,
    );
    expect(peer.receive().map(({ octets }) => text(octets))).toEqual(['a', 'b', 'c']);
    expect(ran.troubles).toEqual(['of ours']);
  });

  it('a port that is closed is a path event, and costs no other answer', () => {
    const kernel = requireKernel();
    const [socket, peer] = [openSocket('127.0.0.1'), open('127.0.0.9')];
    const gone = openPeer(kernel, '127.0.0.8');
    const to = endpoint('127.0.0.1', socket.port);
    // The answer to the first is refused, and that error fails the next send on this socket.
    for (const asks of [gone, peer, peer, peer]) asks.send(octets('ask'), to);
    gone.close();
    const ran = runLoop(
      [socket],
      () => octets('the answer'),
      ({ rows, pathEvents }, round) => {
        if (round === 0) return false;
        if (round < 4) peer.send(octets('ask'), to);
        return rows.length === 7 && pathEvents.length === 1;
      },
    );
    expect(peer.receive()).toHaveLength(6);
    expect(ran.rows).toEqual(Array(7).fill(10));
    expect(ran.troubles).toEqual([]);
    const [event] = ran.pathEvents;
    expect(event).toMatchObject({
      local: { text: '127.0.0.1' },
      family: 4,
      source: endpoint('127.0.0.8').octets,
      sourcePort: gone.port,
      icmpType: 3,
      icmpCode: 3,
      icmpMtu: 0,
      offenderFamily: 4,
      offender: endpoint('127.0.0.8').octets,
    });
    expect(text(event!.quoted)).toBe('the answer');
  });

  it('an error that is pending before the first message is received costs nothing', () => {
    const kernel = requireKernel();
    const [socket, peer] = [openSocket('::1'), open('::1')];
    const gone = openPeer(kernel, '::1');
    gone.close();
    const name = endpoint('::1', gone.port);
    // Sent by the server's own socket, as an answer of before would have been.
    sendFrom(socket.fd, octets('to nobody'), name);
    waitFor(kernel, socket.fd, 2000);
    peer.send(octets('ask'), endpoint('::1', socket.port));
    const ran = runLoop(
      [socket],
      (message) => message.octets,
      ({ rows }) => rows.length === 1,
    );
    expect(peer.receive()).toHaveLength(1);
    expect(ran.pathEvents).toMatchObject([{ icmpType: 1, icmpCode: 4, sourcePort: gone.port, family: 6 }]);
  });

  it('calls for new settings when they are announced, before it next looks up the service', () => {
    const socket = openSocket('127.0.0.1');
    const peer = open('127.0.0.9');
    const words = makeControlWords();
    const calls: string[] = [];
    const control = readControl(words);
    announce(words);
    let round = 0;
    runLoop(
      [socket],
      () => undefined,
      () => true,
      {
        onGeneration: () => void calls.push(`generation ${control.generation}`),
        control: {
          get generation() {
            return control.generation;
          },
          get isStopping() {
            round += 1;
            peer.send(octets('wake'), endpoint('127.0.0.1', socket.port));
            if (round === 3) announce(words);
            if (round === 5) requestStop(words);
            calls.push(`round ${round}`);
            return control.isStopping;
          },
        },
      },
    );
    expect(calls).toEqual([
      'round 1',
      'generation 1',
      'round 2',
      'round 3',
      'generation 2',
      'round 4',
      'round 5',
    ]);
  });
});

function sendFrom(fd: number, message: Uint8Array, to: { octets: Uint8Array; port: number }): void {
  const kernel = requireKernel();
  const name = new Uint8Array(128);
  const length = writeSockaddr(name, 0, to.octets, to.port);
  expect(kernel.sendto(fd, message, message.length, 0, name, length)).toBe(message.length);
}
