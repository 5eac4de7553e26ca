/** The only place that wires the parts together: settings to zones, keys, answering core, sockets, store and HTTP. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type Config,
  ConfigError,
  checkFleet,
  formatListen,
  loadOrMakeSecret,
  nameserversOf,
} from './config.ts';
import { ensureKeys, loadKeys, type StoredKey, type WantedKeys } from './dnssec/key-store.ts';
import { makeMetrics } from './http/metrics.ts';
import { startHttp } from './http/serve.ts';
import type { Log } from './log.ts';
import { openLedger } from './observe/ledger.ts';
import type { Facts } from './record/facts.ts';
import { allows } from './server/allow.ts';
import { makeResponder, type Respond } from './server/respond.ts';
import { startTcp } from './server/tcp.ts';
import { Connections, type TcpLimits } from './server/tcp-connections.ts';
import { expandWildcards, type Handler, type ListenAddress, type Listening } from './server/transport.ts';
import { isReservedLabel } from './server/trial.ts';
import { startUdp } from './server/udp.ts';
import { openSegments, type SegmentCounters } from './store/segment.ts';
import { VERSION } from './version.ts';
import { parseName, prepend } from './wire/name.ts';
import { ZoneFileError } from './zone/error.ts';
import { labelsTaken } from './zone/names.ts';
import { buildZones, type ZoneTree, zoneText } from './zone/zone.ts';
import { readZoneFiles, type ZoneFile } from './zone/zone-file.ts';

export interface ServerHandle {
  tree(): ZoneTree;
  /** Keys that this start made. */
  readonly keysMade: readonly StoredKey[];
  readonly listening: readonly ListenAddress[];
  /** Where HTTP is served, undefined where it is off. */
  readonly http: string | undefined;
  readonly observations: string;
  counters(): SegmentCounters;
  /** Reads settings, zones and keys anew; throws and changes nothing where one is wrong. Sockets stay as they are. */
  reload(config: Config): Promise<void>;
  /** Stops taking queries, finishes, brings every row to disk. */
  stop(): Promise<void>;
}

/** Trouble of one kind is logged at most this often. */
const QUIET_MS = 10_000;

/** @throws {ConfigError | ZoneFileError | KeyFileError} what an operator can mend; {Error} where a socket cannot be had */
export async function startServer(config: Config, log: Log): Promise<ServerHandle> {
  const observations = join(config.dataDir, 'observations');
  let world = await loadWorld(config, log);
  const limited = limitedLog(log);
  const boot = Date.now();
  let seq = 0;
  let draining = false;
  const ledger = openLedger();
  const metrics = makeMetrics(VERSION);
  const segments = openSegments({
    directory: observations,
    rotateOctets: config.rotateOctets,
    rotateAgeMs: config.rotateSeconds * 1000,
    now: Date.now,
    onTrouble: (error) =>
      limited('store', error, 'observations cannot be written; answers go on, rows are lost'),
  });
  const surroundings = {
    now: Date.now,
    monotonic: () => performance.now() * 1000,
    random: (octets: number) => new Uint8Array(randomBytes(octets)),
    ledger: (source: string) => ledger.lines(source),
    onBug: (error: unknown) =>
      limited('respond', error as Error, 'a query met a bug; it was answered with SERVFAIL'),
  };
  const respondWith = (now: World): Respond => makeResponder({ ...surroundings, ...now });
  let respond = respondWith(world);
  const handler: Handler = {
    respond: () => respond,
    now: Date.now,
    record(facts: Facts) {
      const row = { ...facts, node: world.settings.node.name, boot, seq: seq++ };
      ledger.note(row);
      metrics.note(facts);
      segments.append(row);
    },
    onTrouble(error) {
      metrics.noteTrouble();
      limited('socket', error, 'a socket reported an error');
    },
  };
  const sockets = await openSockets(config, handler, () => world.config);
  const http = await openHttp(config, {
    unready: () => (draining ? 'stopping' : undefined),
    metrics: () => metrics.text(segments.counters()),
  }).catch(async (error: unknown) => {
    // Open sockets would keep the process alive.
    await Promise.all(sockets.map((socket) => socket.stop()));
    throw error;
  });
  return {
    tree: () => world.tree,
    keysMade: world.keysMade,
    listening: sockets.map(({ address }) => address),
    http: http && formatListen({ ...config.httpListen!, port: http.port }),
    observations,
    counters: segments.counters,
    async reload(next) {
      const loaded = await loadWorld(next, log);
      respond = respondWith(loaded);
      world = loaded;
    },
    async stop() {
      draining = true;
      await Promise.all(sockets.map((socket) => socket.stop()));
      await http?.stop();
      await segments.close();
    },
  };
}

