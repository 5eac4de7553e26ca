/** The TCP loop in the process of the test, a round at a time, with a service that answers what its queries ask for. */
import { onTestFinished } from 'vitest';
import type { LoopControl } from '../../src/engine/linux/control.ts';
import type { TcpHooks, TcpListener } from '../../src/engine/linux/tcp-hooks.ts';
import { TcpLoop } from '../../src/engine/linux/tcp-loop.ts';
import type { TcpLimits } from '../../src/engine/tcp-limits.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { openTcp as listenTcp, portOf } from '../../src/kernel/socket.ts';
import { recordInto } from '../../src/record/encode.ts';
import type { Facts } from '../../src/record/facts.ts';
import { FIELD, KIND } from '../../src/record/layout.ts';
import { makeRing, ringReader, ringSink } from '../../src/record/ring.ts';
import type { Row } from '../../src/record/row.ts';
import { type RowSink, SLOT_OCTETS } from '../../src/record/sink.ts';
import type { Inbound } from '../../src/server/inbound.ts';
import type { Service, Special } from '../../src/server/service.ts';
import { addressKey, parseAddress } from '../../src/wire/address.ts';
import { observation } from '../observe/rows.ts';
import { decodeRow, seqOfRow } from '../support/decode-row.ts';

const HEADER = 12;
const RUNT = 4;

export interface Wanted {
  /** Octets of the answer; 0 is silence. */
  readonly size: number;
  readonly delayMs?: number;
}

/** A query of this test's own: id, and behind a header what is wanted. */
export function query(id: number, { size, delayMs = 0 }: Wanted = { size: 40 }): Buffer {
  const octets = Buffer.alloc(HEADER + RUNT);
  octets.writeUInt16BE(id, 0);
  octets.writeUInt16BE(size, HEADER);
  octets.writeUInt16BE(delayMs, HEADER + 2);
  return octets;
}

/** What the service answers to it. */
export function answerTo(asked: Buffer): Buffer {
  const id = asked.readUInt16BE(0);
  const answer = Buffer.alloc(asked.readUInt16BE(HEADER), id % 251);
  answer.writeUInt16BE(id, 0);
  return answer;
}

/** One whose queries make the answers; what they were is in `asked`. */
class SizedService implements Service {
  special: Special | undefined = undefined;
  rowAt = -1;
  isNonsense = false;
  readonly asked: { readonly id: number; readonly port: number }[] = [];

  answer(inbound: Inbound, out: Uint8Array, at: number, limit: number, rows: RowSink): number {
    const { octets, start, length, port } = inbound;
    this.special = undefined;
    this.rowAt = -1;
    this.isNonsense = length < HEADER + RUNT;
    if (this.isNonsense) return 0;
    const asked = Buffer.from(octets.slice(start, start + length));
    const answer = answerTo(asked.readUInt16BE(HEADER) === 0 ? query(0) : asked);
    const isSilent = asked.readUInt16BE(HEADER) === 0;
    const delayMs = asked.readUInt16BE(HEADER + 2);
    const facts = factsOf(inbound, asked.readUInt16BE(0), isSilent ? 0 : answer.length);
    this.asked.push({ id: facts.id, port });
    if (delayMs > 0) {
      this.special = { octets: answer, delayMs, arm: 'default', facts };
      return 0;
    }
    this.rowAt = recordInto(facts, rows);
    if (isSilent) return 0;
    if (answer.length > limit) throw new Error(`no room for ${answer.length} octets`);
    out.set(answer, at);
    return answer.length;
  }
}

function factsOf({ port, family, ttl, transport, source }: Inbound, id: number, length: number): Facts {
  const src = family === 4 ? source.subarray(0, 4).join('.') : '::1';
  return observation({
    id,
    src,
    src_port: port,
    dst: family === 4 ? '127.0.0.1' : '::1',
    ip_version: family,
    proto: transport,
    res_len: length,
    ttl: ttl || null,
  });
}

export interface LoopHere {
  readonly address: string;
  readonly port: number;
  readonly asked: readonly { readonly id: number; readonly port: number }[];
  readonly troubles: readonly string[];
  /** Decoded when they came through the ring, in its order. */
  readonly rows: readonly (Row & { readonly seq: number })[];
  /** One round; false when everything is over. */
  round(waitMs?: number): boolean;
  /** Rounds between the turns of Node's own loop, until the test ends or `stop` is over. */
  run(): void;
  /** Tells the loop to finish, resolves when it has. */
  stop(): Promise<void>;
  /** Resolves when `isSo`, which is asked after each round. */
  until(isSo: () => boolean): Promise<void>;
}

const LIMITS: TcpLimits = { connections: 1000, perSource: 1000, idle: 30 };

/** A loop on a port that the kernel chooses; closed with all its connections when the test ends. */
export function startLoop(limits: Partial<TcpLimits> = {}, address = '127.0.0.1', slots = 65_536): LoopHere {
  const kernel = requireKernel();
  const octets = parseAddress(address);
  const fd = listenTcp(kernel, { octets, port: 0, text: address });
  const family = octets.length === 4 ? 4 : 6;
  const local = { text: address, key: addressKey(address), octets, index: 0, linkMtu: 0 };
  const listener: TcpListener = { fd, local, family };
  const ring = makeRing(slots);
  const reader = ringReader(ring);
  const service = new SizedService();
  const rows: (Row & { seq: number })[] = [];
  const troubles: string[] = [];
  const waiting = new Set<() => void>();
  const sink = ringSink(ring, 0);
  let isStopping = false;
  let isOver = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const control: LoopControl = {
    generation: 0,
    get isStopping() {
      return isStopping;
    },
  };
  const hooks: TcpHooks = {
    service: () => service,
    rows: sink,
    record: (facts) => void recordInto(facts, sink),
    recordPathEvent() {},
    onGeneration() {},
    onTrouble: (error) => void troubles.push(error.message),
    now: () => Date.now(),
    limits: () => ({ ...LIMITS, ...limits }),
  };
  const loop = new TcpLoop([listener], hooks, control);
  const takeRows = () =>
    reader.take((from, view, at, count) => {
      for (let slot = at; slot < at + count * SLOT_OCTETS; slot += from[slot + FIELD.slots]! * SLOT_OCTETS) {
        if (from[slot + FIELD.kind] === KIND.filler) continue;
        rows.push({ ...decodeRow(from, view, slot), seq: seqOfRow(from, view, slot, 0) });
      }
    });
  function round(waitMs = 0): boolean {
    isOver = !loop.round(waitMs);
    takeRows();
    for (const look of waiting) look();
    return !isOver;
  }
  function turn(): void {
    if (!isOver && !isClosed && round()) timer = setTimeout(turn, 0);
  }
  onTestFinished(() => {
    clearTimeout(timer);
    isClosed = true;
    loop.close();
    kernel.close(fd);
  });
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
    });
  return {
    address,
    port: portOf(kernel, fd),
    asked: service.asked,
    troubles,
    rows,
    round,
    run: turn,
    until,
    stop() {
      isStopping = true;
      return until(() => isOver);
    },
  };
}
