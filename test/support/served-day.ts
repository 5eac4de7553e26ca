/** A morning of two real answering cores with one secret and a clock that is set: their rows, as their segments hold them. */
import type { Observation } from '../../src/observe/observation.ts';
import type { Facts } from '../../src/record/facts.ts';
import { type AskFrom, aliasOf, makeTestResponder, NOON, type TestResponder } from './responder.ts';

/** When both servers started. */
export const BOOT = NOON - 3_600_000;
const MINUTE_MS = 60_000;

type Node = 'ns1' | 'ns2';

export interface ServedDay {
  /** In order of time. */
  readonly rows: readonly Observation[];
  /** When the last query came, milliseconds since the epoch. */
  readonly lastAt: number;
}

/** Resolvers of every sort: well, TC=1 and TCP, deaf, half deaf, with two addresses, with two servers, silent at the end. */
export async function serveDay(): Promise<ServedDay> {
  const nodes: Record<Node, TestResponder> = { ns1: await coreOf('ns1', 1), ns2: await coreOf('ns2', 2) };
  const rows: Observation[] = [];
  let now = NOON;

  /** Returns the name that the answer leads to. */
  function ask(node: Node, name: string, from: AskFrom & { edns?: number }): string {
    nodes[node].clock.now = now;
    const question = { name, udpPayloadSize: from.edns ?? 4096, dnssecOk: true, ...from };
    const answered = nodes[node].ask(question);
    if (answered.facts) rows.push(rowOf(node, rows.length, answered.facts));
    return aliasOf(answered) ?? '';
  }
  const wait = (ms: number) => {
    now += ms;
  };
  /** Opens a trial; returns the measured name. */
  function open(size: number, from: AskFrom, node: Node = 'ns1', options = ''): string {
    wait(2 * MINUTE_MS);
    const measured = ask(node, `s${size}${options}.probe.test`, from);
    wait(20);
    return measured;
  }

  for (const size of [512, 1232, 1472, 4096]) {
    const well = { source: '192.0.2.7' };
    ask('ns1', ask('ns1', open(size, well), well), well);

    const small = { source: '2001:db8:7::53', local: '2001:db8::1', edns: 1232 };
    const name = open(size, small);
    const receipt = ask('ns1', name, small) || ask('ns1', name, { ...small, transport: 'tcp' as const });
    ask('ns1', receipt, small);

    const deaf = { source: '198.51.100.9' };
    const measured = open(size, deaf);
    const first = ask('ns1', measured, deaf);
    if (size <= 1232) ask('ns1', first, deaf);
    else
      for (const after of [400, 800, 1600]) {
        wait(after);
        ask('ns1', measured, deaf);
      }

    const halfDeaf = { source: '203.0.113.20' };
    const asked = open(size, halfDeaf);
    ask('ns1', asked, halfDeaf);
    wait(800);
    ask('ns1', ask('ns1', asked, { ...halfDeaf, transport: 'tcp' as const }), halfDeaf);

    const twice = [{ source: '203.0.113.77' }, { source: '2001:db8:99::1', local: '2001:db8::1' }] as const;
    const toBoth = open(size, twice[0], 'ns1', '-n0abcdefghi');
    ask('ns2', ask('ns2', toBoth, twice[1]), twice[0]);
    wait(300);
    ask('ns1', ask('ns2', toBoth, twice[1]), twice[1]);
  }
  const silent = { source: '192.0.2.250' };
  ask('ns2', open(4096, silent, 'ns2'), silent);
  return { rows, lastAt: now };
}

function coreOf(name: Node, id: number): Promise<TestResponder> {
  return makeTestResponder({ settings: { node: { name, id } } });
}

function rowOf(node: Node, seq: number, facts: Facts): Observation {
  const event = { event: 'query', count: 1, reason: '' } as const;
  const path = { icmp_type: null, icmp_code: null, icmp_mtu: null, icmp_from: null };
  return { ...facts, ...event, ...path, node, boot: BOOT, seq };
}
