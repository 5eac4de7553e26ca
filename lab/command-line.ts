/** What the command lines of all suites share: reading options, and refusing what no table has or nobody can write. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError } from '../src/config/error.ts';

/** @param usage in one line @throws {ConfigError} for an option that there is not, or without its value */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; usage: ${usage}`);
  }
}

/** @throws {ConfigError} that says which name of a list is unknown, and what is allowed */
export function refuseUnknown(option: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const allowed = known.length === 0 ? 'no such option here' : `want some of ${known.join(',')}`;
  throw new ConfigError(`${option}: '${unknown}' is unknown, ${allowed}`);
}

/** The file that an option names, where it can be written; told before a long run, not after it. @throws {ConfigError} */
export function writable(option: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const folder = dirname(resolve(file));
  const isFile = statSync(resolve(file), { throwIfNoEntry: false })?.isDirectory() !== true;
  if (isFile && canWrite(folder)) return file;
  throw new ConfigError(`${option}: '${file}' cannot be written, want a file in a folder that there is`);
}

/** The folder that an option names, where it can be made: nothing is there yet. @throws {ConfigError} */
export function newFolder(option: string, folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  const isFree = statSync(resolve(folder), { throwIfNoEntry: false }) === undefined;
  if (isFree && canWrite(dirname(resolve(folder)))) return folder;
  throw new ConfigError(`${option}: '${folder}' cannot be made, want a new folder in one that there is`);
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
