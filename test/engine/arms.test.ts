/** How answers leave, as packets: over a router whose far link takes 1400 octets (DESIGN: arms). */
import { execFileSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makePathMtus } from '../../src/engine/linux/path-mtus.ts';
import { SO, SOL_SOCKET } from '../../src/kernel/constants.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { openRaw } from '../../src/kernel/raw.ts';
import { setOption } from '../../src/kernel/socket.ts';
import type { Special } from '../../src/server/service.ts';
import { readHeader } from '../../src/wire/header.ts';
import { endpoint, openPeer, type Peer } from '../support/datagrams.ts';
import {
  ADDRESSES,
  NARROW_MTU,
  openCapture,
  openPaths,
  type Packet,
  pathsProblem,
} from '../support/paths.ts';
import { skipFor } from '../support/processes.ts';
import { type Asked, factsOf, openSocket, type Ran, runLoop, special } from './loop.ts';
import { messageOf } from './message.ts';

const problem = pathsProblem();
const FAMILIES = [4, 6] as const;
const HEADERS = { 4: 28, 6: 48 } as const;

type Arm = Special['arm'];

interface Meeting {
  readonly peer: Peer;
  /**
   * The client asks once, the server answers with a message of `octets` octets that leaves by `arm`.
   *
   * @returns the query as handed in, what left the server as packets, and what reached the client, as octets of the message
   */
  ask(arm: Arm, octets: number): { ran: Ran; asked: Asked; packets: Packet[]; arrived: Uint8Array[] };
}

/** Namespaces of its own, since path MTUs are remembered for ten minutes: a server's socket and a client's. */
function meet(family: 4 | 6, { canFragment = true } = {}): Meeting {
  const kernel = requireKernel();
  const paths = openPaths();
  const { server, client } = ADDRESSES[family];
  const raw = canFragment ? paths.inside('server', () => openRaw(kernel, family)) : undefined;
  const socket = paths.inside('server', () => openSocket(server, raw === undefined ? {} : { raw }));
  const capture = paths.inside('server', () => openCapture());
  const peer = paths.inside('client', () => openPeer(kernel, client));
  onTestFinished(() => {
    capture.close();
    peer.close();
    if (raw !== undefined) kernel.close(raw);
    paths.close();
  });
  const pathMtus = makePathMtus();
  return {
    peer,
    ask(arm, octets) {
      const message = messageOf(octets);
      let asked: Asked | undefined;
      let roundsAfter = 0;
      peer.send(new Uint8Array(40), endpoint(server, socket.port));
      const ran = runLoop(
        [socket],
        (query) => {
          asked = query;
          return arm === 'default' ? message : special(message, { arm, facts: factsOf(octets) });
        },
        // A round ends with an event or after 50 ms: one more, and an ICMP error has come back.
        ({ rows, facts }) => rows.length + facts.length === 1 && roundsAfter++ === 1,
        { pathMtus },
      );
      const packets = capture.from(endpoint(server).octets);
      return { ran, asked: asked!, packets, arrived: peer.receive(0).map((datagram) => datagram.octets) };
    },
  };
}

const whole = (packets: readonly Packet[]) => packets.length === 1 && !packets[0]!.isFragment;

