/**
 * Floods: queries that cost a stranger nothing and teach nobody anything are counted, not kept, beyond so many of one network,
 * class and second (DESIGN: observation).
 *
 * Never counted only: what trials are made of (observe/trial.ts). A measured answer, a receipt, a cookie, a step of the ladder or the
 * name in an answer that came back, and an answer or a connection that our own limits cut off each decide a verdict.
 */
import { errorReport } from '../behaviors/error-report.ts';
import { live } from '../behaviors/live.ts';
import { sentinel } from '../behaviors/sentinel.ts';
import { telemetry } from '../behaviors/telemetry.ts';
import { BEHAVIOR_NAMES } from '../record/encode.ts';
import { ACTIONS, EXCLUDED, FIELD, FLAGS, MARKS, PROOFS, STEPS } from '../record/layout.ts';
import { SIGNALS } from '../zone/made.ts';

/** Rows of one network, class and second that are kept. */
export const KEPT_ROWS = 20;
/** Those of a network from which a proven query came within the last minute: a resolver that many measure through at once. */
export const KEPT_ROWS_PROVEN = 1000;
const PROVEN_SECONDS = 60;

const REFUSE = ACTIONS.indexOf('refuse');
const TC = ACTIONS.indexOf('tc');
const BADCOOKIE = ACTIONS.indexOf('badcookie');
const DROP = ACTIONS.indexOf('drop');
const BUDGET = EXCLUDED.indexOf('budget');
const GATE = STEPS.indexOf('gate');
const MEASURED = STEPS.indexOf('measured');
const PROVING = STEPS.indexOf('proof');
const OWN = SIGNALS.indexOf('own');
const NO_PROOF = PROOFS.indexOf('none');
const RECENT = PROOFS.indexOf('recent');
/** Told to come back over TCP, it is no report yet (RFC 9567 §9). */
const REPORT = errorReport.code;
/** What tests of keys ask for. */
const OF_KEYS: readonly number[] = [
  ...[live.code, sentinel.code, telemetry.code],
  BEHAVIOR_NAMES.indexOf('replica'),
];

/** Whether a verdict may depend on this row. */
export function decidesTrial(octets: Uint8Array, at: number): boolean {
  return (
    octets[at + FIELD.step] === MEASURED ||
    isOwnProof(octets, at) ||
    (octets[at + FIELD.marks]! & (MARKS.receipt | MARKS.cookieInstance)) !== 0 ||
    octets[at + FIELD.proven] !== 0 ||
    octets[at + FIELD.proven + 1] !== 0 ||
    (octets[at + FIELD.action] === DROP && octets[at + FIELD.excluded] === BUDGET)
  );
}

/** A client came back with the name from an answer, through the address that the answer was sent to. */
function isOwnProof(octets: Uint8Array, at: number): boolean {
  return octets[at + FIELD.step] === PROVING && octets[at + FIELD.signal] === OWN;
}

/**
 * 1 refused, 2 cut short by our limits or a report that has no proof, 3 a gate for a stranger, 4 a test of keys by a stranger; 0 for
 * what is always kept.
 */
export function floodClass(octets: Uint8Array, at: number): 0 | 1 | 2 | 3 | 4 {
  if (decidesTrial(octets, at)) return 0;
  const action = octets[at + FIELD.action];
  if (action === REFUSE) return 1;
  const behavior = octets[at + FIELD.behavior]!;
  const isOurDoing = octets[at + FIELD.excluded] === BUDGET || behavior === REPORT;
  if (action === BADCOOKIE || (action === TC && isOurDoing)) return 2;
  if (octets[at + FIELD.proof] !== NO_PROOF) return 0;
  if (octets[at + FIELD.step] === GATE) return 3;
  return OF_KEYS.includes(behavior) ? 4 : 0;
}

export interface Flood {
  /** Fixed fields of the first row that was only counted. */
  readonly first: Uint8Array;
  /** Rows that were only counted. */
  readonly count: number;
}

export interface FloodTable {
  /** Notes a row; true where it is only counted. After another `second` than before, `take` comes first. */
  counts(octets: Uint8Array, at: number, second: number): boolean;
  /** What was only counted since the last call. */
  take(): Flood[];
}

/** Entries of the table; where all four places of a network are taken it is not counted, and its rows are kept. */
const ENTRIES = 8192;
const PLACES = 4;
const PROVEN_ENTRIES = 16_384;

/** @param seed any number nobody else knows, so that nobody can aim at one place of the table */
export function makeFloodTable(seed: number): FloodTable {
  const high = new Int32Array(ENTRIES);
  const low = new Int32Array(ENTRIES);
  const seconds = new Uint32Array(ENTRIES);
  const counts = new Uint32Array(ENTRIES);
  const provenAt = new Uint32Array(PROVEN_ENTRIES);
  const floods = new Map<number, { readonly first: Uint8Array; count: number }>();

  function entryOf(networkHigh: number, networkLow: number, hash: number, second: number): number {
    for (let place = 0; place < PLACES; place++) {
      const entry = (hash + place) & (ENTRIES - 1);
      if (seconds[entry] === second && high[entry] === networkHigh && low[entry] === networkLow) return entry;
      if (seconds[entry] !== second) {
        seconds[entry] = second;
        high[entry] = networkHigh;
        low[entry] = networkLow;
        counts[entry] = 0;
        return entry;
      }
    }
    return -1;
  }

  return {
    counts(octets, at, second) {
      const top = topOf(octets, at + FIELD.src);
      const rest = restOf(octets, at);
      const network = mix(mix(seed ^ top) ^ rest);
      if (isProven(octets, at)) provenAt[network & (PROVEN_ENTRIES - 1)] = second;
      const kind = floodClass(octets, at);
      const entry = kind === 0 ? -1 : entryOf(top | (kind << 24), rest, mix(network ^ kind), second);
      if (entry < 0) return false;
      const count = ++counts[entry]!;
      const wasProven = second - provenAt[network & (PROVEN_ENTRIES - 1)]! <= PROVEN_SECONDS;
      if (count <= (wasProven ? KEPT_ROWS_PROVEN : KEPT_ROWS)) return false;
      const known = floods.get(entry);
      if (known) known.count += 1;
      else floods.set(entry, { first: octets.slice(at, at + FIELD.tail), count: 1 });
      return true;
    },
    take() {
      const taken = [...floods.values()];
      floods.clear();
      return taken;
    },
  };
}

// The network as two numbers: its first 24 bits, and whether it is IPv6 with the 24 that follow.
function topOf(octets: Uint8Array, src: number): number {
  return (octets[src]! << 16) | (octets[src + 1]! << 8) | octets[src + 2]!;
}

function restOf(octets: Uint8Array, at: number): number {
  const isIpv6 = (octets[at + FIELD.flags]! & FLAGS.ipv6) !== 0;
  return isIpv6 ? (1 << 24) | topOf(octets, at + FIELD.src + 3) : 0;
}

function isProven(octets: Uint8Array, at: number): boolean {
  const proof = octets[at + FIELD.proof];
  return (proof !== NO_PROOF && proof !== RECENT) || isOwnProof(octets, at);
}

/** Spreads a number over 32 bits (the finalizer of MurmurHash3). */
function mix(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
