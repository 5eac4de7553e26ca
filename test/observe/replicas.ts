/** Rows of replica trials for tests: what the server sees of resolvers that are asked for `trial-k20270111`. */
import type { Observation } from '../../src/observe/observation.ts';
import { observation, START } from './rows.ts';

export const BASE = 'k20270111.probe.example.';
const TYPE = { TXT: 16, DNSKEY: 48 } as const;

/** Rows with ascending `seq`, `at` seconds after the start; `run` tells trials apart. */
export function trialing(run = '0123456789ab', manner: Partial<Observation> = {}) {
  let seq = Number.parseInt(run.slice(-4), 16) * 100;
  const zone = `k20270111-n${run.slice(-10)}-g0123456789abcdef.probe.example.`;
  const row = (at: number, changes: Partial<Observation>): Observation => {
    seq += 1;
    const of = { behavior: 'live', zone, run, proof: 'gate', edns_udp: 1232, edns_options: [] } as const;
    return observation({ ...of, time: START + at * 1000, seq, ...manner, ...changes });
  };
  const key = { behavior: 'replica', qtype: TYPE.DNSKEY, size: 1425, res_len: 1425, qname: zone } as const;
  const tc = { tc: true, action: 'tc', res_len: 79 } as const;
  const tcp = { proto: 'tcp', proof: 'tcp' } as const;
  return {
    live: (at: number, changes: Partial<Observation> = {}) =>
      row(at, { qname: `live.${zone}`, qtype: TYPE.TXT, ...changes }),
    whole: (at: number, changes: Partial<Observation> = {}) => row(at, { ...key, ...changes }),
    tc: (at: number, changes: Partial<Observation> = {}) => row(at, { ...key, ...tc, ...changes }),
    tcp: (at: number, changes: Partial<Observation> = {}) => row(at, { ...key, ...tcp, ...changes }),
    proof: (at: number, changes: Partial<Observation> = {}) =>
      row(at, { qname: `v0.live.${zone}`, qtype: TYPE.TXT, step: 'proof', signal: 'own', ...changes }),
  };
}

/** All as it should be: TC=1, TCP, and a client that goes on. */
export function arriving(run?: string, at = 0, manner?: Partial<Observation>): Observation[] {
  const told = trialing(run, manner);
  return [told.live(at), told.tc(at + 0.1), told.tcp(at + 0.2), told.proof(at + 0.3)];
}

/** A resolver without TCP: it asks over UDP once more, and gives up. */
export function withoutTcp(run?: string, at = 0, manner?: Partial<Observation>): Observation[] {
  const told = trialing(run, manner);
  return [told.live(at), told.tc(at + 0.1), told.tc(at + 1)];
}
