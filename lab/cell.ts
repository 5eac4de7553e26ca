/** One unit: a fresh resolver is asked for a small answer, then for each size, then for a small answer again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatRun } from '../src/zone/test-name.ts';
import type { ClientAnswer, Family, Lab, Unit } from './contract.ts';

/** One question, whose run ties it to what the servers saw. */
export interface Asked {
  readonly size: number;
  /** 12 hex digits. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly client: ClientAnswer;
}

export interface UnitResult {
  readonly unit: Unit;
  /** Source addresses of the resolver, as the servers see them. */
  readonly sources: readonly string[];
  /** Smallest first. */
  readonly sizes: readonly Asked[];
  /** The small answer before and after; none where the resolver did not start. */
  readonly controls: readonly Asked[];
  /** Why it could not be run. */
  readonly problem?: string;
}

export interface Timing {
  /** How long a client waits; a resolver that goes on for longer overlaps its next question. */
  readonly patienceMs: number;
  /** Pause after a question that failed; until then a resolver may leave servers alone that it found dead. */
  readonly respiteMs: number;
}

export const CONTROL_SIZE = 512;

/** A resolver whose control failed has no working path, and what it does about that is always the same. */
const IMPATIENCE_MS = 6_000;

/**
 * Runs one unit; never rejects.
 *
 * @param sizes in ascending order, so that a failure does not color what follows
 * @param newRun a fresh run id each time, 12 hex digits
 */
export async function runUnit(
  lab: Lab,
  unit: Unit,
  sizes: readonly number[],
  { patienceMs, respiteMs }: Timing,
  newRun: () => string,
): Promise<UnitResult> {
  try {
    const resolver = await lab.open(unit);
    try {
      const ask = async (size: number, withinMs: number): Promise<Asked> => {
        const run = newRun();
        const name = nameOf(size, run, unit.family, lab.origin);
        const askedAt = Date.now();
        const client = await resolver.ask(name, withinMs);
        if (client.status !== 'NOERROR') await sleep(respiteMs);
        return { size, run, askedAt, client };
      };
      const before = await ask(CONTROL_SIZE, patienceMs);
      const withinMs = before.client.status === 'TIMEOUT' ? IMPATIENCE_MS : patienceMs;
      const asked: Asked[] = [];
      for (const size of sizes) asked.push(await ask(size, withinMs));
      const after = await ask(CONTROL_SIZE, withinMs);
      return { unit, sources: resolver.sources, sizes: asked, controls: [before, after] };
    } finally {
      await resolver.close();
    }
  } catch (error) {
    return { unit, sources: [], sizes: [], controls: [], problem: (error as Error).message };
  }
}

/** `s4096-n….v4.<origin>`; both families may be used at the origin itself. */
export function nameOf(size: number, run: string, family: Family, origin: string): string {
  const zone = family === 'any' ? origin : `v${family}.${origin}`;
  return `s${size}-${formatRun(run)}.${zone}`;
}
