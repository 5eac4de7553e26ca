/** ICMPv4 "fragment reassembly time exceeded": its parser, one that the kernel of another host makes, and the thread that sees it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { EngineParts } from '../../src/engine/contract.ts';
import type { UdpSocket } from '../../src/engine/linux/hooks.ts';
import { reassemblyError } from '../../src/engine/linux/reassembly.ts';
import { AF, IPPROTO, SOCK } from '../../src/kernel/constants.ts';
import { openIcmp } from '../../src/kernel/icmp.ts';
import { type Kernel, requireKernel } from '../../src/kernel/library.ts';
import { stableOctets } from '../../src/kernel/memory.ts';
import { SOCKADDR_OCTETS, writeSockaddr } from '../../src/kernel/sockaddr.ts';
import { KIND } from '../../src/record/layout.ts';
import { ledgerMemory } from '../../src/record/ledger-table.ts';
import { type RingReader, ringReader } from '../../src/record/ring.ts';
import { SLOT_OCTETS } from '../../src/record/sink.ts';
import { endpoint, kernelProblem, openPeer } from '../support/datagrams.ts';
import { testFolder } from '../support/folder.ts';
import { hex } from '../support/hex.ts';
import { ADDRESSES, openPaths, pathsProblem } from '../support/paths.ts';
import { skipFor } from '../support/processes.ts';
import { buildProblem, linuxProblem } from '../support/server.ts';
import { openSocket, runLoop } from './loop.ts';
import { messageOf } from './message.ts';

const FOLDER = testFolder('reassembly');
const LOCAL = { text: '192.0.2.53', key: '', octets: Uint8Array.of(192, 0, 2, 53), index: 0, linkMtu: 1500 };
const SIXTEEN = { ...LOCAL, octets: Uint8Array.of(...LOCAL.octets, ...new Uint8Array(12)) };
const SOCKETS: readonly UdpSocket[] = [
  { fd: -1, port: 53, family: 6, local: SIXTEEN },
  { fd: -1, port: 53, family: 4, local: LOCAL },
];
const QUOTED = messageOf(520);

/** As Linux sends it: 548 octets of what it has, behind header and ICMP. */
const ERROR = Uint8Array.of(
  ...hex(`45000240 1234 0000 4001 0000 cb007107 c0000235 # outer header: 203.0.113.7 to us
          0b01 0000 00000000                              # type 11, code 1, checksum, unused
          450005dc 5678 2000 4011 0000 c0000235 cb007107 # ours: a first fragment with UDP, more follow
          0035 3039 0fa8 0000                             # ports 53 and 12345, length, checksum`),
  ...QUOTED,
);
const OUTER = 0;
const ICMP = 20;
const INNER = 28;
const UDP = 48;

function changed(...changes: readonly (readonly [at: number, ...octets: number[]])[]): Uint8Array {
  const packet = ERROR.slice();
  for (const [at, ...octets] of changes) packet.set(octets, at);
  return packet;
}

