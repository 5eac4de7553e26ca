/** Starts a fresh resolver of the table on the host of a path, and asks it as a client does. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, dig } from '../test/support/dig.ts';
import type { Namespace } from '../test/support/namespace.ts';
import { type Daemon, findProgram, startDaemon } from '../test/support/processes.ts';
import { HOSTS, type Prefix } from './addresses.ts';
import type { ClientAnswer, EdnsSetting } from './contract.ts';
import type { Software } from './resolvers/resolver.ts';
import type { Root } from './root.ts';

export interface ResolverPlan {
  readonly software: Software;
  /** For a forwarder: the software behind it, which is what servers see. */
  readonly behind: Software | undefined;
  readonly edns: EdnsSetting;
  readonly prefix: Prefix;
  readonly root: Root;
}

export interface Running {
  /** Where clients ask. */
  readonly address: string;
  /** Returns when all its processes are gone. */
  stop(): Promise<void>;
}

/** @param directory a new one for what it writes */
export async function startResolver(
  namespace: Namespace,
  directory: string,
  { software, behind, edns, prefix, root }: ResolverPlan,
): Promise<Running> {
  const resolver = prefix.address(HOSTS.resolver);
  const start = (one: Software, own = resolver): Promise<Daemon> => {
    const folder = join(directory, one.name);
    mkdirSync(folder, { recursive: true });
    const hintsFile = join(folder, 'root.hints');
    const { files, args } = one.configure(folder, {
      own,
      ednsSize: edns === 'default' ? undefined : edns,
      anchors: root.anchors,
      hintsFile,
      upstream: resolver.ipv4,
    });
    writeFileSync(hintsFile, root.hints);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return startDaemon(namespace, {
      name: one.name,
      command: findProgram(one.binary)!,
      args,
      directory: folder,
      ready: () => answers(namespace, own.ipv4),
    });
  };
  if (behind === undefined) {
    const daemon = await start(software);
    return { address: resolver.ipv4, stop: daemon.stop };
  }
  const forwarder = prefix.address(HOSTS.forwarder);
  const upstream = await start(behind);
  const daemon = await start(software, forwarder);
  return {
    address: forwarder.ipv4,
    stop: async () => void (await Promise.all([daemon.stop(), upstream.stop()])),
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
