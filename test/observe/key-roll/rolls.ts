/** Rows of key rolls for tests: what each resolver was measured to send, second by second, to a zone of profile `fast`. */
import type { Observation } from '../../../src/observe/observation.ts';
import { parseRollLabel } from '../../../src/zone/roll/label.ts';
import { stageAt } from '../../../src/zone/roll/phase.ts';
import { observation, SOURCE, START } from '../rows.ts';

/** Starts at START: 15:00:00. Phases begin at 0, 8, 24, 36 and 50 s; TTL 2 s, hold-down 8 s. */
export const ZONE = 'fast-20261123150000-a13-0123abcd.roll.probe.example.';
/** The same with RSA keys, whose DNSKEY is above 1232 octets in the revocation. */
export const RSA_ZONE = ZONE.replace('a13', 'a8');
/** An answer with TC=1. */
export const CUT = { tc: true, action: 'tc' } as const;
/** The last phase is over for a while. */
export const AFTER = START + 120_000;

const TYPE = { A: 1, NULL: 10, TXT: 16, DNSKEY: 48 } as const;

/** What a resolver sends along with everything. */
export const MANNERS = {
  unbound: { cd: true, edns_udp: 1232, edns_options: [] },
  bind: { cd: true, edns_udp: 1232, edns_options: [10], cookie: 'valid' },
  knot: { cd: true, edns_udp: 1232, edns_options: [] },
  powerdns: { cd: false, edns_udp: 1232, edns_options: [] },
} as const satisfies Record<string, Partial<Observation>>;

/** Rows with ascending `seq`, `at` seconds after the start of the roll, each in the phase of its time. */
export function rolling(manner: Partial<Observation> = MANNERS.unbound, zone = ZONE, src = SOURCE) {
  let seq = 0;
  const label = parseRollLabel(zone.split('.')[0]!);
  const row = (at: number, changes: Partial<Observation>): Observation => {
    seq += 1;
    const time = START + at * 1000;
    const phase = label ? stageAt(label.profile, label.startAt, time).phase : 'init';
    return observation({ time, seq, src, zone, phase, edns_do: true, ...manner, ...changes });
  };
  const bogus = { zone: 'bogus.probe.example.', phase: '', excluded: 'fault', behavior: 'live' } as const;
  return {
    row,
    fetch: (at: number, changes: Partial<Observation> = {}) =>
      row(at, { qname: zone, qtype: TYPE.DNSKEY, res_len: 400, ...changes }),
    signal: (at: number, signal: Observation['signal'], changes: Partial<Observation> = {}) =>
      row(at, { behavior: 'telemetry', signal, qname: `_ta-b5ea.${zone}`, qtype: TYPE.NULL, ...changes }),
    live: (at: number, changes: Partial<Observation> = {}) =>
      row(at, { behavior: 'live', qname: `live.${zone}`, qtype: TYPE.TXT, ...changes }),
    proof: (at: number, changes: Partial<Observation> = {}) =>
      row(at, {
        ...{ behavior: 'live', step: 'proof', signal: 'own', qtype: TYPE.TXT, qname: `v0.live.${zone}` },
        ...changes,
      }),
    bogus: (at: number, changes: Partial<Observation> = {}) =>
      row(at, { ...bogus, qname: 'live.bogus.probe.example.', qtype: TYPE.TXT, ...changes }),
    bogusProof: (at: number, changes: Partial<Observation> = {}) =>
      row(at, { ...bogus, step: 'proof', signal: 'own', qname: 'v0.live.bogus.probe.example.', ...changes }),
  };
}

export type Rolling = ReturnType<typeof rolling>;

function every(seconds: number, from: number, to: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / seconds) }, (_, at) => from + at * seconds);
}

/** A client that asks `live` each two seconds, follows the name in it where `answers` says so, and asks the control at first. */
function client(told: Rolling, answers: (at: number) => boolean, to = 60): Observation[] {
  return [
    told.bogus(1),
    told.bogus(30),
    ...every(2, 1, to).flatMap((at) => [told.live(at + 0.2), ...(answers(at) ? [told.proof(at + 0.3)] : [])]),
  ];
}

/** Unbound with auto-trust-anchor-file: probes itself, `_ta` with each fetch, first as A (RFC 9156). */
export function unboundFollows(withClient = false): Observation[] {
  const told = rolling(MANNERS.unbound);
  const listed = (at: number) => (at < 17 ? 'old' : at < 37 ? 'old+new' : 'new');
  return [
    ...every(1, 0, 58).flatMap((at) => [
      told.fetch(at + 0.1),
      told.signal(at + 0.11, listed(at), { qtype: TYPE.A }),
      told.signal(at + 0.12, listed(at)),
    ]),
    ...(withClient ? client(told, () => true) : []),
  ];
}

