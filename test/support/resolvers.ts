/** Starts a resolver of the table inside a namespace and waits until it answers. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers } from './dig.ts';
import type { Namespace } from './namespace.ts';
import { type Daemon, findProgram, startDaemon } from './processes.ts';
import type { Resolver, ResolverOptions } from './resolvers/resolver.ts';
import { unbound } from './resolvers/unbound.ts';
import { ROOT_ADDRESS } from './root-zone.ts';

export interface RunningResolver extends Daemon {
  /** Where it listens, and the source address of its queries. */
  readonly address: string;
}

/** Why tests with this resolver must be skipped; `undefined` when it is installed. */
export function resolverProblem({ name, binary, package: debian }: Resolver): string | undefined {
  return findProgram(binary) === undefined
    ? `${name}: ${binary} not installed (Debian: ${debian})`
    : undefined;
}

/**
 * A fresh resolver with an empty cache, in its own folder below `directory`.
 *
 * @param options what differs from: its own address, default EDNS size, origin probe.test. at 127.0.0.1
 * @throws {Error} when it is not installed, or does not start: then with the end of its log
 */
export async function startResolver(
  namespace: Namespace,
  resolver: Resolver,
  directory: string,
  options: Pick<ResolverOptions, 'anchors'> & Partial<ResolverOptions>,
): Promise<RunningResolver> {
  const command = findProgram(resolver.binary);
  if (command === undefined) throw new Error(resolverProblem(resolver));
  const address = options.listen ?? resolver.address;
  const own = mkdtempSync(join(directory, `${resolver.name}-`));
  const { files, args } = resolver.configure(own, {
    ednsSize: undefined,
    origin: { zone: 'probe.test.', address: '127.0.0.1' },
    root: ROOT_ADDRESS,
    upstream: unbound.address,
    ...options,
    listen: address,
  });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(own, name), content);
  const ready = () => answers(namespace, address);
  const daemon = await startDaemon(namespace, { name: resolver.name, command, args, directory: own, ready });
  return { ...daemon, address };
}
