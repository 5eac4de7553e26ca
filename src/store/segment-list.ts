/** The segments of a directory: of all kinds, in its root and in the folders of days. */
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '../config.ts';
import { SEGMENT_KINDS, type SegmentKind } from './segment-kind.ts';

export interface Segment {
  readonly name: string;
  readonly path: string;
  readonly kind: SegmentKind;
  readonly octets: number;
  /** Milliseconds since the epoch. */
  readonly touchedAt: number;
}

const DAY = /^date=\d{4}-\d{2}-\d{2}$/;

/**
 * A kind's pattern decides what is listed, so other files may stand beside the segments; undefined without the directory.
 *
 * The root comes first: a segment that is compacted meanwhile is then found twice, and never not at all.
 *
 * @throws {ConfigError} something cannot be read; its cause has the code ENOENT where a segment went away meanwhile
 */
export async function listSegments(directory: string): Promise<Segment[] | undefined> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(directory, error);
  });
  if (names === undefined) return undefined;
  const found = await inspectAll(directory, names, false);
  for (const day of names.filter((name) => DAY.test(name)).sort()) {
    const folder = join(directory, day);
    const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      throw unreadable(folder, error);
    });
    found.push(...(await inspectAll(folder, files, true)));
  }
  return found;
}

async function inspectAll(folder: string, names: readonly string[], isDated: boolean): Promise<Segment[]> {
  const segments = [...names].sort().flatMap((name) => {
    const kind = SEGMENT_KINDS.find((each) => each.isDated === isDated && each.pattern.test(name));
    return kind === undefined ? [] : [inspect(name, join(folder, name), kind)];
  });
  return Promise.all(segments);
}

async function inspect(name: string, path: string, kind: SegmentKind): Promise<Segment> {
  try {
    await access(path, constants.R_OK);
    const facts = await stat(path);
    if (!facts.isFile()) throw Object.assign(new Error('not a file'), { code: 'not a file' });
    return { name, path, kind, octets: facts.size, touchedAt: facts.mtimeMs };
  } catch (cause) {
    throw unreadable(path, cause as NodeJS.ErrnoException);
  }
}

/** @param cause with the `code` that the operator is told */
export function unreadable(path: string, cause: NodeJS.ErrnoException): ConfigError {
  return new ConfigError(`data_dir: cannot read ${resolve(path)} (${cause.code})`, { cause });
}