/** Unbound with trust-anchor-file: fetches when a client asks, and says no more once the zone is bogus to it. */
export function unboundStatic(withClient = false): Observation[] {
  const told = rolling(MANNERS.unbound);
  return [
    ...every(2, 0, 24).flatMap((at) => [
      told.fetch(at + 0.1),
      told.signal(at + 0.11, 'old', { qtype: TYPE.A }),
      told.signal(at + 0.12, 'old'),
    ]),
    ...every(4, 25, 58).flatMap((at) => [told.fetch(at), told.fetch(at + 0.2), told.fetch(at + 0.5)]),
    ...(withClient ? client(told, (at) => at < 24) : []),
  ];
}

/** The same with both keys as DS: it fetches on, as a key that it trusts signs in every phase, and lists both to the end. */
export function unboundStaticBoth(): Observation[] {
  const told = rolling(MANNERS.unbound);
  return every(2, 0, 58).flatMap((at) => [
    told.fetch(at + 0.1),
    told.signal(at + 0.11, 'old+new', { qtype: TYPE.A }),
    told.signal(at + 0.12, 'old+new'),
  ]);
}

/** Unbound with the new key alone as DS, started after the roll. */
export function unboundOfNewKey(): Observation[] {
  const told = rolling(MANNERS.unbound);
  return every(2, 40, 58).flatMap((at) => [told.fetch(at + 0.1), told.signal(at + 0.12, 'new')]);
}

/** BIND that is given the old key when both are published already: it takes both at once, and drops the old one when that is revoked. */
export function bindEntersLate(): Observation[] {
  const told = rolling(MANNERS.bind);
  return [
    ...every(1, 10, 58).map((at) => told.fetch(at + 0.1)),
    ...every(3, 13, 58).map((at) => told.signal(at, at < 37 ? 'old+new' : 'new')),
  ];
}

/** BIND with initial-ds, -T mkeytimers=1/2/8 -T tat=3: refreshes itself, `_ta` as NULL by its own clock. */
export function bindFollows(): Observation[] {
  const told = rolling(MANNERS.bind);
  return [
    ...every(1, 0, 58).map((at) => told.fetch(at + 0.1)),
    ...every(3, 3, 58).map((at) => told.signal(at, at < 19 ? 'old' : at < 37 ? 'old+new' : 'new')),
  ];
}

/** BIND with static-key, or 9.20 with `yes`: `_ta` of the old key until the zone is bogus, then nothing. */
export function bindStatic(): Observation[] {
  const told = rolling(MANNERS.bind);
  return [
    ...every(2, 0, 24).map((at) => told.fetch(at + 0.1)),
    ...every(3, 3, 24).map((at) => told.signal(at, 'old')),
    ...every(2, 25, 58).map((at) => told.fetch(at)),
  ];
}

/** The same where it goes on to say so, as others were seen to. */
export function bindStaticThatTells(): Observation[] {
  const told = rolling(MANNERS.bind);
  return [
    ...every(2, 0, 58).map((at) => told.fetch(at + 0.1)),
    ...every(3, 3, 58).map((at) => told.signal(at, 'old')),
  ];
}

/** Knot Resolver with ta_update: refreshes itself, and sends `_ta` rarely. */
export function knotFollows(signals: readonly number[], withClient: boolean): Observation[] {
  const told = rolling(MANNERS.knot);
  const listed = (at: number) => (at < 17 ? 'old' : at < 38 ? 'old+new' : 'new');
  return [
    ...every(2, 0, 58).map((at) => told.fetch(at + 0.1, { qname: ZONE.replace('roll', 'rOlL') })),
    ...signals.map((at) => told.signal(at, listed(at))),
    ...(withClient ? client(told, () => true) : []),
  ];
}

/** A resolver without EDNS sizes and TCP: the keys of the revocation do not fit. */
export function cutAtRevocation(): Observation[] {
  const told = rolling({ ...MANNERS.unbound, edns_udp: 512 });
  return every(4, 0, 58).map((at) => told.fetch(at + 0.1, at >= 36 ? CUT : {}));
}

/** PowerDNS Recursor: CD=0, no telemetry, DNSKEY when a client needs it. */
export function powerdns(withClient = false): Observation[] {
  const told = rolling(MANNERS.powerdns);
  return [
    ...every(5, 0, 58).flatMap((at) => [told.fetch(at + 0.1), told.live(at + 0.15)]),
    ...(withClient ? client(told, (at) => at < 24) : []),
  ];
}

/** One that does not validate (module-config "iterator"), asked for keys as well, and a client that never goes on from a bogus answer. */
export function unvalidatingAskedForKeys(): Observation[] {
  const told = rolling({ ...MANNERS.unbound, cd: false });
  return [...every(2, 0, 58).map((at) => told.fetch(at + 0.1)), ...client(told, () => true)];
}

/** A resolver that does not validate: passes on what it gets, and has no use for keys. */
export function unvalidating(): Observation[] {
  const told = rolling({ cd: false, edns_do: false });
  return [...client(told, () => true), told.bogusProof(1.1), told.bogusProof(30.1)];
}
