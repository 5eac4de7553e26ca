/** THE TABLE of profiles of a key roll: when each phase begins, and what a resolver needs to keep up (RFC 5011 §2, RFC 7583). */

/** What a resolver that follows at this pace is told, seconds. Absent where its own 30 days will do. */
export interface Pace {
  /** How long a new key must be seen before it counts, and a revoked one is remembered (RFC 5011 §2.4). */
  readonly holdDown: number;
  /** How often it asks for the keys: half of their TTL. */
  readonly refresh: number;
  /** What it takes for a day. */
  readonly day: number;
  /** How often it says which anchors it has (RFC 8145). */
  readonly telemetry: number;
}

export interface Profile {
  readonly name: string;
  readonly summary: string;
  /** `minted`: the label says when; `weekly`: the label is the day; `always`: one zone that rolls without end. */
  readonly kind: 'minted' | 'weekly' | 'always';
  /** Seconds after the start at which each phase begins; init lasts until the first and, but for `always`, before the start. */
  readonly offsets: {
    readonly prepub: number;
    readonly rolled: number;
    readonly revoked: number;
    readonly removed: number;
  };
  /** Seconds from one start to the next; `always` alone rolls again. */
  readonly period?: number;
  /** Of DNSKEY, seconds. */
  readonly ttl: number;
  /** That a zone may be signed with, the usual one first. */
  readonly algorithms: readonly RollAlgorithm[];
  readonly pace?: Pace;
  /** How far back the inception of its signatures lies, seconds: a clock that a drill has set is not to fail on them. */
  readonly backdate: number;
}

export const ROLL_ALGORITHMS = [13, 15, 8] as const;
export type RollAlgorithm = (typeof ROLL_ALGORITHMS)[number];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A zone lives this long before and after its start. */
export const LIFETIME_DAYS = 366;
/** As long as a resolver may need once TTLs are over: no signature ends within a roll (RFC 5011 §2.3 halves the time left). */
export const VALIDITY_SECONDS = 100 * DAY;

export const PROFILES: readonly Profile[] = [
  {
    name: 'fast',
    summary: 'a whole roll in 50 s',
    kind: 'minted',
    offsets: { prepub: 8, rolled: 24, revoked: 36, removed: 50 },
    ttl: 2,
    algorithms: ROLL_ALGORITHMS,
    pace: { holdDown: 8, refresh: 1, day: 2, telemetry: 3 },
    backdate: DAY,
  },
  {
    name: 'standard',
    summary: 'a whole roll in 150 s',
    kind: 'minted',
    offsets: { prepub: 20, rolled: 75, revoked: 105, removed: 150 },
    ttl: 5,
    algorithms: ROLL_ALGORITHMS,
    pace: { holdDown: 20, refresh: 2, day: 5, telemetry: 3 },
    backdate: DAY,
  },
  {
    name: 'hour',
    summary:
      'a roll each hour on the clock (UTC), without end: the new key of one hour is the old key of the next',
    kind: 'always',
    // 25 minutes for a hold-down of 10, so that one lost fetch, which starts it anew, is forgiven.
    offsets: { prepub: 5 * MINUTE, rolled: 30 * MINUTE, revoked: 40 * MINUTE, removed: 50 * MINUTE },
    period: HOUR,
    ttl: 60,
    algorithms: [13],
    pace: { holdDown: 10 * MINUTE, refresh: 30, day: 60, telemetry: 60 },
    backdate: DAY,
  },
  {
    name: 'calendar',
    summary:
      'a roll in 75 days for resolvers with the usual hold-down of 30 days: a new zone each Monday (UTC)',
    kind: 'weekly',
    offsets: { prepub: 7 * DAY, rolled: 45 * DAY, revoked: 60 * DAY, removed: 75 * DAY },
    ttl: 60,
    algorithms: [13],
    // Inception lies before the start as long as the zone lives.
    backdate: (LIFETIME_DAYS + 1) * DAY,
  },
];

export function findProfile(name: string): Profile | undefined {
  return PROFILES.find((profile) => profile.name === name);
}
