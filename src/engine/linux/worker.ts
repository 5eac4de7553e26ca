/** Entry of a packet thread: builds its world, runs one loop over its sockets until it is told to stop. */

import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { ZoneKey } from '../../dnssec/key.ts';
import { recordInto } from '../../record/encode.ts';
import { recordPathEvent } from '../../record/path-event.ts';
import { ringSink } from '../../record/ring.ts';
import { silentSink } from '../../record/silent-sink.ts';
import type { Surroundings } from '../../server/core.ts';
import { ledgerLines } from '../../server/ledger-lines.ts';
import { makeService } from '../../server/quick/service.ts';
import type { Service } from '../../server/service.ts';
import { limitsOf, type TcpLimits } from '../tcp-limits.ts';
import { buildWorld, type World, type WorldData } from '../world.ts';
import { readControl } from './control.ts';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';
import { runTcpLoop } from './tcp-loop.ts';
import { makeTroubles } from './troubles.ts';
import { runUdpLoop } from './udp-loop.ts';

/** A world, and the service that answers from it. */
interface Serving {
  readonly limits: TcpLimits;
  readonly keys: readonly ZoneKey[];
  readonly service: Service;
}

/** Built for a reload, and not yet answered from. */
interface Prepared extends Serving {
  readonly reload: number;
}

function run(start: ThreadStart, port: MessagePort): void {
  const say = (message: FromThread) => port.postMessage(message);
  const tellBug = makeTroubles((error) => say({ kind: 'bug', error }));
  const build = (data: WorldData, before: readonly ZoneKey[]): Serving => {
    const world = buildWorld(data, start.arms, before);
    return { limits: limitsOf(data.config), keys: world.keys, service: serviceOf(start, world, tellBug) };
  };
  let serving = build(start.world, []);
  let prepared: Prepared | undefined;

  function obey(message: ToThread): void {
    const { kind, reload } = message;
    try {
      if (kind === 'prepare') prepared = { ...build(message.world, serving.keys), reload };
      else if (kind === 'forget') prepared = undefined;
      else serving = taken(prepared, reload);
      if (kind === 'commit') prepared = undefined;
      say({ kind: 'done', reload });
    } catch (error) {
      say({ kind: 'refused', reload, error: error as Error });
    }
  }

  const isRecording = start.world.config.record === 'on';
  const rows = isRecording ? ringSink(start.ring, start.thread) : silentSink();
  const hooks = {
    service: () => serving.service,
    rows,
    record: (facts: Parameters<typeof recordInto>[0]) => void recordInto(facts, rows),
    recordPathEvent: (event: Parameters<typeof recordPathEvent>[0]) => void recordPathEvent(event, rows),
    onGeneration() {
      for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) obey(got.message);
    },
    onTrouble: (error: Error) => say({ kind: 'trouble', error }),
    now: Date.now,
    pathMtus: start.pathMtus,
    limits: () => serving.limits,
  };
  const control = readControl(start.control);
  say({ kind: 'done', reload: 0 });
  if (start.sockets.kind === 'udp') runUdpLoop(start.sockets.udp, hooks, control, start.sockets.icmp);
  else runTcpLoop(start.sockets.tcp, hooks, control);
}

function taken(prepared: Prepared | undefined, reload: number): Serving {
  if (prepared?.reload !== reload) throw new Error(`nothing is prepared for reload ${reload}`);
  return prepared;
}

function serviceOf(
  { ledger, shared, thread, sockets }: ThreadStart,
  { tree, settings }: World,
  onBug: (error: unknown) => void,
): Service {
  const surroundings: Surroundings = {
    tree,
    settings,
    shared,
    thread,
    now: Date.now,
    monotonic: () => performance.now() * 1000,
    random: (octets) => new Uint8Array(randomBytes(octets)),
    ledger: (source) => ledgerLines(ledger, settings.node.name, source),
    onBug,
  };
  const all = sockets.kind === 'udp' ? sockets.udp : sockets.tcp;
  return makeService(surroundings, { locals: all.map(({ local }) => local) });
}

// Nothing waits on the port from here on, so the thread ends when its loop does.
if (parentPort) run(workerData as ThreadStart, parentPort);
