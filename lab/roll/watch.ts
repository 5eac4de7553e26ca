/** Asks one resolver again and again while a zone rolls its key, as its users would, and looks at its trust anchors meanwhile. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RollPhase } from '../../src/zone/roll/phase.ts';
import { stageAt } from '../../src/zone/roll/phase.ts';
import { formatRun } from '../../src/zone/test-name.ts';
import type { LabResolver } from '../contract.ts';
import type { AnchorStates, AnchorStore } from './anchor-store.ts';
import type { Rehearsal } from './rehearsal.ts';

/** What a client got for one name of the zone. */
export interface Sight {
  /** Seconds after the start, when it was asked. */
  readonly at: number;
  /** Undefined where the phase changed while it was asked, or too short a while ago. */
  readonly phase: RollPhase | undefined;
  /** RCODE mnemonic, or `TIMEOUT`. */
  readonly status: string;
  readonly ad: boolean;
  /** Of the anchors, read just before; empty where the resolver keeps none. */
  readonly states: AnchorStates;
}

/** A name that must not validate. */
export interface Control {
  readonly status: string;
}

export interface Watched {
  readonly sights: readonly Sight[];
  readonly controls: readonly Control[];
  /** At the end. */
  readonly states: AnchorStates;
}

export interface WatchSettings {
  readonly origin: string;
  readonly everyMs: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** By which the servers go. */
  now(): number;
}

const PATIENCE = '+timeout=5';

/** @param store where the anchors of the resolver can be read */
export async function watch(
  resolver: LabResolver,
  rehearsal: Rehearsal,
  store: AnchorStore | undefined,
  { origin, everyMs, until, now }: WatchSettings,
): Promise<Watched> {
  const sights: Sight[] = [];
  const controls: Control[] = [];
  const read = async () => (store === undefined ? {} : store.read(resolver));
  let controlledIn: RollPhase | undefined;
  for (let at = now(); at < until; at = now()) {
    const states = await read();
    const sight = await look(resolver, rehearsal, states, now);
    sights.push(sight);
    const { phase } = sight;
    if (phase !== undefined && phase !== controlledIn) {
      controlledIn = phase;
      controls.push({ status: (await askLive(resolver, `bogus.${origin}`)).status });
    }
    await sleep(Math.max(0, at + everyMs - now()));
  }
  return { sights, controls, states: await read() };
}

export async function look(
  resolver: LabResolver,
  { zone, profile, startAt }: Rehearsal,
  states: AnchorStates,
  now: () => number,
): Promise<Sight> {
  const began = now();
  const { status, ad } = await askLive(resolver, zone);
  // Keys of the phase before may be kept for their TTL.
  const settled = stageAt(profile, startAt, began - (profile.ttl + 1) * 1000).phase;
  const phase = stageAt(profile, startAt, now()).phase;
  return {
    at: Math.round((began - startAt) / 100) / 10,
    phase: settled === phase ? phase : undefined,
    status,
    ad,
    states,
  };
}

/** Asks for a fresh name, then for the name in its text, as a client does that wants the server to know. */
async function askLive(resolver: LabResolver, zone: string): Promise<{ status: string; ad: boolean }> {
  const name = `live-${formatRun(randomBytes(6).toString('hex'))}.${zone}`;
  const answer = await resolver.dig({ name, type: 'TXT', args: ['+dnssec', PATIENCE] });
  const proof = PROOF.exec(answer.answer.map(({ rdata }) => rdata).join(' '))?.[1];
  if (proof !== undefined) await resolver.dig({ name: proof, type: 'TXT', args: [PATIENCE] });
  return { status: answer.status, ad: answer.flags.has('ad') };
}

/** In the text of the answer. */
const PROOF = /"(v[0-9a-v]{20,}\.[^"]+)"/;