interface World {
  readonly config: Config;
  readonly tree: ZoneTree;
  readonly settings: Parameters<typeof makeResponder>[0]['settings'];
  readonly keysMade: readonly StoredKey[];
}

async function loadWorld(config: Config, log: Log): Promise<World> {
  const files = await readZoneFiles(config.zonesDir);
  for (const { label, file } of files)
    if (isReservedLabel(label))
      throw new ZoneFileError(file, 0, `label '${label}' is a test name, so no zone may take it`);
  const wanted = wantedKeys(config.origin, files);
  const { keys: present } = await loadKeys(config.keysDir);
  const keysExist = wanted.every(({ zone, algorithm }) =>
    present.some((key) => key.zone === zone && key.algorithm === algorithm),
  );
  checkFleet(config, { keysExist });
  const secret = loadOrMakeSecret(config, randomBytes);
  const { keys, made, warnings } = await ensureKeys(config.keysDir, wanted, Date.now());
  for (const warning of warnings) log.warn({ component: 'keys' }, warning);
  const tree = buildZones(config.origin, files, nameserversOf(config), keys);
  refuseHiddenTests(tree);
  return {
    config,
    tree,
    keysMade: made,
    settings: {
      ...config,
      node: { name: config.node, id: config.nodeId },
      version: config.versionBind,
      secret,
      isOpen: config.direct === 'open',
      isAllowed: ({ octets }) => allows(config.allow, octets),
    },
  };
}

/** A static record at a test name would be answered in its place. */
function refuseHiddenTests({ zones }: ZoneTree): void {
  for (const { names, apex, text } of zones) {
    const hidden = labelsTaken(names, apex).find(isReservedLabel);
    if (hidden !== undefined)
      throw new ZoneFileError(`zone ${text}`, 0, `static records at '${hidden}' would hide that test name`);
  }
}

/** What each signed zone needs to be signed with. */
export function wantedKeys(origin: string, files: readonly ZoneFile[]): WantedKeys[] {
  const apex = parseName(origin);
  return files.flatMap(({ label, algorithm, keys }) => {
    const zone = zoneText(label === '' ? apex : prepend(label, apex));
    return algorithm === undefined ? [] : [{ zone, algorithm, scheme: keys }];
  });
}

async function openSockets(config: Config, handler: Handler, current: () => Config): Promise<Listening[]> {
  const connections = new Connections();
  const limits = () => ({
    connections: current().tcpConnections,
    perSource: current().tcpPerSource,
    idle: current().tcpIdle,
  });
  const opened: Listening[] = [];
  for (const wanted of expandWildcards(config.dnsListen)) {
    try {
      opened.push(...(await openPair(wanted, handler, limits, connections)));
    } catch (error) {
      await Promise.all(opened.map((one) => one.stop()));
      throw new ConfigError(
        `dns_listen: ${formatListen(wanted)} cannot be had (${(error as Error).message}); choose another with --dns-listen or PADZONE_DNS_LISTEN`,
        { cause: error },
      );
    }
  }
  return opened;
}

/** UDP and TCP on one port. Where the kernel chooses it for UDP, somebody else may have it for TCP: then another one. */
async function openPair(
  wanted: ListenAddress,
  handler: Handler,
  limits: () => TcpLimits,
  connections: Connections,
): Promise<Listening[]> {
  for (let tries = wanted.port === 0 ? 20 : 1; ; tries--) {
    const udp = await startUdp(wanted, handler);
    try {
      return [udp, await startTcp(udp.address, handler, limits, connections)];
    } catch (error) {
      await udp.stop();
      if (tries === 1) throw error;
    }
  }
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
