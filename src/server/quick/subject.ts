/**
 * Subject: what a query name stands for, as far as that chooses a template (DESIGN: names; receipts and gates).
 *
 * Reads octets where they stand and fills itself anew for each query. What it cannot tell at a glance has kind 0: the general way knows.
 */
import type { Behavior } from '../../behaviors/behavior.ts';
import { BEHAVIORS, behaviorOfCode, findClaim } from '../../behaviors/table.ts';
import { type MutableGate, makeMutableGate, readGateInto } from '../../zone/gate.ts';
import { type MutableReceipt, makeMutableReceipt, readReceiptInto } from '../../zone/receipt.ts';
import { isSpareLabel, parseRun } from '../../zone/test-name.ts';
import { openTokenInto, TOKEN_CHARACTERS, TOKEN_OCTETS } from '../../zone/token.ts';
import type { TokenMacs } from '../trial-context.ts';
import { readTest, TOKEN } from '../trial-name.ts';
import { LOWER, QUESTION_AT, type QuickQuery } from './quick-query.ts';
import { type QuickZone, type QuickZones, zoneOf } from './quick-zones.ts';
import { TEMPLATE_KIND } from './template.ts';

/** A label's test without its run, as far as templates care. */
interface KnownTest {
  readonly behavior: Behavior;
  readonly n: number;
  readonly state: number;
}

const PLAIN_ZONE = { isAgent: false, hasFamily: true, made: undefined };
const MAX_KNOWN_TESTS = 4096;
const RUN_OCTETS = 6;
/** `-n`, a digit 0 to 7, nine characters of base32hex. */
const RUN_TOKEN = 12;
const ASTERISK = 0x2a;
const HYPHEN = 0x2d;
const ZERO = 0x30;
const SEVEN = 0x37;
const LETTER_G = 0x67;
const LETTER_N = 0x6e;
const LETTER_O = 0x6f;
const LETTER_R = 0x72;
const LETTER_V = 0x76;
const UNDERSCORE = 0x5f;
const CHARACTERS = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet));
const BASE32HEX = Int8Array.from({ length: 256 }, (_, octet) =>
  '0123456789abcdefghijklmnopqrstuv'.indexOf(CHARACTERS[octet]!),
);
/** First letters of the labels that mean something: tests, spare labels, runs, tokens. */
const MEANINGFUL = Uint8Array.from({ length: 256 }, (_, octet) =>
  Number([...BEHAVIORS.map(({ syntax }) => syntax[0]), 'o', 'n', 'g', 'r'].includes(CHARACTERS[octet]!)),
);

export class Subject {
  /** Of TEMPLATE_KIND; 0 where the general way must see for itself. */
  kind = 0;
  zone: QuickZone | undefined;
  behavior: Behavior | undefined;
  n = 0;
  state = 0;
  /** Whether the name carries a run; then `run` holds it. */
  hasRun = false;
  readonly run = new Uint8Array(RUN_OCTETS);
  readonly gate: MutableGate = makeMutableGate();
  readonly receipt: MutableReceipt = makeMutableReceipt();
  private readonly content = new Uint8Array(TOKEN_OCTETS);
  private readonly tests = [new Map<string, KnownTest>(), new Map<string, KnownTest>()];
  private readonly macs: TokenMacs;

  constructor(macs: TokenMacs) {
    this.macs = macs;
  }

  /** @param now milliseconds since the epoch */
  read(query: QuickQuery, zones: QuickZones, localIndex: number, now: number): void {
    this.kind = 0;
    this.hasRun = false;
    const zone = zoneOf(zones, query);
    this.zone = zone;
    if (zone === undefined) this.kind = TEMPLATE_KIND.elsewhere;
    else if (query.labels > zone.labels && zone.isPlain && zone.servedAt[localIndex])
      this.readBelow(query, zone, now);
  }

  private readBelow(query: QuickQuery, zone: QuickZone, now: number): void {
    const { octets, start } = query;
    const at = start + QUESTION_AT;
    const length = octets[at]!;
    const letter = LOWER[octets[at + 1]!]!;
    if ((length === 1 && letter === ASTERISK) || letter === UNDERSCORE) return;
    const below = query.labels - zone.labels;
    const top = LOWER[octets[at + query.labelAt[below - 1]! + 1]!]!;
    if (zone.familyLetters === undefined || zone.familyLetters.has(top)) return;
    if (below > 1) {
      const second = LOWER[octets[at + query.labelAt[below - 1]! + 1]!];
      const isRunOrSpare = below === 2 && (second === LETTER_N || second === LETTER_O);
      const isProof = length === 1 + TOKEN_CHARACTERS && letter === LETTER_V;
      if (!isRunOrSpare && !isProof && !zone.has(query)) this.kind = TEMPLATE_KIND.denial;
      return;
    }
    this.readFirst(octets, at, zone, now);
    if (this.kind === TEMPLATE_KIND.denial && zone.has(query)) this.kind = 0;
  }

