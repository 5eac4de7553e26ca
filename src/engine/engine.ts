/** Engine: what serves the sockets. `linux` calls the kernel from threads of its own, `plain` is node:dgram and node:net. */
import { type Config, ConfigError } from '../config.ts';
import { openKernel } from '../kernel/library.ts';
import type { Engine, EngineName, EngineParts } from './contract.ts';
import { startLinux } from './linux/start.ts';
import { startPlain } from './plain/start.ts';

export type { Engine, EngineCounters, EngineName, EngineParts } from './contract.ts';

/** Which engine serves, and why not the other one. */
export interface EngineChoice {
  readonly name: EngineName;
  /** Empty for `linux`. */
  readonly reason: string;
}

/** @throws {ConfigError} where the settings want one that cannot be */
export function chooseEngine({ engine }: Pick<Config, 'engine'>): EngineChoice {
  if (engine === 'plain') return { name: 'plain', reason: 'the setting engine says so' };
  const reason = whyNotLinux();
  if (reason === undefined) return { name: 'linux', reason: '' };
  if (engine === 'linux')
    throw new ConfigError(`engine: linux cannot be had here (${reason}); want auto or plain`);
  return { name: 'plain', reason };
}

function whyNotLinux(): string | undefined {
  // Threads are started from a file of their own, which Node cannot run as TypeScript.
  if (import.meta.url.endsWith('.ts')) return 'the program has not been compiled';
  const kernel = openKernel();
  return 'missing' in kernel ? kernel.missing : undefined;
}

/** @throws {ConfigError} where an address cannot be had */
export function startEngine({ name }: EngineChoice, parts: EngineParts): Promise<Engine> {
  return name === 'linux' ? startLinux(parts) : startPlain(parts);
}