describe('an ICMP message', () => {
  it('that says a datagram of ours was not put together is a path event', () => {
    expect(reassemblyError(ERROR, SOCKETS)).toEqual({
      local: LOCAL,
      family: 4,
      source: Uint8Array.of(203, 0, 113, 7),
      sourcePort: 12_345,
      icmpType: 11,
      icmpCode: 1,
      icmpMtu: 0,
      offender: Uint8Array.of(203, 0, 113, 7),
      offenderFamily: 4,
      quoted: QUOTED.subarray(0, 512),
    });
  });

  it('of somebody on the way names both: who gave up, and where the datagram was going', () => {
    const event = reassemblyError(changed([OUTER + 12, 198, 51, 100, 1]), SOCKETS);
    expect(event).toMatchObject({
      source: Uint8Array.of(203, 0, 113, 7),
      offender: Uint8Array.of(198, 51, 100, 1),
    });
  });

  it('may have IP options, outside and in the quotation, and quote no more than the UDP header', () => {
    const options = new Uint8Array(8);
    const inner = [0x47, ...ERROR.subarray(INNER + 1, UDP), ...options, ...ERROR.subarray(UDP)];
    const both = [0x47, ...ERROR.subarray(OUTER + 1, ICMP), ...options, ...ERROR.subarray(ICMP, INNER)];
    expect(reassemblyError(Uint8Array.of(...both, ...inner), SOCKETS)).toMatchObject({
      sourcePort: 12_345,
      quoted: QUOTED.subarray(0, 512),
    });
    expect(reassemblyError(ERROR.subarray(0, UDP + 8), SOCKETS)).toMatchObject({
      sourcePort: 12_345,
      quoted: new Uint8Array(0),
    });
  });

  it('with extensions quotes what stands before them (RFC 4884)', () => {
    expect(reassemblyError(changed([ICMP + 5, 128 / 4]), SOCKETS)?.quoted).toEqual(
      QUOTED.subarray(0, 128 - 28),
    );
  });

  it.each([
    ['of another type', [ICMP, 3]],
    ['about hops', [ICMP + 1, 0]],
    ['in another protocol', [OUTER + 9, 17]],
    ['in IPv6', [OUTER, 0x65]],
    ['about TCP', [INNER + 9, 6]],
    ['about IPv6', [INNER, 0x65]],
    ['about a later fragment, which has no ports', [INNER + 6, 0x20, 0xb9]],
    ['about a header that is too short', [INNER, 0x44]],
    ['about an address that is not ours', [INNER + 12, 192, 0, 2, 54]],
    ['about a port that is not ours', [UDP, 0, 54]],
    ['whose quotation ends before the ports', [ICMP + 5, 6]],
  ] as const)('%s is ignored', (_what, change) => {
    expect(reassemblyError(changed(change), SOCKETS)).toBeUndefined();
  });

  it('that ends early is ignored', () => {
    for (let length = 0; length < UDP + 8; length++)
      expect(reassemblyError(ERROR.subarray(0, length), SOCKETS)).toBeUndefined();
  });

  it('of whatever octets never throws, and is ours only with our address and port', () => {
    const octet = fc.nat(255);
    const mutated = fc
      .tuple(
        fc.array(fc.tuple(fc.nat(UDP + 12), octet), { minLength: 1, maxLength: 6 }),
        fc.nat(ERROR.length),
      )
      .map(([changes, length]) => changed(...changes).subarray(0, length));
    let ours = 0;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated), (packet) => {
        const event = reassemblyError(packet, SOCKETS);
        if (event === undefined) return;
        ours += 1;
        expect(event.local).toBe(LOCAL);
        expect(event.quoted.length).toBeLessThanOrEqual(512);
        const text = Buffer.from(packet).toString('latin1');
        expect(text).toContain(String.fromCharCode(...LOCAL.octets, ...event.source));
        expect(text).toContain(String.fromCharCode(0, 53, event.sourcePort >> 8, event.sourcePort & 0xff));
      }),
      { numRuns: 5000 },
    );
    expect(ours).toBeGreaterThan(0);
  });
});

function openIcmpHere(kernel: Kernel): number {
  const icmp = openIcmp(kernel);
  if (typeof icmp !== 'number') throw new Error(icmp.missing);
  onTestFinished(() => void kernel.close(icmp));
  return icmp;
}

it('a host that waits in vain for fragments says so, and its path event names it', ({ skip }) => {
  skipFor(pathsProblem(), skip);
  const kernel = requireKernel();
  const paths = openPaths();
  onTestFinished(() => paths.close());
  const { server, client } = ADDRESSES[4];
  paths.inside('client', () => execFileSync('sysctl', ['-qw', 'net.ipv4.ipfrag_time=1']));
  // The first fragment passes at once, the next ones wait, the last ones find no room.
  const slow = 'root tbf rate 100kbit burst 1500 limit 1600'.split(' ');
  paths.inside('router', () => execFileSync('tc', ['qdisc', 'add', 'dev', 'rc', ...slow]));
  const icmp = paths.inside('server', () => openIcmpHere(kernel));
  const socket = paths.inside('server', () => openSocket(server));
  const peer = paths.inside('client', () => openPeer(kernel, client));
  onTestFinished(() => peer.close());
  const message = messageOf(4000);
  peer.send(new Uint8Array(40), endpoint(server, socket.port));
  const began = performance.now();
  const ran = runLoop(
    [socket],
    () => message,
    ({ pathEvents }) => pathEvents.length > 0,
    { icmp },
  );
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(ran).toMatchObject({ rows: [4000], troubles: [] });
  expect(ran.pathEvents).toEqual([
    {
      time: expect.any(Number),
      local: socket.local,
      family: 4,
      source: endpoint(client).octets,
      sourcePort: peer.port,
      icmpType: 11,
      icmpCode: 1,
      icmpMtu: 0,
      offender: endpoint(client).octets,
      offenderFamily: 4,
      quoted: message.subarray(0, 512),
    },
  ]);
  expect(peer.receive(0)).toEqual([]);
});

