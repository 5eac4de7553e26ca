/**
 * Labels of zones that roll their key: the label says all that a server needs to know (DESIGN: key roll).
 *
 *     <profile>-<YYYYMMDDHHMMSS>-a<algorithm>-<seal>   a minted zone: start in UTC; 40 bits of a keyed hash, so that only we mint
 *     <YYYY-MM-DD>                                     a weekly one: a Monday, midnight UTC
 *     <profile>                                        one that rolls without end
 */
import { latin1 } from '../../wire/name.ts';
import { formatBase32hex } from '../base32hex.ts';
import type { Mac } from '../mac.ts';
import { findProfile, LIFETIME_DAYS, PROFILES, type Profile, type RollAlgorithm } from './profile.ts';

export interface RollLabel {
  readonly text: string;
  readonly profile: Profile;
  /** Milliseconds since the epoch, a whole second; 0 where the zone rolls without end. */
  readonly startAt: number;
  readonly algorithm: RollAlgorithm;
  /** As claimed; empty where the label needs none. */
  readonly seal: string;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-05, the first Monday. */
const FIRST_MONDAY = 4 * DAY_MS;
const SEAL_OCTETS = 5;
const MINTED = /^([a-z]+)-(\d{14})-a(\d{1,2})-([0-9a-v]{8})$/;
const WISH = /^([a-z]+)(?:-a(\d{1,2}))?$/;
/** From a weekly zone's anchor to its new key: time to paste, and to show the old key alone, without which BIND trusts both at once. */
const ALONE_MS = 2 * DAY_MS;
/** Time to paste an anchor before a minted zone starts. */
const LEAD_MS = 600_000;
const WEEKLY = /^2\d{3}-\d\d-\d\d$/;

/** Characters that a label can begin with. */
export const ROLL_LETTERS = [
  ...new Set(PROFILES.map(({ kind, name }) => (kind === 'weekly' ? '2' : name[0]!))),
].join('');

/** Reads a label in lower case, undefined where it is none; whether the seal is ours is not looked at. */
export function parseRollLabel(text: string): RollLabel | undefined {
  return parseMinted(text) ?? parseWeekly(text) ?? parseAlways(text);
}

function parseMinted(text: string): RollLabel | undefined {
  const [, name = '', digits = '', number = '', seal = ''] = MINTED.exec(text) ?? [];
  const profile = findProfile(name);
  const algorithm = profile?.algorithms.find((one) => `${one}` === number);
  const startAt = Date.parse(digits.replace(/^(.{4})(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));
  // Date.parse takes 24:00 and, in some engines, the 31st of every month.
  if (profile?.kind !== 'minted' || algorithm === undefined || startDigits(startAt) !== digits)
    return undefined;
  return { text, profile, startAt, algorithm, seal };
}

function parseWeekly(text: string): RollLabel | undefined {
  const startAt = WEEKLY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const profile = PROFILES.find(({ kind }) => kind === 'weekly');
  if (!profile || mondayFrom(startAt) !== startAt || weeklyLabel(startAt) !== text) return undefined;
  return { text, profile, startAt, algorithm: profile.algorithms[0]!, seal: '' };
}

function parseAlways(text: string): RollLabel | undefined {
  const profile = findProfile(text);
  if (profile?.kind !== 'always') return undefined;
  return { text, profile, startAt: 0, algorithm: profile.algorithms[0]!, seal: '' };
}

/**
 * A label of our own.
 * @param startAt milliseconds since the epoch; the second it lies in counts
 * @param parent name of the zone above, lower case with final dot: another origin, another seal
 * @param mac for purpose `zone`
 */
export function mintLabel(
  profile: Profile,
  startAt: number,
  algorithm: RollAlgorithm,
  parent: string,
  mac: Mac,
): string {
  const stem = `${profile.name}-${startDigits(startAt)}-a${algorithm}`;
  return `${stem}-${sealOf(stem, parent, mac)}`;
}

/** Whether the label was minted with this secret for this parent; true for those that need no seal. */
export function isOurs({ text, seal }: RollLabel, parent: string, mac: Mac): boolean {
  return seal === '' || sealOf(text.slice(0, -seal.length - 1), parent, mac) === seal;
}

/** Whether the zone exists: its start is at most a year away. */
export function isAlive({ profile, startAt }: RollLabel, now: number): boolean {
  return profile.kind === 'always' || Math.abs(startAt - now) <= LIFETIME_DAYS * DAY_MS;
}

/**
 * The label that a wish leads to, undefined where there is none: `hour`, `calendar` (the one that rolls first of those that have the old
 * key alone for two days more), else a profile to mint with (`fast`, `fast-a15`).
 * @param startAt of a minted one, milliseconds since the epoch; ten minutes from now if absent
 */
export function labelFor(
  wish: string,
  now: number,
  parent: string,
  mac: Mac,
  startAt = now + LEAD_MS,
): RollLabel | undefined {
  const [, name = '', number] = WISH.exec(wish) ?? [];
  const profile = findProfile(name);
  const algorithm = profile?.algorithms.find((one) => number === undefined || `${one}` === number);
  if (!profile || algorithm === undefined) return undefined;
  const text = {
    always: () => profile.name,
    weekly: () => weeklyLabel(mondayFrom(now + ALONE_MS - profile.offsets.prepub * 1000)),
    minted: () => mintLabel(profile, startAt, algorithm, parent, mac),
  }[profile.kind]();
  return parseRollLabel(text);
}

function sealOf(stem: string, parent: string, mac: Mac): string {
  return formatBase32hex(mac.hash(latin1(`roll ${stem}.${parent}`)).subarray(0, SEAL_OCTETS));
}

function startDigits(startAt: number): string {
  return Number.isNaN(startAt) ? '' : new Date(startAt).toISOString().slice(0, 19).replace(/\D/g, '');
}

/** The first Monday, midnight UTC, at or after `at`. */
export function mondayFrom(at: number): number {
  return Math.ceil((at - FIRST_MONDAY) / WEEK_MS) * WEEK_MS + FIRST_MONDAY;
}

export function weeklyLabel(startAt: number): string {
  return new Date(startAt).toISOString().slice(0, 10);
}
