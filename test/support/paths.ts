/** Server, router and client in three network namespaces that one thread can be in by turns (setns(2)); sockets stay where they were opened. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Kernel, requireKernel } from '../../src/kernel/library.ts';
import { stableOctets } from '../../src/kernel/memory.ts';
import { kernelProblem } from './datagrams.ts';
import { SEARCH_PATH } from './namespace.ts';

/** Octets of the largest packet between router and client; the server's own link takes 1500. */
export const NARROW_MTU = 1400;
export const ADDRESSES = {
  4: { server: '198.51.100.2', router: '198.51.100.1', client: '203.0.113.9' },
  6: { server: '2001:db8:a::2', router: '2001:db8:a::1', client: '2001:db8:b::9' },
} as const;

/** Known beforehand: the first question for a neighbor may wait a second. */
const MACS = {
  rs: '02:00:00:00:00:01',
  sr: '02:00:00:00:00:02',
  rc: '02:00:00:00:00:03',
  cr: '02:00:00:00:00:04',
};

const CLONE_NEWNET = 0x40000000;
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const NONBLOCK = 0x800;
/** ETH_P_ALL in network order. */
const ALL_PROTOCOLS = 0x0300;

export interface Paths {
  /** Runs `work` where its sockets are to be. */
  inside<Result>(place: 'server' | 'router' | 'client', work: () => Result): Result;
  close(): void;
}

interface Namespaces {
  setns(fd: number, type: number): number;
  unshare(flags: number): number;
}

function open(): Namespaces {
  const library = (createRequire(import.meta.url)('koffi') as typeof import('koffi')).load(null);
  return {
    setns: library.func('int setns(int fd, int type)'),
    unshare: library.func('int unshare(int flags)'),
  };
}

const OWN = '/proc/thread-self/ns/net';

/** Why this process cannot; `undefined` when it can. */
export function pathsProblem(): string | undefined {
  if (kernelProblem() !== undefined) return kernelProblem();
  const { setns, unshare } = open();
  const home = openSync(OWN, 'r');
  const result = unshare(CLONE_NEWNET);
  if (result === 0) setns(home, CLONE_NEWNET);
  closeSync(home);
  return result === 0 ? undefined : 'a thread may move between network namespaces for root only';
}

export function openPaths(): Paths {
  const { setns, unshare } = open();
  const home = openSync(OWN, 'r');
  const make = () => {
    if (unshare(CLONE_NEWNET) !== 0) throw new Error('unshare failed');
    const fd = openSync(OWN, 'r');
    setns(home, CLONE_NEWNET);
    return fd;
  };
  const places = { server: make(), router: make(), client: make() };
  const inside: Paths['inside'] = (place, work) => {
    setns(places[place], CLONE_NEWNET);
    try {
      return work();
    } finally {
      setns(home, CLONE_NEWNET);
    }
  };
  // Addresses count at once, without looking for duplicates.
  for (const place of ['server', 'router', 'client'] as const)
    inside(place, () => run('sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0'));
  const at = (place: keyof typeof places) => `/proc/${process.pid}/fd/${places[place]}`;
  inside('router', () =>
    run(`
      sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
      ip link add rs mtu 1500 address ${MACS.rs} type veth peer name sr address ${MACS.sr} netns ${at('server')}
      ip link add rc mtu ${NARROW_MTU} address ${MACS.rc} type veth peer name cr address ${MACS.cr} netns ${at('client')}
      ip addr add 198.51.100.1/24 dev rs; ip addr add 2001:db8:a::1/64 dev rs nodad
      ip addr add 203.0.113.1/24 dev rc; ip addr add 2001:db8:b::1/64 dev rc nodad
      ip link set rs up; ip link set rc up
      ip neigh add 2001:db8:a::2 lladdr ${MACS.sr} dev rs; ip neigh add 2001:db8:b::9 lladdr ${MACS.cr} dev rc`),
  );
  inside('server', () =>
    run(`
      ip addr add 198.51.100.2/24 dev sr; ip addr add 2001:db8:a::2/64 dev sr nodad
      ip link set lo up; ip link set sr up
      ip neigh add 2001:db8:a::1 lladdr ${MACS.rs} dev sr
      ip route add default via 198.51.100.1; ip -6 route add default via 2001:db8:a::1`),
  );
  inside('client', () =>
    run(`
      ip addr add 203.0.113.9/24 dev cr; ip addr add 2001:db8:b::9/64 dev cr nodad
      ip link set lo up; ip link set cr up
      ip neigh add 2001:db8:b::1 lladdr ${MACS.rc} dev cr
      ip route add default via 203.0.113.1; ip -6 route add default via 2001:db8:b::1`),
  );
  return {
    inside,
    close: () => [home, ...Object.values(places)].forEach(closeSync),
  };
}

function run(commands: string): void {
  const { status, stderr } = spawnSync('sh', ['-ec', commands], {
    encoding: 'utf8',
    env: { ...process.env, PATH: SEARCH_PATH },
  });
  if (status !== 0) throw new Error(`network namespaces: ${stderr}`);
}

/** One IP packet with UDP, or a fragment of one. */
export interface Packet {
  /** Octets with the IP header. */
  readonly octets: number;
  /** IPv4 only. */
  readonly dontFragment: boolean;
  readonly isFragment: boolean;
}

export interface Capture {
  /** Packets with UDP that `source` has sent since it was asked last. */
  from(source: Uint8Array): Packet[];
  close(): void;
}

/** Sees everything that passes the links of the namespace that the thread is in (packet(7)). */
export function openCapture(kernel: Kernel = requireKernel()): Capture {
  const fd = kernel.socket(AF_PACKET, SOCK_DGRAM | NONBLOCK, ALL_PROTOCOLS);
  if (fd < 0) throw new Error(`a packet socket: errno ${kernel.errno()}`);
  const octets = stableOctets(65_536);
  return {
    from(source) {
      const packets: Packet[] = [];
      for (let length = kernel.recv(fd, octets, octets.length, 0); length > 0; ) {
        const packet = readPacket(octets.subarray(0, length), source);
        if (packet) packets.push(packet);
        length = kernel.recv(fd, octets, octets.length, 0);
      }
      return packets;
    },
    close: () => void kernel.close(fd),
  };
}

const UDP = 17;
const FRAGMENT = 44;

function readPacket(octets: Uint8Array, source: Uint8Array): Packet | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const isIpv4 = octets[0]! >> 4 === 4;
  const from = isIpv4 ? octets.subarray(12, 16) : octets.subarray(8, 24);
  if (Buffer.compare(from, source) !== 0) return undefined;
  if (isIpv4) {
    if (octets[9] !== UDP) return undefined;
    const word = view.getUint16(6);
    return {
      octets: view.getUint16(2),
      dontFragment: (word & 0x4000) !== 0,
      isFragment: (word & 0x3fff) !== 0,
    };
  }
  const isFragment = octets[6] === FRAGMENT;
  if (!isFragment && octets[6] !== UDP) return undefined;
  return { octets: 40 + view.getUint16(4), dontFragment: false, isFragment };
}
