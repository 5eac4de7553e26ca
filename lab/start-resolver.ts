/** Starts a fresh resolver of the table on the host of a path, and asks it as a client does. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, dig } from '../test/support/dig.ts';
import type { Namespace } from '../test/support/namespace.ts';
import { type DaemonSettings, findProgram, startDaemon } from '../test/support/processes.ts';
import { HOSTS, type Prefix } from './addresses.ts';
import type { ClientAnswer, EdnsSetting } from './contract.ts';
import { type Add, NOTHING, type Software } from './resolvers/resolver.ts';
import type { Root } from './root.ts';

export interface ResolverPlan {
  readonly software: Software;
  /** For a forwarder: the software behind it, which is what servers see. */
  readonly behind: Software | undefined;
  readonly edns: EdnsSetting;
  readonly prefix: Prefix;
  readonly root: Root;
  /** For the software that servers see. */
  readonly add: Add | undefined;
}

export interface Running {
  /** Where clients ask. */
  readonly address: string;
  /** Of the software that servers see. */
  readonly folder: string;
  /** Ends the software that servers see, and starts it again when that is done. */
  restart(meanwhile: () => void): Promise<void>;
  /** Returns when all its processes are gone. */
  stop(): Promise<void>;
}

/** @param directory a new one for what it writes */
export async function startResolver(
  namespace: Namespace,
  directory: string,
  { software, behind, edns, prefix, root, add }: ResolverPlan,
): Promise<Running> {
  const resolver = prefix.address(HOSTS.resolver);
  const prepare = (one: Software, own = resolver): DaemonSettings => {
    const folder = join(directory, one.name);
    mkdirSync(folder, { recursive: true });
    const hintsFile = join(folder, 'root.hints');
    const { files, args } = one.configure(folder, {
      own,
      ednsSize: edns === 'default' ? undefined : edns,
      anchors: root.anchors,
      hintsFile,
      upstream: resolver.ipv4,
      addition: own === resolver && add !== undefined ? add(folder, own) : NOTHING,
    });
    writeFileSync(hintsFile, root.hints);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return {
      name: one.name,
      command: findProgram(one.binary)!,
      args,
      directory: folder,
      ready: () => answers(namespace, own.ipv4),
    };
  };
  const seen = prepare(behind ?? software);
  let daemon = await startDaemon(namespace, seen);
  const restart = async (meanwhile: () => void) => {
    await daemon.stop();
    meanwhile();
    daemon = await startDaemon(namespace, seen);
  };
  const running = { folder: seen.directory, restart };
  if (behind === undefined) return { ...running, address: resolver.ipv4, stop: () => daemon.stop() };
  const forwarder = prefix.address(HOSTS.forwarder);
  const front = await startDaemon(namespace, prepare(software, forwarder));
  return {
    ...running,
    address: forwarder.ipv4,
    stop: async () => void (await Promise.all([front.stop(), daemon.stop()])),
  };
}

/** One question for TXT by dig with DO=1, tried once. */
export async function ask(
  namespace: Namespace,
  server: string,
  name: string,
  timeoutMs: number,
): Promise<ClientAnswer> {
  const began = performance.now();
  const args = ['+dnssec', '+bufsize=4096', `+timeout=${Math.ceil(timeoutMs / 1000)}`];
  const { status, flags, answer } = await dig(namespace, { server, name, type: 'TXT', args });
  return {
    status,
    ad: flags.has('ad'),
    texts: answer.filter(({ type }) => type === 'TXT').map(({ rdata }) => rdata.replace(/^"|"$/g, '')),
    elapsedMs: Math.round(performance.now() - began),
  };
}
