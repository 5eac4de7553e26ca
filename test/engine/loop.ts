/** Runs the UDP loop in the thread of the test: its control is the test's own, which talks to it once a round. */
import { onTestFinished } from 'vitest';
import type { LoopControl } from '../../src/engine/linux/control.ts';
import { type LoopHooks, runUdpLoop, type UdpSocket } from '../../src/engine/linux/udp-loop.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { openUdp, portOf } from '../../src/kernel/socket.ts';
import type { Facts } from '../../src/record/facts.ts';
import type { PathEvent } from '../../src/record/path-event.ts';
import { makeRing, ringReader, ringSink } from '../../src/record/ring.ts';
import type { RowSink } from '../../src/record/sink.ts';
import type { Inbound } from '../../src/server/inbound.ts';
import type { Service, Special } from '../../src/server/service.ts';
import { addressKey, parseAddress } from '../../src/wire/address.ts';
import { observation } from '../observe/rows.ts';
import { endpoint } from '../support/datagrams.ts';

const DEADLINE_MS = 5000;

/** What a test service makes of one message: octets that leave at once, a special, or silence. */
export type Answer = Uint8Array | Special | undefined;

export interface Asked {
  readonly octets: Uint8Array;
  readonly source: Uint8Array;
  readonly port: number;
  readonly family: 4 | 6;
  readonly ttl: number;
  readonly pathMtu: number;
  readonly local: string;
}

/** The answers of `reply`, each with a row whose first octets are `octets of the answer` in 16 bits. */
export function serviceOf(reply: (asked: Asked) => Answer): Service {
  const service = {
    special: undefined as Special | undefined,
    rowAt: -1,
    isNonsense: false,
    answer(inbound: Inbound, out: Uint8Array, at: number, _limit: number, rows: RowSink) {
      service.special = undefined;
      service.rowAt = -1;
      const answer = reply(askedOf(inbound));
      if (answer === undefined) return 0;
      if (!(answer instanceof Uint8Array)) {
        service.special = answer;
        return 0;
      }
      out.set(answer, at);
      service.rowAt = rows.reserve(1);
      rows.octets.fill(0, service.rowAt, service.rowAt + 256);
      rows.view.setUint8(service.rowAt, 1);
      rows.view.setUint8(service.rowAt + 1, 1);
      rows.view.setUint16(service.rowAt + RES_LEN, answer.length, true);
      return answer.length;
    },
  };
  return service;
}

const RES_LEN = 66;

function askedOf(inbound: Inbound): Asked {
  const { octets, start, length, source, port, family, ttl, pathMtu, local } = inbound;
  return {
    octets: octets.slice(start, start + length),
    source: source.slice(0, family === 4 ? 4 : 16),
    port,
    family,
    ttl,
    pathMtu,
    local: local.text,
  };
}

export function special(octets: Uint8Array, changes: Partial<Special> = {}): Special {
  return { octets, delayMs: 0, arm: 'default', facts: factsOf(octets.length), ...changes };
}

export function factsOf(resLen: number): Facts {
  return observation({ res_len: resLen });
}

/** A socket of the server, closed when the test ends. */
export function openSocket(address: string, more: Partial<UdpSocket> = {}): UdpSocket {
  const kernel = requireKernel();
  const octets = parseAddress(address);
  const fd = openUdp(kernel, endpoint(address));
  onTestFinished(() => void kernel.close(fd));
  return {
    fd,
    port: portOf(kernel, fd),
    family: octets.length === 4 ? 4 : 6,
    local: { text: address, key: addressKey(address), octets, index: 0, linkMtu: 0 },
    ...more,
  };
}

export interface Ran {
  /** RES_LEN of the rows that answers left at once with, in order. */
  readonly rows: readonly number[];
  /** Of answers that left otherwise. */
  readonly facts: readonly Facts[];
  readonly pathEvents: readonly PathEvent[];
  readonly troubles: readonly string[];
}

/**
 * Runs until `isOver`, which is asked once a round and may send and receive; five seconds at most.
 *
 * @throws {Error} after the five seconds
 */
export function runLoop(
  sockets: readonly UdpSocket[],
  reply: (asked: Asked) => Answer,
  isOver: (ran: Ran, round: number) => boolean,
  more: Partial<LoopHooks> & { readonly control?: LoopControl; readonly icmp?: number } = {},
): Ran {
  const ring = makeRing(1024);
  const ran = {
    rows: [] as number[],
    facts: [] as Facts[],
    pathEvents: [] as PathEvent[],
    troubles: [] as string[],
  };
  const reader = ringReader(ring);
  const takeRows = () =>
    reader.take((_octets, view, at, slots) => {
      for (let slot = 0; slot < slots; slot++) ran.rows.push(view.getUint16(at + slot * 256 + RES_LEN, true));
    });
  const service = serviceOf(reply);
  const until = performance.now() + DEADLINE_MS;
  let round = 0;
  let isLate = false;
  const control: LoopControl = {
    generation: 0,
    get isStopping() {
      takeRows();
      isLate = performance.now() > until;
      return isLate || isOver(ran, round++);
    },
  };
  const hooks: LoopHooks = {
    service: () => service,
    rows: ringSink(ring, 0),
    record: (facts) => void ran.facts.push(facts),
    recordPathEvent: (event) => void ran.pathEvents.push(event),
    onGeneration() {},
    onTrouble: (error) => void ran.troubles.push(error.message),
    now: () => Date.now(),
    ...more,
  };
  runUdpLoop(sockets, hooks, more.control ?? control, more.icmp);
  takeRows();
  if (isLate) throw new Error(`the loop was not over after ${DEADLINE_MS} ms: ${JSON.stringify(ran)}`);
  return ran;
}
