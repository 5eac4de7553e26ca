/** The only place that wires the parts together: settings to zones and keys, engine, recorder, ledger and HTTP. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Config, ConfigError, formatListen } from './config.ts';
import type { StoredKey } from './dnssec/key-store.ts';
import { chooseEngine, type Engine, type EngineChoice, startEngine } from './engine/engine.ts';
import type { ListenAddress } from './engine/listen.ts';
import { type LoadedWorld, loadWorld } from './engine/load-world.ts';
import { makeMetrics } from './http/metrics.ts';
import { startHttp } from './http/serve.ts';
import type { Log } from './log.ts';
import { openLedger } from './observe/ledger.ts';
import { ledgerMemory } from './record/ledger-table.ts';
import { silentSink } from './record/silent-sink.ts';
import { startCompaction } from './store/compaction.ts';
import { openRecorder, type RowCounters } from './store/recorder.ts';
import { VERSION } from './version.ts';
import type { ZoneTree } from './zone/zone.ts';

export interface ServerHandle {
  tree(): ZoneTree;
  /** Keys that this start made. */
  readonly keysMade: readonly StoredKey[];
  readonly engine: EngineChoice & Pick<Engine, 'counters' | 'kill' | 'unseen'>;
  readonly listening: readonly ListenAddress[];
  /** Where HTTP is served, undefined where it is off. */
  readonly http: string | undefined;
  readonly observations: string;
  counters(): RowCounters;
  /** Reads settings, zones and keys anew; throws and changes nothing where one is wrong. Sockets stay as they are. */
  reload(config: Config): Promise<void>;
  /** Stops taking queries, finishes, brings every row to disk. */
  stop(): Promise<void>;
}

/** Trouble of one kind is logged at most this often. */
const QUIET_MS = 10_000;

/** @throws {ConfigError | ZoneFileError | KeyFileError} what an operator can mend; {Error} where a thread cannot begin */
export async function startServer(config: Config, log: Log): Promise<ServerHandle> {
  const observations = join(config.dataDir, 'observations');
  const choice = chooseEngine(config);
  let world = await load(config, log);
  const limited = limitedLog(log);
  let draining = false;
  const ledger = ledgerMemory();
  const metrics = makeMetrics(VERSION, choice.name);
  const compaction = config.compact
    ? startCompaction({
        directory: observations,
        onTrouble: (error) =>
          limited('store', error, 'segments cannot be turned into Parquet; they stay as they are'),
      })
    : undefined;
  const recorder = openRecorder({
    directory: observations,
    node: () => world.settings.node.name,
    boot: Date.now(),
    diskBudget: config.diskBudget,
    seed: randomBytes(4).readUInt32LE(),
    onTrialRow: openLedger(ledger).note,
    rotateOctets: config.rotateOctets,
    rotateAgeMs: config.rotateSeconds * 1000,
    now: Date.now,
    onTrouble: (error) =>
      limited('store', error, 'observations cannot be written; answers go on, rows are lost'),
    onClosed: () => compaction?.noteClosed(),
  });
  const finish = async () => {
    await recorder.close();
    await compaction?.stop();
  };
  const engine = await startEngine(choice, {
    config,
    world,
    ledger,
    sink: () => (config.record === 'on' ? recorder.sink(0) : silentSink()),
    attach: recorder.attach,
    drain: recorder.drain,
    onTrouble(error) {
      metrics.noteTrouble();
      limited('socket', error, 'a socket reported an error');
    },
    onBug: (error) => limited('respond', error, 'a query met a bug; it was answered with SERVFAIL'),
    onReplaced: (error) =>
      log.error({ component: 'engine', err: error }, 'a packet thread ended; another one takes its place'),
  }).catch(async (error: unknown) => {
    await finish();
    throw error;
  });
  const http = await openHttp(config, {
    unready: () => (draining ? 'stopping' : undefined),
    metrics() {
      recorder.drain();
      return metrics.text(recorder, engine.counters());
    },
  }).catch(async (error: unknown) => {
    // Open sockets would keep the process alive.
    await engine.stop();
    await finish();
    throw error;
  });
  return {
    tree: () => world.tree,
    keysMade: world.keysMade,
    engine: { ...choice, ...engine },
    listening: engine.listening,
    http: http && formatListen({ ...config.httpListen!, port: http.port }),
    observations,
    counters: recorder.counters,
    reload: oneByOne(async (next: Config) => {
      const loaded = await load(next, log);
      await engine.reload(loaded);
      // What was answered under the name before is written under it.
      await recorder.flush();
      world = loaded;
    }),
    async stop() {
      draining = true;
      await engine.stop();
      await http?.stop();
      await finish();
    },
  };
}

async function load(config: Config, log: Log): Promise<LoadedWorld> {
  const world = await loadWorld(config);
  for (const warning of world.warnings) log.warn({ component: 'keys' }, warning);
  return world;
}

async function openHttp({ httpListen }: Config, sources: Parameters<typeof startHttp>[2]) {
  if (!httpListen) return undefined;
  try {
    return await startHttp(httpListen.address, httpListen.port, sources);
  } catch (error) {
    throw new ConfigError(
      `http_listen: ${formatListen(httpListen)} cannot be had (${(error as Error).message}); choose another with --http-listen or PADZONE_HTTP_LISTEN`,
      { cause: error },
    );
  }
}

/** The same function, whose calls wait for those before them. */
function oneByOne<T>(use: (given: T) => Promise<void>): (given: T) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (given) => {
    const next = last.then(() => use(given));
    last = next.catch(() => {});
    return next;
  };
}

/** Says a trouble of one component once in ten seconds, with how often it came. */
function limitedLog(log: Log): (component: string, error: Error, message: string) => void {
  const last = new Map<string, { at: number; count: number }>();
  return (component, error, message) => {
    const state = last.get(component) ?? { at: 0, count: 0 };
    const count = state.count + 1;
    const speaks = Date.now() - state.at >= QUIET_MS;
    last.set(component, speaks ? { at: Date.now(), count: 0 } : { ...state, count });
    if (speaks) log.error({ component, err: error, count }, message);
  };
}
