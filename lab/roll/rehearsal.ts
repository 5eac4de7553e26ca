/** A zone that rolls its key for one run of the lab: its times, and the anchor to start from (RFC 5011). */
import { makeMac } from '../../src/zone/mac.ts';
import { mintLabel, mondayFrom, weeklyLabel } from '../../src/zone/roll/label.ts';
import type { RollPhase } from '../../src/zone/roll/phase.ts';
import { findProfile, type Profile, type RollAlgorithm } from '../../src/zone/roll/profile.ts';
import { readAnchor, type TrustAnchor } from '../../test/support/resolvers/anchor.ts';
import type { Lab } from '../contract.ts';

export interface Rehearsal {
  /** Without the final dot. */
  readonly zone: string;
  readonly profile: Profile;
  /** Milliseconds since the epoch by the servers' clock. */
  readonly startAt: number;
  readonly anchor: Anchor;
}

/** The old KSK. */
export interface Anchor extends TrustAnchor {
  /** A DNSKEY record on one line. */
  readonly dnskey: string;
}

/** A zone that starts at `startAt`, or at the Monday on or after it where the profile is weekly. */
export async function mintRehearsal(
  lab: Lab,
  profileName: string,
  startAt: number,
  algorithm: RollAlgorithm = 13,
): Promise<Rehearsal> {
  const profile = findProfile(profileName)!;
  const parent = `roll.${lab.origin}`;
  const isWeekly = profile.kind === 'weekly';
  const start = isWeekly ? mondayFrom(startAt) : Math.floor(startAt / 1000) * 1000;
  const label = isWeekly
    ? weeklyLabel(start)
    : mintLabel(profile, start, algorithm, `${parent}.`, makeMac(lab.secret, 'zone'));
  const zone = `${label}.${parent}`;
  return { zone, profile, startAt: start, anchor: await fetchAnchor(lab, zone) };
}

/** Asks a server, as somebody without the secret must. */
async function fetchAnchor(lab: Lab, zone: string): Promise<Anchor> {
  const [server] = lab.servers;
  const found = await lab.dig({ server: server!.address, name: zone, type: 'DNSKEY', args: ['+norec'] });
  const keys = found.answer.filter(({ type, rdata }) => type === 'DNSKEY' && rdata.startsWith('257 '));
  const [key] = keys;
  if (key === undefined || keys.length > 1)
    throw new Error(`${zone} has ${keys.length} KSKs before its start, want one:\n${found.raw}`);
  const dnskey = `${zone}. IN DNSKEY ${key.rdata}`;
  return { ...readAnchor(dnskey), dnskey };
}

export const keyTagOf = ({ ds: [tag] }: TrustAnchor) => Number(tag);

/** Seconds after the start at which a phase begins; the first has no beginning. */
export function beginOf({ offsets }: Profile, phase: RollPhase): number {
  return phase === 'init' ? Number.NEGATIVE_INFINITY : offsets[phase];
}
