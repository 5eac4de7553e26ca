/** Truth of one trial where chance has its part: from what the path let on and what the client was told, never from the verdict. */
import { groupBy } from '../src/observe/group.ts';
import type { Observation } from '../src/observe/observation.ts';
import type { Found } from './expect-rules.ts';
import type { Passage } from './passage.ts';

/** One measured answer over UDP, as it left. */
export interface Answer {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tc: boolean;
  readonly qtype: number;
  /** EDNS payload size of its query. */
  readonly offered: number;
  /** Packets that it left in. */
  readonly packets: number;
  /** Whether the path let all of them on. */
  readonly isLetOn: boolean;
  /** Whether it let some of them on, and others not. */
  readonly isInPieces: boolean;
}

export interface Trial {
  /** In order of time. */
  readonly answers: readonly Answer[];
  /** Rows of the run: what reached the servers. */
  readonly rows: readonly Observation[];
  /** How the client was told that it came; undefined where it was not told. */
  readonly told: 'udp' | 'tcp' | undefined;
  /**
   * Whether the path kept anything back of all that the resolver sent or was sent: `now`, or `before`, and the resolver answered
   * SERVFAIL from what it remembers of that.
   */
  readonly hindered: 'now' | 'before' | 'never';
}

/** Measured answers over UDP, each with what became of its packets at the relay; in the order of the rows. */
export function answersOnWire(passages: readonly Passage[], rows: readonly Observation[]): Answer[] {
  const responses = groupBy(
    passages.filter(({ message }) => message?.isResponse),
    ({ from, to, message }) => [from, to, message?.port, message?.id, message?.qname].join(' '),
  );
  return rows.filter(isSentOverUdp).map((row) => {
    const { dst, src, src_port, id, qname } = row;
    const name = qname.toLowerCase().replace(/\.$/, '');
    const packets = responses.get([dst, src, src_port, id, name].join(' ')) ?? [];
    return {
      ...answerOf(row),
      packets: packets.length,
      isLetOn: packets.length > 0 && packets.every(({ isDropped }) => !isDropped),
      isInPieces: new Set(packets.map(({ isDropped }) => isDropped)).size > 1,
    };
  });
}

/** Answers as the servers sent them. @param isLetOn whether a path on which nothing is left to chance lets such an answer on */
export function answersSent(rows: readonly Observation[], isLetOn: (row: Observation) => boolean): Answer[] {
  return rows
    .filter((row) => isSentOverUdp(row) && row.excluded === '')
    .map((row) => ({ ...answerOf(row), isLetOn: row.tc || isLetOn(row), isInPieces: false }));
}

function isSentOverUdp(row: Observation): boolean {
  return isMeasured(row) && row.proto === 'udp';
}

function answerOf({ time, tc, qtype, edns_udp, fragments }: Observation) {
  return { at: time, tc, qtype, offered: Math.max(512, edns_udp), packets: fragments };
}

/** Classes that are right; none where the path kept nothing back and yet nothing arrived. */
export function classesOfTrial(trial: Trial): readonly Found[] {
  const { answers, rows, told } = trial;
  if (told === 'udp') return overUdp(answers);
  if (told === 'tcp') return [...overTcp(answers), ...overUdp(answers)];
  if (rows.some(({ receipt }) => receipt !== null)) return [...overUdp(answers), ...overTcp(answers)];
  if (trial.hindered === 'now') return withoutReceipt(trial);
  return trial.hindered === 'before' && !rows.some(isMeasured) ? withoutReceipt(trial) : [];
}

/** How close two tries of a resolver can be that ask like two users at once, milliseconds. */
const ONE_MOMENT_MS = 200;

/** Why no server could know of a loss: it was asked again sooner than an answer takes to come and go on to its receipt. */
export const HURRIED =
  'it asked again within 200 ms, and went on to the receipt hardly sooner: the same as from users who ask at once';

/** What the rows then look like: as if the answer that came had been the only one. */
export function seemingClass({ answers, rows }: Trial): Found | undefined {
  const full = answers.filter(({ tc }) => !tc);
  const winner = full.find(({ isLetOn }) => isLetOn);
  const first = full[0];
  if (winner === undefined || first === undefined || winner === first) return undefined;
  const [gap, receipt] = [
    winner.at - first.at,
    rows.find((row) => row.receipt !== null && row.time >= winner.at),
  ];
  const isHurried = gap < ONE_MOMENT_MS && receipt !== undefined && 2 * (receipt.time - winner.at) >= gap;
  return isHurried ? howItCame(winner, winner) : undefined;
}

/** By which answer came first; a question for another TYPE, lost before, need not count. */
function overUdp(answers: readonly Answer[]): Found[] {
  const full = answers.filter(({ tc }) => !tc);
  const winner = full.find(({ isLetOn }) => isLetOn);
  if (winner === undefined) return [];
  const ofType = full.filter(({ qtype }) => qtype === winner.qtype);
  return [...new Set([full, ofType].map(([first]) => howItCame(winner, first ?? winner)))];
}

function howItCame(winner: Answer, first: Answer): Found {
  if (winner === first) return winner.packets > 1 ? 'UDP_OK_FRAG' : 'UDP_OK_WHOLE';
  return winner.offered >= first.offered ? 'UDP_OK_RETRY' : 'UDP_OK_SMALLER';
}

function overTcp(answers: readonly Answer[]): Found[] {
  const first = answers.find(({ tc }) => !tc);
  if (first === undefined) return [answers.length === 0 ? 'TCP_DIRECT' : 'TC_TCP_OK'];
  const at = answers.indexOf(first);
  const isSmaller = answers.slice(at).some(({ tc, offered }) => tc && offered < first.offered);
  if (isSmaller) return ['UDP_OK_SMALLER'];
  return [answers.some(({ tc }) => tc) ? 'TC_TCP_OK' : 'LOSS_TCP_OK'];
}

/** No receipt reached a server; a cookie that came back, or TCP, may still show an arrival. */
function withoutReceipt({ answers, rows }: Trial): Found[] {
  const isOverTcp = rows.some((row) => isMeasured(row) && row.proto === 'tcp');
  if (answers.length === 0 && !isOverTcp) return [rows.length === 0 ? 'UNSEEN' : 'INDETERMINATE'];
  const full = answers.filter(({ tc }) => !tc);
  const shown: Found[] = isOverTcp ? [...overTcp(answers), 'INDETERMINATE'] : [];
  const truncated: Found[] = isOverTcp ? ['TC_TCP_STALL'] : ['TC_NO_TCP', 'TC_TCP_BROKEN', 'SILENT'];
  const lost: Found[] = full.length > 1 || isOverTcp ? ['LOSS_RETRY_FAIL', 'SILENT'] : ['SILENT'];
  return [
    ...overUdp(answers),
    ...shown,
    ...(full.length < answers.length ? truncated : []),
    ...(full.length > 0 ? lost : []),
  ];
}

export function isMeasured({ step, event }: Observation): boolean {
  return step === 'measured' && event === 'query';
}
