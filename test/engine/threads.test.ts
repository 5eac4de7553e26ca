/** Threads of the engine `linux`: one that ends is replaced on its sockets, and a reload is taken by all or by none. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { Engine } from '../../src/engine/contract.ts';
import type { LoadedWorld } from '../../src/engine/load-world.ts';
import { KIND } from '../../src/record/layout.ts';
import { ledgerMemory } from '../../src/record/ledger-table.ts';
import { type RingReader, ringReader } from '../../src/record/ring.ts';
import { SLOT_OCTETS } from '../../src/record/sink.ts';
import { askTcp, askUdp, framed, openTcp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { encodeQuestion } from '../support/responder.ts';
import { buildProblem, linuxProblem } from '../support/server.ts';

/** The compiled one: Node cannot start a thread from TypeScript. */
function compiled<T>(file: string): Promise<T> {
  return import(/* @vite-ignore */ pathToFileURL(join('dist', 'engine', file)).href) as Promise<T>;
}

const folder = testFolder('threads');
const UDP = [0, 1];
const TCP = 2;
const me = (id: number) => encodeQuestion({ name: 'me.probe.test', id });

describe.runIf(linuxProblem() === undefined && buildProblem() === undefined)('threads', () => {
  const config = loadConfig({
    flags: {
      dnsListen: '127.0.0.1:0',
      engine: 'linux',
      packetThreads: String(UDP.length),
      keysDir: join(folder, 'keys'),
      dataDir: folder,
    },
    env: {},
  });
  const rings: RingReader[] = [];
  const ends: string[] = [];
  let world: LoadedWorld;
  let engine: Engine;
  beforeAll(async () => {
    const { loadWorld } = await compiled<typeof import('../../src/engine/load-world.ts')>('load-world.js');
    const { startEngine } = await compiled<typeof import('../../src/engine/engine.ts')>('engine.js');
    world = await loadWorld(config);
    engine = await startEngine(
      { name: 'linux', reason: '' },
      {
        config,
        world,
        ledger: ledgerMemory(),
        sink: () => {
          throw new Error('only the plain engine answers in this thread');
        },
        attach: (ring) => rings.push(ringReader(ring)),
        drain: () => {},
        onTrouble: (error) => ends.push(error.message),
        onBug: (error) => ends.push(error.message),
        onReplaced: (error) => ends.push(error.message),
      },
    );
  });
  afterAll(() => engine.stop());

  const at = () => engine.listening[0]!;
  const takeRows = (ring: RingReader) => {
    let rows = 0;
    ring.take((octets, _view, from, slots) => {
      for (let slot = 0; slot < slots; slot++)
        if (octets[from + slot * SLOT_OCTETS] === KIND.query) rows += 1;
    });
    return rows;
  };
  /** Resolves when there was a row in the ring of each of these threads; it comes a moment after its answer. */
  const everyRing = async (threads: readonly number[]) => {
    for (const thread of threads)
      while (takeRows(rings[thread]!) === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  /** So many source ports that each thread has its share of them. */
  const askMany = () => Promise.all(Array.from({ length: 64 }, (_, id) => askUdp(at(), me(id))));

  it('each have their share of queries, and their own ring', async () => {
    await askMany();
    await askTcp(at(), me(1));
    expect(rings).toHaveLength(UDP.length + 1);
    await everyRing([...UDP, TCP]);
    expect(engine.counters()).toEqual({ threads: UDP.length + 1, replaced: 0 });
  });

  it.each(UDP)('thread %i that ends is replaced on its socket', async (thread) => {
    await engine.kill!(thread);
    expect(engine.counters().replaced).toBe(thread + 1);
    expect(ends).toHaveLength(thread + 1);
    for (const ring of rings) takeRows(ring);
    // What comes meanwhile waits in the socket.
    await askMany();
    await everyRing(UDP);
  });

  it('a TCP thread that ends leaves no connection open, and the next one listens', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => openTcp(at())));
    for (const { socket } of clients) socket.write(framed(me(1)));
    await Promise.all(clients.map(({ receive }) => receive(1)));
    await engine.kill!(TCP);
    for (const { closed, socket } of clients) {
      await closed;
      socket.destroy();
    }
    expect((await askTcp(at(), me(2))).readUInt16BE(0)).toBe(2);
    expect(engine.counters().replaced).toBe(UDP.length + 1);
  });

  it('all keep what they had where one cannot build what a reload brings', async () => {
    const broken = { ...world, data: { ...world.data, files: [] } };
    await expect(engine.reload(broken)).rejects.toThrow();
    await askMany();
    // And take the next one that is right.
    const renamed = { ...world, data: { ...world.data, config: { ...config, node: 'ns2' } } };
    await engine.reload(renamed);
    for (const answer of await askMany()) expect(answer.includes('ns2')).toBe(true);
    expect((await askTcp(at(), me(3))).includes('ns2')).toBe(true);
  });

  it('a thread that is replaced answers from the last reload', async () => {
    await engine.kill!(0);
    for (const answer of await askMany()) expect(answer.includes('ns2')).toBe(true);
  });

  it('stops: nothing listens any more', async () => {
    const { address, port } = at();
    await engine.stop();
    const socket = connect({ host: address, port });
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
