/** Telling: what happened in one trial, moment by moment, in sentences for the administrator of the resolver. */
import { typeText } from '../wire/rdata/table.ts';
import { type Attempt, isProven, type RowId } from './attempt.ts';
import { countUpTo } from './moment.ts';
import type { Observation } from './observation.ts';
import { pathKindOf } from './path-kind.ts';
import { whatLeft } from './telling-left.ts';
import { capital, duration, edns, seconds, transport } from './telling-words.ts';
import { type Trial, WINDOW_MS } from './trial.ts';
import type { Verdict } from './verdict.ts';

export interface Telling {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** One trial, as one of its source addresses is told it. */
interface Scene {
  readonly trial: Trial;
  /** It is called `it`, and the other addresses by their text. */
  readonly source: string;
  readonly rowOf: (id: RowId) => Observation | undefined;
}

/** So many retries, or queries for opening names, that brought nothing are told; of more the last one, and how many lie between. */
const MOST_RETRIES = 4;

/**
 * Everything that shows what became of a trial, in order of time.
 *
 * @param rowOf the rows that the attempts cite
 */
export function tellTrial(
  trial: Trial,
  { outcome, class: name }: Verdict,
  source: string,
  rowOf: (id: RowId) => Observation | undefined,
): Telling[] {
  const scene = { trial, source, rowOf };
  const isOver = outcome === 'failed' || name === 'SILENT';
  return [
    ...tellGates(scene),
    ...tellAttempts(scene),
    ...trial.attempts.flatMap((attempt) => [...tellProof(scene, attempt), ...tellErrors(scene, attempt)]),
    ...trial.broken.map(({ time, src }) => ({
      at: time,
      text: `${who(scene, src)} opened a TCP connection, which ended before a query came over it.`,
    })),
    ...trial.refused.map(({ time, src }) => ({
      at: time,
      text: `This server closed a TCP connection of ${src} at its own limits.`,
    })),
    ...trial.strangers.map(({ time, src }) => ({
      at: time,
      text: `A receipt of this trial came from ${src}, which is not known to belong to it.`,
    })),
    ...trial.late.map(({ time, src }) => ({
      at: time,
      text: `A receipt came from ${src}, too late to say what it proves.`,
    })),
    ...trial.holes.map(({ time, count, node }) => ({
      at: time,
      text: `${count === 1 ? 'A row' : `${count} rows`} of this server (${node}) had been lost by then.`,
    })),
    ...(isOver ? [{ at: trial.lastAt + WINDOW_MS, text: 'Nothing more had come for a minute.' }] : []),
  ].sort((a, b) => a.at - b.at);
}

/** The opening names; further ones of a trial that went on are the same again for another network. */
function tellGates(scene: Scene): Telling[] {
  const { gates, attempts } = scene.trial;
  const told = gates.filter(
    (gate, at) => at === 0 || attempts.length === 0 || gate.action !== 'answer' || gate.excluded !== '',
  );
  const untold = told.length > MOST_RETRIES + 2 ? told.slice(MOST_RETRIES, -1) : [];
  const isUntold = new Set(untold);
  return told.flatMap((gate, at) => {
    if (gate === untold[0]) return [tellManyGates(scene, untold)];
    if (isUntold.has(gate)) return [];
    const what = at === 0 ? `asked for ${nameOf(gate)}` : 'asked for an opening name again';
    const left =
      gate.action === 'answer'
        ? `the small opening answer left, ${gate.res_len} octets`
        : whatLeft(gate, undefined);
    return [
      {
        at: gate.time,
        text: `${who(scene, gate.src)} ${what} over ${transport(gate.proto)} ${edns(gate)}: ${left}.`,
      },
    ];
  });
}

function tellManyGates(scene: Scene, untold: readonly Observation[]): Telling {
  const last = seconds((untold.at(-1)?.time ?? 0) - scene.trial.firstAt);
  return {
    at: untold[0]?.time ?? 0,
    text: `So it went on until ${last}, with ${untold.length} more queries for an opening name.`,
  };
}

function tellAttempts(scene: Scene): Telling[] {
  const { attempts } = scene.trial;
  const retries = attempts.filter((each, at) => at > 0 && !isProven(each) && each.errors.length === 0);
  const untold = retries.length > MOST_RETRIES + 2 ? retries.slice(MOST_RETRIES, -1) : [];
  const isUntold = new Set(untold);
  const offeredBefore = udpOffers(attempts);
  return attempts.flatMap((attempt, at) => {
    if (attempt === untold[0]) return [tellMany(scene, untold)];
    if (isUntold.has(attempt)) return [];
    const row = measuredRow(scene, attempt);
    if (row === undefined) return [tellOrphan(attempt)];
    const left = isAgain(attempts[at - 1], attempt) ? 'TC=1 left again' : whatLeft(row, attempt);
    return [{ at: attempt.at, text: `${howAsked(scene, attempt, row, at, offeredBefore[at])}: ${left}.` }];
  });
}

/** TC=1 as before, and so for the same reason. */
function isAgain(before: Attempt | undefined, { tc, offered, isClean }: Attempt): boolean {
  return before?.tc === true && tc && before.offered === offered && before.isClean && isClean;
}

function tellMany(scene: Scene, untold: readonly Attempt[]): Telling {
  const [first] = untold;
  const overUdp = untold.filter(({ proto }) => proto === 'udp').length;
  const parts = [
    ...(overUdp === 0 ? [] : [`${overUdp} more over UDP`]),
    ...(overUdp === untold.length ? [] : [`${untold.length - overUdp} more over TCP`]),
  ];
  const last = seconds((untold.at(-1)?.at ?? 0) - scene.trial.firstAt);
  return {
    at: first?.at ?? 0,
    text: `So it went on until ${last}, with ${parts.join(' and ')}: nothing shows that the answer arrived.`,
  };
}

function tellOrphan({ at, sent, proto }: Attempt): Telling {
  return {
    at,
    text: `${sent} octets left over ${transport(proto)}: only their receipt says so, because another server sent them, or the row of it is lost.`,
  };
}

/** The query, by what it says about the one before. */
function howAsked(
  scene: Scene,
  attempt: Attempt,
  row: Observation,
  at: number,
  offeredBefore: number | undefined,
): string {
  const { attempts, gates } = scene.trial;
  const before = attempts[at - 1];
  const name = who(scene, attempt.src, false);
  if (before === undefined) {
    if (gates.length > 0)
      return `${capital(name)} followed that over ${transport(attempt.proto)} ${edns(row)}`;
    const proof = PROOF_WORDS[row.proof];
    return `${capital(name)} asked for ${nameOf(row)} over ${transport(attempt.proto)} ${edns(row)}${proof}`;
  }
  const later = `${duration(attempt.at - before.at)} later`;
  const silence = isProven(before) ? '' : 'Nothing came back. ';
  if (attempt.proto !== 'udp') {
    if (before.proto !== 'udp') return `${silence}${capital(name)} asked over TCP again, ${later}`;
    return before.tc
      ? `${capital(name)} asked over TCP, ${later}`
      : `${silence}${capital(name)} asked over TCP of its own accord, ${later}`;
  }
  if (attempt.qtype !== before.qtype)
    return `${capital(name)} asked for TYPE ${typeText(attempt.qtype)} as well, ${later}${ednsAgain(row, offeredBefore)}`;
  const reason = before.tc ? 'No query came over TCP. ' : silence;
  return `${reason}${capital(name)} asked again over UDP, ${later}${ednsAgain(row, offeredBefore)}`;
}

const PROOF_WORDS: Readonly<Record<Observation['proof'], string>> = {
  gate: '',
  cookie: ' and a valid cookie, so at once',
  tcp: '',
  recent: ' from an address known to be real, so at once',
  allow: ' from an address that needs no proof, so at once',
  none: '',
};

/** A receipt; where there is none, a cookie. */
function tellProof(scene: Scene, attempt: Attempt): Telling[] {
  const rows = attempt.rows.flatMap((id) => scene.rowOf(id) ?? []);
  const receipt = rows.find((row) => row.receipt !== null);
  const proof = receipt ?? rows.slice(1).find((row) => row.cookie_instance !== null);
  if (proof === undefined) return [];
  const from = proof.src === attempt.src ? '' : ` from ${proof.src}, another address of this run`;
  const what = attempt.tc ? 'TC=1' : 'the answer';
  const which = isLatest(scene, attempt, proof.time)
    ? ''
    : ` that had left at ${seconds(attempt.at - scene.trial.firstAt)}`;
  const token = receipt === undefined ? 'cookie' : 'receipt';
  return [
    {
      at: proof.time,
      text: `The ${token} of ${what}${which} came back${from}, ${duration(proof.time - attempt.at)} later: it arrived.`,
    },
  ];
}

function tellErrors(scene: Scene, attempt: Attempt): Telling[] {
  return attempt.errors.map((error) => {
    const { time, icmp_from: from, icmp_mtu: mtu } = error;
    const which = isLatest(scene, attempt, time)
      ? ''
      : `, about what had left at ${seconds(attempt.at - scene.trial.firstAt)}`;
    const size = mtu === null ? '' : `, its MTU is ${mtu}`;
    return {
      at: time,
      text: `ICMP came${from === null ? '' : ` from ${from}`}: ${pathKindOf(error)}${size}${which}.`,
    };
  });
}

/** Whether no later answer had left by then, so that nobody asks which one is meant. */
function isLatest({ trial }: Scene, attempt: Attempt, by: number): boolean {
  const next = trial.attempts[countUpTo(trial.attempts, attempt.at)];
  return next === undefined || next.at >= by;
}

function measuredRow({ rowOf }: Scene, { rows: [id] }: Attempt): Observation | undefined {
  const row = id && rowOf(id);
  return row?.step === 'measured' ? row : undefined;
}

function nameOf({ qname, qtype }: Observation): string {
  return `${qname.toLowerCase()} ${typeText(qtype)}`;
}

function who({ source }: Scene, src: string, isFirst = true): string {
  if (src !== source) return src;
  return isFirst ? 'It' : 'it';
}

/** What was offered over UDP last before each attempt; undefined where nothing was. */
function udpOffers(attempts: readonly Attempt[]): (number | undefined)[] {
  let last: number | undefined;
  return attempts.map(({ proto, offered }) => {
    const before = last;
    if (proto === 'udp') last = offered;
    return before;
  });
}

/** Said only where it changed since the last query over UDP. */
function ednsAgain(row: Observation, before: number | undefined): string {
  const now = Math.max(512, row.edns_udp);
  if (before === now) return '';
  return before === undefined ? `, ${edns(row)}` : `, ${edns(row)} instead of ${before}`;
}