describe.each(FAMILIES)('IPv%i', (family) => {
  it.for(['default', 'df', 'nodf', 'frag'] as const)(
    '%s: a small answer arrives in one packet',
    (arm, { skip }) => {
      skipFor(problem, skip);
      const { ran, packets, arrived } = meet(family).ask(arm, 500);
      expect(packets).toEqual([
        { octets: 500 + HEADERS[family], dontFragment: family === 4 && arm === 'df', isFragment: false },
      ]);
      expect(arrived).toEqual([messageOf(500)]);
      expect(ran).toMatchObject({ troubles: [], pathEvents: [] });
      expect(ran.facts.map((facts) => facts.res_len)).toEqual(arm === 'default' ? [] : [500]);
    },
  );

  it('frag: what fits the link leaves in fragments of at most 1280 octets, and is whole at the other end', ({
    skip,
  }) => {
    skipFor(problem, skip);
    const meeting = meet(family);
    for (const [octets, fragments] of [
      [1280, 2],
      [1401, 2],
      [4000, 4],
    ] as const) {
      const { ran, packets, arrived } = meeting.ask('frag', octets);
      expect(packets).toHaveLength(fragments);
      expect(
        packets.every((packet) => packet.isFragment && !packet.dontFragment && packet.octets <= 1280),
      ).toBe(true);
      expect(arrived).toEqual([messageOf(octets)]);
      expect(ran.facts).toMatchObject([{ res_len: octets, fragments, tc: false }]);
    }
  });

  it('frag: without CAP_NET_RAW it is unsent, and says why', ({ skip }) => {
    skipFor(problem, skip);
    const { ran, packets } = meet(family, { canFragment: false }).ask('frag', 1400);
    expect(packets).toEqual([]);
    expect(ran.facts).toMatchObject([{ res_len: 0, action: 'drop' }]);
    expect(ran.troubles).toEqual(['the arm frag needs CAP_NET_RAW, which this process has not']);
  });

  it('df: more than the link takes leaves truncated, with question and cookie', ({ skip }) => {
    skipFor(problem, skip);
    const { ran, packets, arrived } = meet(family).ask('df', 2000);
    expect(whole(packets)).toBe(true);
    expect(arrived).toHaveLength(1);
    expect(readHeader(arrived[0]!)).toMatchObject({ id: 0x1234, flags: 0x8700, qdcount: 1, arcount: 1 });
    expect(ran.facts).toMatchObject([{ res_len: arrived[0]!.length, tc: true, action: 'tc', fragments: 1 }]);
    expect(ran.troubles).toEqual([]);
  });

  it('df: the first that the path does not take is lost and tells its MTU, the next leaves truncated', ({
    skip,
  }) => {
    skipFor(problem, skip);
    const meeting = meet(family);
    const octets = NARROW_MTU;
    const first = meeting.ask('df', octets);
    expect(whole(first.packets)).toBe(true);
    expect(first).toMatchObject({ asked: { pathMtu: 0 }, arrived: [] });
    expect(first.ran.pathEvents).toMatchObject([
      {
        family,
        local: { text: ADDRESSES[family].server },
        source: endpoint(ADDRESSES[family].client).octets,
        sourcePort: meeting.peer.port,
        icmpType: family === 4 ? 3 : 2,
        icmpCode: family === 4 ? 4 : 0,
        icmpMtu: NARROW_MTU,
        offender: endpoint(ADDRESSES[family].router).octets,
        offenderFamily: family,
      },
    ]);
    const [event] = first.ran.pathEvents;
    expect(event!.quoted).toEqual(messageOf(octets).subarray(0, event!.quoted.length));
    expect(event!.quoted.length).toBe(512);

    const second = meeting.ask('df', octets);
    expect(second.asked.pathMtu).toBe(NARROW_MTU);
    expect(second.arrived.map((message) => readHeader(message).flags)).toEqual([0x8700]);
    expect(second.ran).toMatchObject({ facts: [{ tc: true, action: 'tc' }], pathEvents: [], troubles: [] });
    // What fits leaves as before.
    expect(meeting.ask('df', 1300).arrived).toEqual([messageOf(1300)]);
  });
});

describe('IPv4', () => {
  it('default and nodf: what the path does not take is cut by the router, at once, and no error comes', ({
    skip,
  }) => {
    skipFor(problem, skip);
    const meeting = meet(4);
    for (const arm of ['default', 'nodf'] as const) {
      const { ran, packets, arrived } = meeting.ask(arm, 1440);
      expect(packets).toEqual([{ octets: 1468, dontFragment: false, isFragment: false }]);
      expect(arrived).toEqual([messageOf(1440)]);
      expect(ran).toMatchObject({ pathEvents: [], troubles: [] });
    }
  });

  it('df is for one answer only: after it, and after it failed, the others leave without DF', ({ skip }) => {
    skipFor(problem, skip);
    const meeting = meet(4);
    for (const octets of [1400, 1400, 3000]) meeting.ask('df', octets);
    const { packets, arrived } = meeting.ask('default', 1440);
    // The path MTU that the kernel has learned by now does not count.
    expect(packets).toEqual([{ octets: 1468, dontFragment: false, isFragment: false }]);
    expect(arrived).toEqual([messageOf(1440)]);
  });
});

