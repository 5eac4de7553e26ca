/** Judges cells: what the product concluded, against what must be so and against what the client got. */
import type { RowId } from '../src/observe/attempt.ts';
import type { Observation } from '../src/observe/observation.ts';
import type { Verdict } from '../src/observe/verdict.ts';
import type { Asked, UnitResult } from './cell.ts';
import type { Cell, ClientAnswer } from './contract.ts';
import { type Expectation, expectationOf, prospectsOf } from './expect.ts';
import type { Found } from './expect-rules.ts';
import { truthOfFarm } from './farm-truth.ts';
import { faultsOfOverlays } from './overlays.ts';
import type { Passage } from './passage.ts';
import { type PathTraits, pathTraits } from './path-traits.ts';
import {
  answersOnWire,
  answersSent,
  classesOfTrial,
  HURRIED,
  isMeasured,
  seemingClass,
  type Trial,
} from './truth.ts';

/** One cell with what must be, what was found, and whether they agree. */
export interface JudgedCell extends Cell {
  readonly run: string;
  readonly expectation: Expectation;
  readonly found: Found;
  /** Undefined where nothing of the run reached a server. */
  readonly verdict?: Verdict;
  readonly client: ClientAnswer;
  /** Right only because an answer came too late: this machine was too busy. */
  readonly isLate: boolean;
  /** What is wrong, one sentence each; none where the cell is right. */
  readonly faults: readonly string[];
}

/** Looks up what the product concluded, and the rows. */
export interface Findings {
  verdictsOf(run: string): readonly Verdict[];
  row(id: RowId): Observation | undefined;
  /** Rows of one run, and ICMP errors that came meanwhile. */
  rowsOf(run: string): readonly Observation[];
}

/** What was around one question. */
export interface Surroundings {
  /** Sizes that the same resolver asked for before. */
  readonly earlier: readonly number[];
  /** What came by the relay from and to the resolver until its next question; only paths that lose by chance have one. */
  readonly passages: readonly Passage[];
  /** Whether any was lost before. */
  readonly hasLostBefore: boolean;
}

/**
 * All cells of a unit that was run, in order of size.
 *
 * @param passages what came by the relays of all paths
 */
export function judgeUnit(
  { unit, sources, sizes, controls }: UnitResult,
  findings: Findings,
  passages: readonly Passage[],
): JudgedCell[] {
  const own = passages.filter(({ from, to }) => sources.includes(from) || sources.includes(to));
  return sizes.map((asked, at) => {
    const until = (sizes[at + 1] ?? controls[1])?.askedAt ?? Number.POSITIVE_INFINITY;
    const surroundings = {
      earlier: sizes.slice(0, at).map(({ size }) => size),
      passages: own.filter((one) => one.at >= asked.askedAt && one.at < until),
      hasLostBefore: own.some((one) => one.at < asked.askedAt && one.isDropped),
    };
    return judgeCell({ ...unit, size: asked.size }, asked, findings, surroundings);
  });
}

/** A run has one trial: a second one is a fault of whoever told trials apart. */
export function judgeCell(
  cell: Cell,
  { run, client }: Asked,
  findings: Findings,
  surroundings: Surroundings,
): JudgedCell {
  const verdicts = findings.verdictsOf(run).filter(({ size }) => size === cell.size);
  const [verdict] = verdicts;
  const rows = findings.rowsOf(run);
  const expectation = expectationOfTrial(cell, client, rows, surroundings);
  const found = verdict?.class ?? 'UNSEEN';
  const isLate = !expectation.classes.includes(found) && showsLateness(verdict, expectation);
  const faults = [
    ...(verdicts.length > 1 ? [`the run has ${verdicts.length} trials of that size, not one`] : []),
    ...(expectation.classes.includes(found) || isLate
      ? []
      : [
          `found ${found}, expected ${expectation.classes.join(' or ') || 'what cannot be'}: ${expectation.reason}`,
        ]),
    ...(verdict !== undefined && isUnproven(verdict, findings)
      ? [`${found} without any proof of arrival`]
      : []),
    ...(verdict === undefined || isLate
      ? []
      : [
          ...faultsOfConfidence(verdict, expectation),
          ...faultsOfOverlays(
            verdict,
            prospectsOf(cell, surroundings.earlier),
            rows,
            answersOnWire(surroundings.passages, rows).some(({ isInPieces }) => isInPieces),
          ),
        ]),
    ...faultsOfClient(cell, client, verdict),
  ];
  return { ...cell, run, expectation, found, client, isLate, faults, ...(verdict && { verdict }) };
}

/** Where chance has its part, what this very trial must be. */
function expectationOfTrial(
  cell: Cell,
  client: ClientAnswer,
  rows: readonly Observation[],
  { earlier, passages, hasLostBefore: before }: Surroundings,
): Expectation {
  const expectation = expectationOf(cell, earlier);
  const path = pathTraits(cell.path);
  const told = toldBy(client);
  if (path.farm) return { ...expectation, isSure: false, ...truthOfFarm(cell, rows, told) };
  if (path.servers === 1) return { ...expectation, classes: classesAtOneServer(expectation, rows, told) };
  if (path.lossPercent === 0) {
    const isLesson = prospectsOf(cell, earlier).some(({ tooBig }) => tooBig === 'told');
    return isLesson ? { ...expectation, ...seemingAs(expectation, lessonOf(rows, told)) } : expectation;
  }
  const answers = answersOnWire(passages, rows);
  const hindered = howHindered(passages, client, before);
  const trial: Trial = { answers, rows, told, hindered };
  const letOn = answers.filter(({ isLetOn }) => isLetOn).length;
  return {
    ...expectation,
    ...seemingAs({ classes: [...new Set(classesOfTrial(trial))] }, trial),
    isSure: false,
    reason: `${HINDRANCES[hindered]}; ${letOn} of ${answers.length} measured answers over UDP were let on, and the client was told ${told === undefined ? 'of none' : `that it came over ${told.toUpperCase()}`}`,
  };
}

