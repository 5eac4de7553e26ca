/** Judges cells: what the product concluded, against what must be so and against what the client got. */
import type { RowId } from '../src/observe/attempt.ts';
import type { Observation } from '../src/observe/observation.ts';
import type { Verdict } from '../src/observe/verdict.ts';
import type { Asked, UnitResult } from './cell.ts';
import type { Cell, ClientAnswer } from './contract.ts';
import { type Expectation, expectationOf, type Found } from './expect.ts';
import { type PathTraits, pathTraits } from './path-traits.ts';

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
}

/** All cells of a unit that was run, in order of size. */
export function judgeUnit({ unit, sizes }: UnitResult, findings: Findings): JudgedCell[] {
  return sizes.map((asked) => judgeCell({ ...unit, size: asked.size }, asked, findings));
}

/** A run has one trial: a second one is a fault of whoever told trials apart. */
export function judgeCell(cell: Cell, { run, client }: Asked, findings: Findings): JudgedCell {
  const verdicts = findings.verdictsOf(run).filter(({ size }) => size === cell.size);
  const [verdict] = verdicts;
  const expectation = expectationOf(cell);
  const found = verdict?.class ?? 'UNSEEN';
  const isLate = !expectation.classes.includes(found) && showsLateness(verdict, expectation);
  const faults = [
    ...(verdicts.length > 1 ? [`the run has ${verdicts.length} trials of that size, not one`] : []),
    ...(expectation.classes.includes(found) || isLate
      ? []
      : [`found ${found}, expected ${expectation.classes.join(' or ')}: ${expectation.reason}`]),
    ...(verdict !== undefined && isUnproven(verdict, findings)
      ? [`${found} without any proof of arrival`]
      : []),
    ...faultsOfClient(cell, client, verdict),
  ];
  return { ...cell, run, expectation, found, client, isLate, faults, ...(verdict && { verdict }) };
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
  const told = client.status === 'NOERROR' ? RECEIVED.exec(client.texts.join(' ')) : null;
  if (told !== null) return faultsOfReceipt(told[1] === 'TCP', verdict, pathTraits(cell.path));
  return faultsOfError(client, verdict, pathTraits(cell.path));
}

/** As the receipt's text has it. */
const RECEIVED = /received \d+ octets over (UDP|TCP)/;

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