describe('IPv6', () => {
  it('default: what exceeds the link leaves in fragments of 1280 octets', ({ skip }) => {
    skipFor(problem, skip);
    const { packets, arrived } = meet(6).ask('default', 4000);
    expect(packets.map((packet) => packet.octets)).toEqual([1280, 1280, 1280, 360]);
    expect(arrived).toEqual([messageOf(4000)]);
  });

  it('default: the first that the path does not take is lost, the next arrives in fragments', ({ skip }) => {
    skipFor(problem, skip);
    const meeting = meet(6);
    const first = meeting.ask('default', 1400);
    expect(first.packets).toEqual([{ octets: 1448, dontFragment: false, isFragment: false }]);
    expect(first).toMatchObject({
      arrived: [],
      ran: { rows: [1400], pathEvents: [{ icmpMtu: NARROW_MTU }] },
    });
    const second = meeting.ask('default', 1400);
    expect(second.packets.map((packet) => packet.octets)).toEqual([1280, 224]);
    expect(second).toMatchObject({ arrived: [messageOf(1400)], asked: { pathMtu: NARROW_MTU } });
  });

  it('nodf: leaves whole whatever the path has told', ({ skip }) => {
    skipFor(problem, skip);
    const meeting = meet(6);
    meeting.ask('default', 1400);
    const { packets, arrived } = meeting.ask('nodf', 1400);
    expect(packets).toEqual([{ octets: 1448, dontFragment: false, isFragment: false }]);
    expect(arrived).toEqual([]);
    // And the others go on as before.
    expect(meeting.ask('default', 1400).arrived).toEqual([messageOf(1400)]);
  });
});

describe('a link that is full', () => {
  // A slow link whose queue holds everything fills the buffer of the socket (EAGAIN); one whose queue is short drops (ENOBUFS).
  it.for([
    { queue: 'limit 10mb', errno: 'EAGAIN' },
    { queue: 'limit 20kb', errno: 'ENOBUFS' },
  ])(
    '$queue: what does not leave within a few milliseconds is recorded as unsent',
    ({ queue, errno }, { skip }) => {
      skipFor(problem, skip);
      const kernel = requireKernel();
      const paths = openPaths();
      const { server, client } = ADDRESSES[4];
      const socket = paths.inside('server', () => {
        execFileSync('tc', [
          'qdisc',
          'add',
          'dev',
          'sr',
          'root',
          'tbf',
          'rate',
          '2mbit',
          'burst',
          '4kb',
          ...queue.split(' '),
        ]);
        return openSocket(server);
      });
      setOption(kernel, socket.fd, SOL_SOCKET, SO.SNDBUF, errno === 'EAGAIN' ? 20_000 : 400_000);
      const peer = paths.inside('client', () => openPeer(kernel, client));
      onTestFinished(() => {
        peer.close();
        paths.close();
      });
      for (let number = 0; number < 64; number++)
        peer.send(new Uint8Array(40), endpoint(server, socket.port));
      const began = performance.now();
      const ran = runLoop(
        [socket],
        () => messageOf(1232),
        ({ rows }) => rows.length === 64,
      );
      const spent = performance.now() - began;
      const left = ran.rows.filter((octets) => octets === 1232).length;
      expect(ran.rows.filter((octets) => octets === 0)).toHaveLength(64 - left);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(64);
      expect(ran.troubles).toEqual([`sendmmsg ${errno}`]);
      expect(spent).toBeLessThan(1000);
      let arrived = 0;
      for (let more = peer.receive().length; more > 0; more = peer.receive(300).length) arrived += more;
      expect(arrived).toBe(left);
    },
  );
});