/** Of several classes those that go with what reached the server that lives; nothing that it sent over UDP arrived. */
function classesAtOneServer(
  { classes }: Expectation,
  rows: readonly Observation[],
  told: Trial['told'],
): readonly Found[] {
  if (classes.length < 2) return classes;
  return classesOfTrial({ answers: answersSent(rows, () => false), rows, told, hindered: 'now' });
}

/** The first answer is lost, and teaches the servers; all others pass. */
function lessonOf(rows: readonly Observation[], told: Trial['told']): Trial {
  const [lesson] = rows.filter((row) => isMeasured(row) && row.proto === 'udp');
  return { answers: answersSent(rows, (row) => row !== lesson), rows, told, hindered: 'now' };
}

/** Also right is what no server could tell from it. */
function seemingAs({ classes }: Pick<Expectation, 'classes'>, trial: Trial) {
  const seeming = seemingClass(trial);
  return seeming === undefined ? { classes } : { classes: [...classes, seeming], unknowable: HURRIED };
}

const HINDRANCES: Readonly<Record<Trial['hindered'], string>> = {
  now: 'packets of it got lost',
  before: 'no packet of it got lost, but some before',
  never: 'no packet of it got lost',
};

function howHindered(
  passages: readonly Passage[],
  { status }: ClientAnswer,
  hasLostBefore: boolean,
): Trial['hindered'] {
  if (passages.some(({ isDropped }) => isDropped)) return 'now';
  return hasLostBefore && status === 'SERVFAIL' ? 'before' : 'never';
}

function faultsOfConfidence({ confidence }: Verdict, { isSure }: Expectation): string[] {
  return isSure && confidence !== 'high' ? [`its confidence is ${confidence}, and all was there to see`] : [];
}

/** An ICMP error "port unreachable" from the resolver: an answer came, and nobody waited for it any more. */
function showsLateness(verdict: Verdict | undefined, { late }: Expectation): boolean {
  return (
    verdict !== undefined &&
    late.includes(verdict.class) &&
    verdict.overlays.some(({ kind }) => kind === 'port-unreachable')
  );
}

/** A receipt of that size, the cookie of such an answer that came back, or its last octet acknowledged over TCP. */
function hasProof(verdict: Verdict, { row }: Findings): boolean {
  const rows = verdict.evidence.flatMap((id) => row(id) ?? []);
  return (
    rows.some((each) => isReceipt(each, verdict) || isAcknowledged(each, verdict)) ||
    rows.some((answer) => rows.some((later) => returnsCookieOf(later, answer, verdict)))
  );
}

/** The one thing that must never be: "delivered", and nothing among its evidence shows an arrival. */
export function isUnproven(verdict: Verdict, findings: Findings): boolean {
  return verdict.outcome === 'delivered' && !hasProof(verdict, findings);
}

function isReceipt({ receipt, run }: Observation, verdict: Verdict): boolean {
  return receipt?.asked === verdict.size && receipt.relation !== 'replay' && run === verdict.run;
}

function isAcknowledged({ tcp_acked, res_len }: Observation, { size }: Verdict): boolean {
  return tcp_acked === true && res_len === size;
}

function returnsCookieOf(later: Observation, answer: Observation, { size }: Verdict): boolean {
  return (
    later !== answer &&
    later.src === answer.src &&
    answer.res_len === size &&
    answer.instance !== null &&
    later.cookie === 'valid' &&
    later.cookie_instance === answer.instance % COOKIE_INSTANCES
  );
}

/** A cookie carries the low 24 bits of the counter. */
const COOKIE_INSTANCES = 0x100_0000;

function faultsOfClient(cell: Cell, client: ClientAnswer, verdict: Verdict | undefined): string[] {
  const told = toldBy(client);
  if (told !== undefined) return faultsOfReceipt(told === 'tcp', verdict, pathTraits(cell.path));
  return faultsOfError(client, verdict, pathTraits(cell.path));
}

/** As the receipt's text has it. */
const RECEIVED = /received \d+ octets over (UDP|TCP)/;

function toldBy({ status, texts }: ClientAnswer): Trial['told'] {
  const told = status === 'NOERROR' ? RECEIVED.exec(texts.join(' '))?.[1] : undefined;
  return told === undefined ? undefined : told === 'TCP' ? 'tcp' : 'udp';
}

/** The client got the receipt's text only if the measured answer arrived. */
function faultsOfReceipt(isTcp: boolean, verdict: Verdict | undefined, path: PathTraits): string[] {
  if (verdict === undefined) return ['the client got the receipt, and no row of its run is there'];
  if (verdict.outcome === 'failed' || verdict.class === 'SILENT')
    return [`the client got the receipt, and the verdict is ${verdict.class}`];
  // Where packets get lost, both may have arrived in the end.
  const isOther = verdict.via !== null && (verdict.via === 'tcp') !== isTcp && path.lossPercent === 0;
  return isOther
    ? [`the client was told that it arrived over ${isTcp ? 'TCP' : 'UDP'}, the verdict says ${verdict.via}`]
    : [];
}

/** A client gets SERVFAIL only if something did not arrive: signatures that were stripped, or the receipt's own text, where packets get lost. */
function faultsOfError(client: ClientAnswer, verdict: Verdict | undefined, path: PathTraits): string[] {
  const isTelling = client.status === 'SERVFAIL' && path.lossPercent === 0 && path.edns === 'kept';
  return isTelling && verdict?.outcome === 'delivered'
    ? [`the client got SERVFAIL, and the verdict is ${verdict.class}`]
    : [];
}