/** Why raw sockets cannot be had; `undefined` when they can. */
function rawProblem(): string | undefined {
  if (kernelProblem() !== undefined) return kernelProblem();
  const kernel = requireKernel();
  const icmp = openIcmp(kernel);
  if (typeof icmp !== 'number') return `no raw sockets: ${icmp.missing}`;
  kernel.close(icmp);
  return undefined;
}

/** Sends ICMP messages over loopback, as anybody can. */
function openForger(kernel: Kernel): (message: Uint8Array, times?: number) => void {
  const fd = kernel.socket(AF.INET, SOCK.RAW, IPPROTO.ICMP);
  onTestFinished(() => void kernel.close(fd));
  const name = stableOctets(SOCKADDR_OCTETS);
  const length = writeSockaddr(name, 0, endpoint('127.0.0.1').octets, 0);
  const memory = stableOctets(2048);
  return (message, times = 1) => {
    memory.set(message);
    for (let time = 0; time < times; time++)
      expect(kernel.sendto(fd, memory, message.length, 0, name, length)).toBe(message.length);
  };
}

/** The ICMP message of {@link ERROR}, about a datagram that left from 127.0.0.1. */
function messageAbout(port: number): Uint8Array {
  return changed([INNER + 12, 127, 0, 0, 1], [UDP, port >> 8, port & 0xff]).slice(ICMP);
}

it('the socket gets no other type of ICMP, and a flood is taken 32 a round', ({ skip }) => {
  skipFor(rawProblem(), skip);
  const kernel = requireKernel();
  const [icmp, socket, forge] = [openIcmpHere(kernel), openSocket('127.0.0.1'), openForger(kernel)];
  const ping = Uint8Array.of(8, 0, ...messageAbout(socket.port).subarray(2));
  forge(ping, 10);
  expect(kernel.recv(icmp, stableOctets(2048), 2048, 0)).toBe(-1);
  forge(messageAbout(socket.port), 80);
  const taken: number[] = [];
  const ran = runLoop(
    [socket],
    () => undefined,
    ({ pathEvents }) => {
      taken.push(pathEvents.length);
      return pathEvents.length >= 80;
    },
    { icmp },
  );
  expect(ran.troubles).toEqual([]);
  expect(taken).toEqual([0, 32, 64, 80]);
});

it('the first thread sees it, and so does the one that takes its place', async ({ skip }) => {
  skipFor(linuxProblem() ?? buildProblem() ?? rawProblem(), skip);
  const rings: RingReader[] = [];
  const config = loadConfig({
    flags: {
      dnsListen: '127.0.0.1:0',
      engine: 'linux',
      packetThreads: '2',
      keysDir: join(FOLDER, 'keys'),
      dataDir: FOLDER,
    },
    env: {},
  });
  const { loadWorld } = await compiled<typeof import('../../src/engine/load-world.ts')>('load-world.js');
  const { startEngine } = await compiled<typeof import('../../src/engine/engine.ts')>('engine.js');
  const ignored = () => {};
  const parts: EngineParts = {
    config,
    world: await loadWorld(config),
    ledger: ledgerMemory(),
    sink: () => {
      throw new Error('only the plain engine answers in this thread');
    },
    attach: (ring) => rings.push(ringReader(ring)),
    drain: ignored,
    onTrouble: ignored,
    onBug: ignored,
    onReplaced: ignored,
  };
  const engine = await startEngine({ name: 'linux', reason: '' }, parts);
  try {
    expect(engine.unseen).toEqual([]);
    const forge = openForger(requireKernel());
    const { port } = engine.listening[0]!;
    for (const replaced of [0, 1]) {
      if (replaced === 1) await engine.kill!(0);
      expect(engine.counters().replaced).toBe(replaced);
      forge(messageAbout(port));
      while (pathRows(rings[0]!) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(rings.slice(1).map(pathRows)).toEqual([0, 0]);
  } finally {
    await engine.stop();
  }
});

/** The compiled one: Node cannot start a thread from TypeScript. */
function compiled<T>(file: string): Promise<T> {
  return import(/* @vite-ignore */ pathToFileURL(join('dist', 'engine', file)).href) as Promise<T>;
}

function pathRows(ring: RingReader): number {
  let rows = 0;
  ring.take((octets, _view, from, slots) => {
    for (let slot = 0; slot < slots; slot++) if (octets[from + slot * SLOT_OCTETS] === KIND.path) rows += 1;
  });
  return rows;
}
