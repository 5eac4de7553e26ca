/** The command line of the lab. */
import { ConfigError } from '../src/config/error.ts';
import { newFolder, readOptions, refuseUnknown, writable } from './command-line.ts';
import type { EdnsSetting } from './contract.ts';
import { HABITS } from './habits.ts';
import { combine, parsePath } from './impairment.ts';
import { IMPAIRMENTS } from './impairments.ts';
import { EDNS_SETTINGS, type Selection, SMOKE, WHOLE_MATRIX } from './matrix.ts';

export interface Options extends Selection {
  readonly json: string | undefined;
  /** New folder for the rows of both servers. */
  readonly rows: string | undefined;
  /** Units at the same time. */
  readonly jobs: number;
  readonly smoke: boolean;
  /** Write docs/results.md. */
  readonly results: boolean;
  /** Only show the tables. */
  readonly list: boolean;
}

export const USAGE = `[--resolvers NAME,…] [--paths PATH,…] [--sizes OCTETS,…] (each from 512 to 4096) [--edns 4096,1232,default]
  [--families 4,6] [--jobs 1..60] [--json FILE] [--rows FOLDER] [--smoke] [--results] [--list]`;

const OPTIONS = {
  resolvers: { type: 'string' },
  paths: { type: 'string' },
  sizes: { type: 'string' },
  edns: { type: 'string' },
  families: { type: 'string' },
  json: { type: 'string' },
  rows: { type: 'string' },
  jobs: { type: 'string', default: '30' },
  smoke: { type: 'boolean', default: false },
  results: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const;

/** Most that the lab's addresses are made for. */
const MOST_JOBS = 60;
/** Below it no measured answer can be made, above it none leaves over UDP. */
const [LEAST_SIZE, MOST_SIZE] = [512, 4096];

/**
 * Options of `args`; what is not given is that of the whole matrix, or of the smoke test with `--smoke`.
 *
 * @throws {ConfigError} that says which option is wrong, and what is allowed
 */
export function parseOptions(args: readonly string[]): Options {
  const values = readOptions(args, OPTIONS, USAGE.replace(/\n\s*/g, ' '));
  const preset = values.smoke ? SMOKE : WHOLE_MATRIX;
  return {
    resolvers: listed('--resolvers', values.resolvers, Object.keys(HABITS)) ?? preset.resolvers,
    edns: listed('--edns', values.edns, EDNS_SETTINGS.map(String))?.map(ednsOf) ?? preset.edns,
    paths: pathsOf(values.paths) ?? preset.paths,
    sizes: sizesOf(values.sizes) ?? preset.sizes,
    isTelling: preset.isTelling && values.sizes === undefined,
    families:
      listed('--families', values.families, ['4', '6'])?.map((text) => (text === '4' ? 4 : 6)) ??
      preset.families,
    json: writable('--json', values.json),
    rows: newFolder('--rows', values.rows),
    jobs: whole('--jobs', values.jobs, 1, MOST_JOBS),
    smoke: values.smoke,
    results: values.results,
    list: values.list,
  };
}

function ednsOf(text: string): EdnsSetting {
  return EDNS_SETTINGS.find((setting) => String(setting) === text) ?? 'default';
}

/** In the order given, each once. */
function listed(option: string, text: string | undefined, allowed: readonly string[]): string[] | undefined {
  if (text === undefined) return undefined;
  const wanted = [...new Set(text.split(','))];
  refuseUnknown(option, wanted, allowed);
  return wanted;
}

/** Those that can be made. */
function pathsOf(text: string | undefined): string[] | undefined {
  const paths = text === undefined ? undefined : [...new Set(text.split(','))];
  for (const path of paths ?? []) combine(path, parsePath(path, IMPAIRMENTS));
  return paths;
}

function sizesOf(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const sizes = text.split(',').map((one) => whole('--sizes', one, LEAST_SIZE, MOST_SIZE));
  return [...new Set(sizes)].sort((a, b) => a - b);
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new ConfigError(`${option}: '${text}', want a whole number from ${least} to ${most}`);
  return value;
}
