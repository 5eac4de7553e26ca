/** The engine of Linux: sockets opened here, threads that serve them through the kernel's own calls. */
import { randomBytes } from 'node:crypto';
import type { Arm } from '../../behaviors/behavior.ts';
import { openIcmp } from '../../kernel/icmp.ts';
import { type Kernel, requireKernel } from '../../kernel/library.ts';
import { openRaw } from '../../kernel/raw.ts';
import { openGroup } from '../../kernel/socket.ts';
import { makeRing } from '../../record/ring.ts';
import { makeSharedTables } from '../../server/shared.ts';
import type { Engine, EngineParts } from '../contract.ts';
import { cannotListen, expandWildcards, type ListenAddress, localAddress } from '../listen.ts';
import type { LoadedWorld } from '../load-world.ts';
import type { UdpSocket } from './hooks.ts';
import { closeOrphans, type LocalEnd } from './orphans.ts';
import { makePathMtus } from './path-mtus.ts';
import type { TcpListener } from './tcp-hooks.ts';
import { ThreadPlace } from './threads.ts';

/** 16 MiB: what one thread answers while the main thread is busy for some 0.4 s. */
const RING_SLOTS = 65_536;

/** @throws {ConfigError} where an address cannot be had; {Error} where a thread cannot begin */
export async function startLinux(parts: EngineParts): Promise<Engine> {
  const kernel = requireKernel();
  const { packetThreads } = parts.config;
  const sockets = openSockets(kernel, parts.config.dnsListen, packetThreads);
  const places = placesFor(kernel, sockets, parts);
  const reloads = { last: 0 };
  const stop = async () => {
    await Promise.all(places.map((place) => place.stop()));
    for (const fd of sockets.fds) kernel.close(fd);
  };
  try {
    await Promise.all(places.map((place) => place.begin()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'linux',
    listening: sockets.listening,
    unseen: sockets.unseen,
    reload: (world) => reloadAll(places, ++reloads.last, world),
    stop,
    counters: () => ({
      threads: places.length,
      replaced: places.reduce((sum, { replaced }) => sum + replaced, 0),
    }),
    kill: (thread) => places[thread]!.kill(),
  };
}

interface Sockets {
  readonly listening: readonly ListenAddress[];
  /** By thread, one of each address. */
  readonly udp: readonly (readonly UdpSocket[])[];
  readonly tcp: readonly TcpListener[];
  readonly icmp: number | undefined;
  readonly arms: readonly Arm[];
  readonly unseen: readonly string[];
  readonly fds: readonly number[];
}

function openSockets(kernel: Kernel, addresses: readonly ListenAddress[], threads: number): Sockets {
  const raw = { 4: openRaw(kernel, 4), 6: openRaw(kernel, 6) };
  const fds = [raw[4], raw[6]].filter((fd) => fd !== undefined);
  const listening: ListenAddress[] = [];
  const udp: UdpSocket[][] = Array.from({ length: threads }, () => []);
  const tcp: TcpListener[] = [];
  for (const [index, wanted] of expandWildcards(addresses).entries()) {
    const local = localAddress(wanted.address, index);
    const { family } = wanted;
    try {
      const group = openGroup(kernel, { octets: local.octets, port: wanted.port, text: local.text }, threads);
      fds.push(...group.udp, group.tcp);
      const rawFd = raw[family] === undefined ? {} : { raw: raw[family] };
      for (const [thread, fd] of group.udp.entries())
        udp[thread]!.push({ fd, local, port: group.port, family, ...rawFd });
      tcp.push({ fd: group.tcp, local, family });
      listening.push({ ...wanted, port: group.port });
    } catch (error) {
      for (const fd of fds) kernel.close(fd);
      throw cannotListen(wanted, error as Error);
    }
  }
  const isRaw = raw[4] !== undefined && raw[6] !== undefined;
  const arms: readonly Arm[] = ['default', 'df', 'nodf', ...(isRaw ? (['frag'] as const) : [])];
  return { listening, udp, tcp, arms, ...openReassembly(kernel, addresses, fds), fds };
}

/** @param fds of sockets that are open, to which it adds its own */
function openReassembly(
  kernel: Kernel,
  addresses: readonly ListenAddress[],
  fds: number[],
): Pick<Sockets, 'icmp' | 'unseen'> {
  if (!addresses.some(({ family }) => family === 4)) return { icmp: undefined, unseen: [] };
  const icmp = openIcmp(kernel);
  if (typeof icmp !== 'number')
    return { icmp: undefined, unseen: [`ICMPv4 reassembly errors are not seen: ${icmp.missing}`] };
  fds.push(icmp);
  return { icmp, unseen: [] };
}

/** A thread for each share of the UDP sockets, and the last one for TCP. */
function placesFor(kernel: Kernel, sockets: Sockets, parts: EngineParts): ThreadPlace[] {
  const kinds = [
    ...sockets.udp.map(
      (udp, thread) => ({ kind: 'udp', udp, icmp: thread === 0 ? sockets.icmp : undefined }) as const,
    ),
    { kind: 'tcp', tcp: sockets.tcp } as const,
  ];
  const shared = makeSharedTables(kinds.length, (octets) => new Uint8Array(randomBytes(octets)));
  const pathMtus = makePathMtus();
  const { ledger, world, onTrouble, onBug } = parts;
  return kinds.map((kind, thread) => {
    const ring = makeRing(RING_SLOTS);
    parts.attach(ring);
    const own = kind.kind === 'udp' ? kind.udp : kind.tcp;
    return new ThreadPlace(
      {
        thread,
        sockets: kind,
        ring,
        shared,
        ledger,
        pathMtus,
        arms: sockets.arms,
        world: world.data,
      },
      {
        onTrouble,
        onBug,
        onEnd(error) {
          const fds = own.map(({ fd }) => fd);
          closeOrphans(kernel, fds, kind.kind === 'tcp' ? ends(sockets) : []);
          parts.onReplaced(error);
        },
      },
    );
  });
}

/** Where connections come in. */
function ends({ tcp, listening }: Sockets): LocalEnd[] {
  return tcp.map(({ local }) => ({ octets: local.octets, port: listening[local.index]!.port }));
}

/** All threads or none: whoever cannot build the world keeps everybody from it. */
async function reloadAll(places: readonly ThreadPlace[], reload: number, world: LoadedWorld): Promise<void> {
  const built = await Promise.allSettled(places.map((place) => place.prepare(reload, world.data)));
  const refused = built.find((result) => result.status === 'rejected');
  if (refused) {
    for (const place of places) place.forget(reload);
    throw refused.reason;
  }
  await Promise.all(places.map((place) => place.commit(reload, world.data)));
}
