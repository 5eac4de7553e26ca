/** TOML of zone and case files, with the line of what is wrong. */
import { parse, TomlError } from 'smol-toml';
import { ZoneFileError } from './error.ts';

/** @throws {ZoneFileError} file, line and why */
export function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new ZoneFileError(file, error.line, error.message.split('\n')[0] ?? 'not TOML');
  }
}

/** The line, from 1, on which a key or a table stands first; 0 where it does not. */
export function lineOf(text: string, key: string): number {
  return 1 + text.split('\n').findIndex((line) => /^\s*\[*"?([\w-]+)/.exec(line)?.[1] === key);
}
