/** The engine that works everywhere: node:dgram and node:net in the main thread. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.ts';
import { recordInto } from '../../record/encode.ts';
import { ledgerLines } from '../../server/ledger-lines.ts';
import { makeResponder } from '../../server/respond.ts';
import { makeSharedTables } from '../../server/shared.ts';
import type { Engine, EngineParts } from '../contract.ts';
import { cannotListen, expandWildcards, type ListenAddress } from '../listen.ts';
import type { LoadedWorld } from '../load-world.ts';
import { limitsOf } from '../tcp-limits.ts';
import { startTcp } from './tcp.ts';
import { Connections } from './tcp-connections.ts';
import type { Handler, Listening } from './transport.ts';
import { startUdp } from './udp.ts';

/** @throws {ConfigError} where an address cannot be had */
export async function startPlain(parts: EngineParts): Promise<Engine> {
  const random = (octets: number) => new Uint8Array(randomBytes(octets));
  const shared = makeSharedTables(1, random);
  const respondFrom = ({ tree, settings }: LoadedWorld) =>
    makeResponder({
      tree,
      settings,
      shared,
      now: Date.now,
      monotonic: () => performance.now() * 1000,
      random,
      ledger(source) {
        parts.drain();
        return ledgerLines(parts.ledger, settings.node.name, source);
      },
      onBug: (error) => parts.onBug(error as Error),
    });
  let respond = respondFrom(parts.world);
  let { config } = parts.world.data;
  const rows = parts.sink();
  const handler: Handler = {
    respond: () => respond,
    now: Date.now,
    record(facts) {
      recordInto(facts, rows);
      rows.commit();
    },
    onTrouble: parts.onTrouble,
  };
  const pairs = await openSockets(parts.config, handler, () => config);
  return {
    name: 'plain',
    unseen: ['ICMP errors are not seen: only the engine linux can'],
    listening: pairs.map(({ udp }) => udp.address),
    async reload(world) {
      respond = respondFrom(world);
      config = world.data.config;
    },
    async stop() {
      await Promise.all(pairs.flatMap(({ udp, tcp }) => [udp.stop(), tcp.stop()]));
    },
    counters: () => ({ threads: 1, replaced: 0 }),
  };
}

interface Pair {
  readonly udp: Listening;
  readonly tcp: Listening;
}

async function openSockets(config: Config, handler: Handler, current: () => Config): Promise<Pair[]> {
  const connections = new Connections();
  const limits = () => limitsOf(current());
  const opened: Pair[] = [];
  for (const wanted of expandWildcards(config.dnsListen)) {
    try {
      opened.push(
        await openPair(wanted, handler, (address) => startTcp(address, handler, limits, connections)),
      );
    } catch (error) {
      await Promise.all(opened.flatMap(({ udp, tcp }) => [udp.stop(), tcp.stop()]));
      throw cannotListen(wanted, error as Error);
    }
  }
  return opened;
}

/** UDP and TCP on one port. Where the kernel chooses it for UDP, somebody else may have it for TCP: then another one. */
async function openPair(
  wanted: ListenAddress,
  handler: Handler,
  listen: (address: ListenAddress) => Promise<Listening>,
): Promise<Pair> {
  for (let tries = wanted.port === 0 ? 20 : 1; ; tries--) {
    const udp = await startUdp(wanted, handler);
    try {
      return { udp, tcp: await listen(udp.address) };
    } catch (error) {
      await udp.stop();
      if (tries === 1) throw error;
    }
  }
}