  /** The only label below the apex. @param at its length octet */
  private readFirst(octets: Uint8Array, at: number, zone: QuickZone, now: number): void {
    const length = octets[at]!;
    const letter = LOWER[octets[at + 1]!]!;
    const isToken = length === 1 + TOKEN_CHARACTERS;
    if (isToken && letter === LETTER_G) this.readGate(octets, at + 2, zone, now);
    else if (isToken && letter === LETTER_R) this.readReceipt(octets, at + 2, zone, now);
    else if (MEANINGFUL[letter]) this.readLabel(octets, at + 1, length, zone);
    else this.kind = TEMPLATE_KIND.denial;
  }

  private readGate(octets: Uint8Array, at: number, zone: QuickZone, now: number): void {
    const { gate, content } = this;
    if (!openTokenInto(octets, at, zone.apex, this.macs.gate, content)) this.kind = TEMPLATE_KIND.denial;
    if (this.kind !== 0 || !readGateInto(content, now, gate)) return;
    const behavior = behaviorOfCode(gate.behavior);
    if (!behavior?.answers || behavior.handOver) return;
    this.kind = TEMPLATE_KIND.gate;
    this.take(behavior, gate.n, gate.state);
    this.hasRun = true;
    this.run.set(gate.run);
  }

  private readReceipt(octets: Uint8Array, at: number, zone: QuickZone, now: number): void {
    const { receipt, content } = this;
    if (!openTokenInto(octets, at, zone.apex, this.macs.receipt, content)) this.kind = TEMPLATE_KIND.denial;
    if (this.kind !== 0 || !readReceiptInto(content, now, receipt)) return;
    this.kind = TEMPLATE_KIND.receipt;
    this.run.set(receipt.run);
    this.hasRun = receipt.run.some((octet) => octet !== 0);
  }

  private readLabel(octets: Uint8Array, at: number, length: number, zone: QuickZone): void {
    const end = at + length;
    const hasRun = length > RUN_TOKEN && this.readRun(octets, end - RUN_TOKEN);
    const text = textOf(octets, at, hasRun ? end - RUN_TOKEN : end);
    const test = this.testOf(text, zone.isHostile);
    if (test === 'absent') this.kind = TEMPLATE_KIND.denial;
    if (typeof test === 'string') return;
    this.kind = TEMPLATE_KIND.label;
    this.hasRun = hasRun;
    this.take(test.behavior, test.n, test.state);
  }

  private take(behavior: Behavior, n: number, state: number): void {
    this.behavior = behavior;
    this.n = n;
    this.state = state;
  }

  /** Whether `-n…` stands here; then `run` holds its 48 bits. */
  private readRun(octets: Uint8Array, at: number): boolean {
    const { run } = this;
    const digit = octets[at + 2]!;
    if (octets[at] !== HYPHEN || LOWER[octets[at + 1]!] !== LETTER_N || digit < ZERO || digit > SEVEN)
      return false;
    let held = digit - ZERO;
    let bits = 3;
    let place = 0;
    for (let k = at + 3; k < at + RUN_TOKEN; k++) {
      const value = BASE32HEX[LOWER[octets[k]!]!]!;
      if (value < 0) return false;
      held = (held << 5) | value;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        run[place++] = held >> bits;
        held &= (1 << bits) - 1;
      }
    }
    return true;
  }

  private testOf(text: string, isHostile: boolean): KnownTest | 'absent' | 'general' {
    const tests = this.tests[Number(isHostile)]!;
    const known = tests.get(text);
    if (known) return known;
    const read = readTest(text, isHostile);
    // Not remembered: anybody can ask for any number of them.
    if (read === undefined) return hasMeaning(text) ? 'general' : 'absent';
    const isQuick = !('error' in read) && read.run === '' && read.behavior.answers;
    if (!isQuick) return 'general';
    if (tests.size >= MAX_KNOWN_TESTS) tests.clear();
    const test = { behavior: read.behavior, n: read.trial.n, state: read.trial.state };
    tests.set(text, test);
    return test;
  }
}

/** Whether a behavior takes it as a whole name. Zones that were made, and the agent's, are not looked at here. */
function isClaimed(label: string): boolean {
  return findClaim([label], PLAIN_ZONE) !== undefined;
}

function hasMeaning(label: string): boolean {
  return isClaimed(label) || TOKEN.test(label) || isSpareLabel(label) || parseRun(label) !== undefined;
}

function textOf(octets: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += CHARACTERS[LOWER[octets[at]!]!];
  return text;
}
