/** Draft: rows of one trial, gathered; what they show is worked out when all are there. */
import { ARMS } from '../record/layout.ts';
import type { Observation, ReceiptFacts } from './observation.ts';
import type { TrialKey } from './trial.ts';
import { CLOCK_MS, WINDOW_MS } from './window.ts';

/** A query for a receipt, and the measured row of the answer that it proves, where we have that. */
export interface Return {
  readonly row: Observation;
  readonly facts: ReceiptFacts;
  readonly of?: Observation;
}

export interface Draft extends TrialKey {
  /** All in order of time. */
  readonly measured: Observation[];
  readonly gates: Observation[];
  readonly returns: Return[];
  /** The first query with the server cookie of a measured answer. */
  readonly cookies: Map<Observation, Observation>;
}

/** A draft while rows are added to it. */
interface OpenDraft {
  readonly draft: Draft;
  readonly firstAt: number;
  lastAt: number;
}

/** @param ordered queries in order of time */
export function gatherDrafts(ordered: readonly Observation[], measured: readonly Observation[]): Draft[] {
  const desk = openDesk();
  const draftOf = new Map<Observation, Draft>();
  const isOfTrial = new Set(measured);
  for (const row of ordered) {
    if (row.step === 'gate' && row.size > 0) desk.find(row).gates.push(row);
    if (!isOfTrial.has(row)) continue;
    const draft = desk.find(row);
    draft.measured.push(row);
    draftOf.set(row, draft);
  }
  const sentAnswer = answersByReceipt(measured);
  for (const row of ordered) {
    const { receipt: facts } = row;
    // 0 octets asked for: the receipt of an answer to a search for a zone cut, no trial.
    if (facts === null || facts.asked === 0) continue;
    const of = sentAnswer(facts);
    // Without the measured row (another node's, or lost) the receipt itself says what had been asked.
    const draft = (of && draftOf.get(of)) ?? desk.findOrphan(row, facts);
    draft.returns.push({ row, facts, ...(of && { of }) });
  }
  for (const [answer, proof] of cookieProofs(ordered, measured))
    draftOf.get(answer)?.cookies.set(answer, proof);
  return desk.drafts;
}

/** Not the negative answers that stand at the same name for other TYPEs: nobody tried to give those a size. */
export function isMeasured({ step, size, tc, size_miss, action, res_len }: Observation): boolean {
  return step === 'measured' && size > 0 && (tc || size_miss || action !== 'answer' || res_len === size);
}

/** Finds or begins the drafts of rows; each kind of row must come in order of time. */
function openDesk() {
  const drafts: Draft[] = [];
  const open = new Map<string, OpenDraft>();
  /** By what a receipt says of its trial, and then by what it does not. */
  const alike = new Map<string, Map<string, OpenDraft[]>>();
  const openOrphans = new Map<string, OpenDraft>();

  function begin(facts: TrialKey, at: number): OpenDraft {
    const draft: Draft = { ...facts, measured: [], gates: [], returns: [], cookies: new Map() };
    drafts.push(draft);
    return { draft, firstAt: at, lastAt: at };
  }

  /** A run id that comes again after a silent minute is another trial. */
  function find(row: Observation): Draft {
    const { run, zone, size, options, time } = row;
    const arm = armOf(row);
    const key = [tieOf(row), zone, size, options, arm].join('|');
    const known = open.get(key);
    if (known !== undefined && time - known.lastAt <= WINDOW_MS) {
      // Anybody can ask for an opening, again and again: that keeps no trial open.
      if (row.step !== 'gate') known.lastAt = time;
      return known.draft;
    }
    const fresh = begin({ run, zone, size, options, arm }, time);
    open.set(key, fresh);
    if (run !== '') {
      const likeness = [run, zone, size].join('|');
      const kinds = alike.get(likeness) ?? new Map<string, OpenDraft[]>();
      alike.set(likeness, kinds);
      const kind = kinds.get(`${options}|${arm}`);
      if (kind === undefined) kinds.set(`${options}|${arm}`, [fresh]);
      else kind.push(fresh);
    }
    return fresh.draft;
  }

  /** The name of a receipt does not say the options: where the run had one trial of that size then, it is that one. */
  function findOrphan(row: Observation, { asked, at }: ReceiptFacts): Draft {
    const { run, zone, options, time } = row;
    const kinds = alike.get([run, zone, asked].join('|'))?.values() ?? [];
    const [one, ...others] = [...kinds].flatMap((kind) => lastBegunBy(kind, at + CLOCK_MS) ?? []);
    if (one !== undefined && others.length === 0 && at - one.lastAt <= WINDOW_MS) return one.draft;
    const arm = armOf(row);
    const key = [tieOf(row), zone, asked, options, arm].join('|');
    const known = openOrphans.get(key);
    if (known !== undefined && time - known.lastAt <= WINDOW_MS) {
      known.lastAt = time;
      return known.draft;
    }
    const fresh = begin({ run, zone, size: asked, options, arm }, time);
    openOrphans.set(key, fresh);
    return fresh.draft;
  }

  return { drafts, find, findOrphan };
}

/** @param drafts in the order in which they began */
function lastBegunBy(drafts: readonly OpenDraft[], moment: number): OpenDraft | undefined {
  let [low, high] = [0, drafts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((drafts[middle]?.firstAt ?? moment) <= moment) low = middle + 1;
    else high = middle;
  }
  return drafts[low - 1];
}

/** What ties rows together: the run, else address and name. */
function tieOf({ run, src, qname }: Observation): string {
  return run === '' ? `${src} ${qname.toLowerCase()}` : run;
}

/** The one that the name asks for: rows of the opening and of TCP say `default`, for so they left. */
function armOf({ options, arm }: Observation): string {
  return options.split('-').find((option) => ARMS.some((each) => each === option)) ?? arm;
}

/** `Observation.node` is a name and the receipt's a number, so the time and both sizes tell nodes apart. */
function answersByReceipt(
  measured: readonly Observation[],
): (facts: ReceiptFacts) => Observation | undefined {
  const key = (instance: number | null, at: number, asked: number, sent: number) =>
    [instance, at, asked, sent].join();
  const rows = new Map(measured.map((row) => [key(row.instance, row.time, row.size, row.res_len), row]));
  return ({ instance, at, asked, sent }) => rows.get(key(instance, at, asked, sent));
}

/** Measured answers whose server cookie came back, each with the first row that brought it. */
function cookieProofs(
  ordered: readonly Observation[],
  measured: readonly Observation[],
): Map<Observation, Observation> {
  const key = ({ node, boot, src }: Observation, instance: number) =>
    [node, boot, src, instance % COOKIE_INSTANCES].join('|');
  const sent = new Map<string, Observation>();
  for (const row of measured) if (row.instance !== null) sent.set(key(row, row.instance), row);

  const proofs = new Map<Observation, Observation>();
  for (const row of ordered) {
    if (row.cookie_instance === null || row.cookie !== 'valid') continue;
    const answer = sent.get(key(row, row.cookie_instance));
    if (answer === undefined || proofs.has(answer)) continue;
    const ageMs = row.time - answer.time;
    if (row !== answer && ageMs >= 0 && ageMs <= WINDOW_MS) proofs.set(answer, row);
  }
  return proofs;
}

/** A cookie carries the low 24 bits of the instance counter. */
const COOKIE_INSTANCES = 0x100_0000;
