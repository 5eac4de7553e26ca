/** What a zone that rolls its key says of itself, and a fresh one of its anchor: lines of text, each clear without the others. */
import { dsDigest } from '../../dnssec/digest.ts';
import { revokedKeyTag, type SigningKey } from '../../dnssec/key.ts';
import { parseName } from '../../wire/name.ts';
import { anchorIn } from './keys.ts';
import { type RollPhase, scheduleOf } from './phase.ts';
import type { Profile } from './profile.ts';
import type { Roll } from './roll.ts';

const DIGEST_TYPE = 2;

/** A DNSKEY record on one line, without TTL (RFC 4034 §2.2). */
function dnskeyLine(zone: string, { flags, algorithm, publicKey }: SigningKey): string {
  return `${zone} IN DNSKEY ${flags} 3 ${algorithm} ${Buffer.from(publicKey).toString('base64')}`;
}

/** The DS record of a key on one line (RFC 4034 §5.3). */
function dsLine(zone: string, { keyTag, algorithm, rdata }: SigningKey): string {
  const digest = Buffer.from(dsDigest(DIGEST_TYPE, parseName(zone), rdata))
    .toString('hex')
    .toUpperCase();
  return `${zone} IN DS ${keyTag} ${algorithm} ${DIGEST_TYPE} ${digest}`;
}

/** A time to the second, UTC. */
export function utc(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

const PHASE_WORDS: Readonly<Record<RollPhase, string>> = {
  init: 'the old key alone',
  prepub: 'both keys, the old one signs',
  rolled: 'both keys, the new one signs',
  revoked: 'the old key revoked, both sign',
  removed: 'the new key alone',
};

/** States of the old and of the new key (RFC 7583 §3.1, RFC 5011 §4). */
const STATES: Readonly<Record<RollPhase, readonly [old: string, fresh: string]>> = {
  init: ['active', 'not yet published'],
  prepub: ['active', 'published'],
  rolled: ['retired', 'active'],
  revoked: ['revoked', 'active'],
  removed: ['removed', 'active'],
};

/** What lines begin with, in the order in which people read them: records of one RRset arrive in any. */
export const LINE_KEYS = [
  'zone',
  'profile',
  'phase',
  'start',
  'since',
  'next',
  'old key',
  'new key',
  'zone signing key',
  'anchor (old key)',
  'anchor (new key)',
  'go on',
] as const;
export type LineKey = (typeof LINE_KEYS)[number];

export function goOnText(zone: string): string {
  return `padzone roll status ${zone} (or ask TXT status.${zone})`;
}

/** What `status.<zone>` says. */
export function statusLines(roll: Roll): string[] {
  const { zone, label, stage, keys } = roll;
  const { phase, since, next } = stage;
  const [old, fresh] = STATES[phase];
  return [
    `zone: ${zone}`,
    `profile: ${profileText(label.profile)}`,
    `phase: ${phase} (${PHASE_WORDS[phase]})`,
    since === undefined ? `start: ${utc(label.startAt)}` : `since: ${utc(since)}`,
    next ? `next: ${next.phase} at ${utc(next.at)}` : 'next: no change any more',
    `old key: tag ${keys.old.keyTag}, ${old}${phase === 'revoked' ? ` as tag ${revokedKeyTag(keys.old.rdata)}` : ''}`,
    `new key: tag ${keys.fresh.keyTag}, ${fresh}`,
    `zone signing key: tag ${keys.data.keyTag}, active`,
    ...anchorRecords(roll),
  ];
}

/** What somebody is told who is about to follow. */
export function anchorLines(roll: Roll): string[] {
  const { zone, label } = roll;
  const more = `go on: ${goOnText(zone)}`;
  // One that rolls without end has no start that he could wait for.
  if (label.profile.kind === 'always') return [...statusLines(roll), more];
  const start = scheduleOf(label.profile, label.startAt)
    .map(({ phase, at }, index) => (index === 0 ? utc(at) : `${phase} ${utc(at)}`))
    .join(', ');
  const profile = `profile: ${profileText(label.profile)}`;
  return [`zone: ${zone}`, profile, `start: ${start}`, ...anchorRecords(roll), more];
}

function anchorRecords({ zone, stage, keys }: Roll): string[] {
  const anchor = anchorIn(stage.phase, keys);
  const key = anchor === keys.old ? 'anchor (old key)' : 'anchor (new key)';
  return [`${key}: ${dnskeyLine(zone, anchor)}`, `${key}: ${dsLine(zone, anchor)}`];
}

function profileText({ name, ttl, pace }: Profile): string {
  return `${name}, DNSKEY TTL ${ttl} s, hold-down ${pace ? `${pace.holdDown} s` : '30 days'}`;
}
