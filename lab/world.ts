/** The world of the lab: two servers of one origin, and any number of real resolvers behind paths of every kind. */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../src/config/error.ts';
import type { Observation } from '../src/observe/observation.ts';
import { readAllObservations } from '../src/store/read.ts';
import { dig, type Lookup } from '../test/support/dig.ts';
import { prefixOf, SERVERS } from './addresses.ts';
import { type Authority, type Deviations, openAuthority } from './authority.ts';
import { completeRows } from './complete.ts';
import type { Lab, LabResolver, Unit } from './contract.ts';
import { type Folder, keptFolder, openFolder } from './folder.ts';
import { combine, type Faults, parsePath } from './impairment.ts';
import { IMPAIRMENTS } from './impairments.ts';
import { openPath, type Path, prefixesWanted } from './path.ts';
import { labProblem } from './problem.ts';
import { readPassages } from './relay-process.ts';
import type { Add, Software } from './resolvers/resolver.ts';
import { ALL_SOFTWARE } from './resolvers/table.ts';
import { dataDirectories, ORIGIN } from './servers.ts';
import { ask, startResolver } from './start-resolver.ts';
import { Turns } from './turns.ts';

/** A start costs processor time, what runs hardly any. */
const STARTS_AT_A_TIME = 4;

export interface LabOptions extends Deviations {
  /** Existing, empty folder for all that is written, kept at the end; when not given a temporary one, removed. */
  readonly directory?: string;
}

/** @throws {ConfigError} where there cannot be a lab: not root, a program is missing */
export async function openLab({ directory, ...deviations }: LabOptions = {}): Promise<Lab> {
  const problem = labProblem([]);
  if (problem !== undefined) throw new ConfigError(problem);
  const folder = directory === undefined ? openFolder() : keptFolder(directory);
  try {
    return makeLab(await openAuthority(folder.path, deviations), folder);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

interface OpenPath {
  readonly faults: Faults;
  readonly path: Promise<Path>;
}

function makeLab(authority: Authority, folder: Folder): Lab {
  const paths = new Map<string, OpenPath>();
  const starts = new Turns(STARTS_AT_A_TIME);
  let prefixes = 0;
  let resolvers = 0;
  let closing: Promise<void> | undefined;

  function pathOf(name: string): OpenPath {
    const known = paths.get(name);
    if (known !== undefined) return known;
    const faults = combine(name, parsePath(name, IMPAIRMENTS));
    const directory = join(folder.path, name);
    mkdirSync(directory);
    const number = paths.size;
    const opened = { faults, path: starts.take(() => openPath(authority, number, faults, directory)) };
    paths.set(name, opened);
    return opened;
  }

  async function open(unit: Unit, add?: Add): Promise<LabResolver> {
    const software = softwareOf(unit.resolver);
    const missing = labProblem([software.name]);
    if (missing !== undefined) throw new ConfigError(missing);
    const { faults, path } = pathOf(unit.path);
    const { host, admit } = await path;
    const own = Array.from({ length: prefixesWanted(faults) }, () => prefixOf(prefixes++));
    const directory = join(folder.path, unit.path, `${++resolvers}-${unit.resolver}-${unit.edns}`);
    mkdirSync(directory);
    const { sources, running } = await starts.take(async () => {
      const sources = await admit(own);
      const behind = software.behind === undefined ? undefined : softwareOf(software.behind);
      const plan = { software, behind, edns: unit.edns, prefix: own[0]!, root: authority.root, add };
      return { sources, running: await startResolver(host.namespace, directory, plan) };
    });
    return {
      address: running.address,
      sources,
      folder: running.folder,
      ask: (name, timeoutMs) => ask(host.namespace, running.address, name, timeoutMs),
      dig: (question) => dig(host.namespace, { ...question, server: running.address }),
      run: (command, args) => host.namespace.run(command, args),
      restart: running.restart,
      // Its addresses stay: what is still on its way to them is answered as a host does.
      async close() {
        await running.stop();
        if (!folder.isKept) await rm(directory, { recursive: true, force: true });
      },
    };
  }

  async function close(): Promise<void> {
    const opened = await Promise.allSettled([...paths.values()].map(({ path }) => path));
    await Promise.all(opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])));
    await authority.close();
    await folder.close();
  }

  const digHere = (lookup: Lookup) => dig(authority.place.namespace, lookup);

  async function readRows(): Promise<Observation[]> {
    const folders = dataDirectories(folder.path).map((one) => join(one, 'observations'));
    const all = await Promise.all(folders.map((one) => readAllObservations(one)));
    return all.flatMap(({ rows }) => rows).sort((a, b) => a.time - b.time);
  }

  return {
    origin: ORIGIN,
    dataDirectories: dataDirectories(folder.path),
    servers: SERVERS.map(({ node, children }) => ({ node, address: children.ipv4 })),
    anchors: authority.root.anchors,
    secret: authority.servers.secret,
    setClock: authority.servers.clock.set,
    now: authority.servers.clock.now,
    dig: digHere,
    open,
    rows: () =>
      completeRows(
        SERVERS.map(({ parent }) => parent.ipv4),
        ORIGIN,
        digHere,
        readRows,
      ),
    passages: () =>
      [...paths].flatMap(([name, { faults }]) =>
        faults.relay?.lossPercent === undefined ? [] : readPassages(join(folder.path, name)),
      ),
    close: () => (closing ??= close()),
  };
}

function softwareOf(name: string): Software {
  const found = ALL_SOFTWARE.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new ConfigError(
    `resolver "${name}" is unknown, want one of ${ALL_SOFTWARE.map((one) => one.name).join(', ')}`,
  );
}
