/**
 * Test names: from one label to what is said (DESIGN: receipts and gates; names).
 *
 *     s4096            → CNAME g…        a small answer, for a stranger
 *     g…               → CNAME r…        the measured answer, for who received the small one
 *     r…               → TXT             the receipt, for who received the measured one
 */
import { type Behavior, PLAIN, type Plan, recordSet, type Trial } from '../behaviors/behavior.ts';
import { receiptText } from '../behaviors/receipt-text.ts';
import { behaviorOfCode, findBehavior, findClaim } from '../behaviors/table.ts';
import type { Excluded, Proof, Relation } from '../record/facts.ts';
import { EDE } from '../wire/header.ts';
import { formatName, labelsBelow, labelText, MAX_NAME, parentName } from '../wire/name.ts';
import type { Question } from '../wire/query.ts';
import { cname } from '../wire/rdata/cname.ts';
import { ds } from '../wire/rdata/ds.ts';
import { formatGate, GATE_LETTER, type Gate, MAX_PREFIXES, parseGate } from '../zone/gate.ts';
import { formatProof, isProofLabel, PROOF_LABEL_OCTETS, parseProof } from '../zone/proof.ts';
import { formatReceipt, parseReceipt, RECEIPT_LETTER, type Receipt } from '../zone/receipt.ts';
import {
  formatOptions,
  isSpareLabel,
  NO_OPTIONS,
  packOptions,
  parseRun,
  parseTestLabel,
  unpackOptions,
} from '../zone/test-name.ts';
import { TOKEN_CHARACTERS } from '../zone/token.ts';
import type { Zone } from '../zone/zone.ts';
import type { Core } from './core.ts';
import type { Alias, Draft, TrialDraft } from './draft.ts';
import type { Exchange } from './exchange.ts';
import { sourceTag } from './source.ts';
import type { GateSeen, TrialAnswer, TrialContext } from './trial-context.ts';
import { aliased, filled, recorded, textual } from './trial-draft.ts';
import { noData, noName } from './zone-data.ts';

/** A gate opens for this long after it was made, a receipt counts for as long. */
export const WINDOW_MS = 60_000;
/** A gate may be made anew for further prefixes this often. */
const MAX_REGATES = 2;
export const NO_RUN = '000000000000';
export const TOKEN = new RegExp(`^[${GATE_LETTER}${RECEIPT_LETTER}][0-9a-v]{${TOKEN_CHARACTERS}}o?$`);

/** What is said at a name that holds no zone data. */
export function answerTest(context: TrialContext): TrialAnswer {
  const { zone, question } = context;
  const labels = labelsBelow(question.qname, zone.apex).map(labelText);
  const [first = '', second, ...more] = labels;
  // RFC 9567 §8.2: below the agent nothing is denied, and a report may be on any name, on one of these as well.
  if (second !== undefined && isProofLabel(first) && !zone.isAgent)
    return answerProof(context, first, labels.slice(1));
  const claimed = claim(labels, zone);
  if (claimed)
    return perform(
      context,
      claimed.behavior,
      claimed.trial,
      runIn(zone, claimed.run),
      undefined,
      context.proof,
    );
  if (more.length > 0) return absent(context);
  if (TOKEN.test(first) && (second === undefined || isSpareLabel(second)))
    return answerToken(context, first.slice(0, 1 + TOKEN_CHARACTERS));
  if (second === undefined && (isSpareLabel(first) || parseRun(first) !== undefined))
    return { draft: noData(zone, question.qname, [], context), proof: context.proof };
  const read = readName(labels, zone);
  if (!read) return absent(context);
  if ('error' in read) return absent(context, read.error);
  return perform(context, read.behavior, read.trial, runIn(zone, read.run), undefined, context.proof);
}

/** The run that a name says, or else its zone. */
function runIn({ made }: Zone, run: string): string {
  return run || (made?.run ?? '');
}

interface Read {
  readonly behavior: Behavior;
  readonly trial: Trial;
  readonly run: string;
}

/** The behavior that claims a whole name. */
function claim(labels: readonly string[], { isAgent, family, made }: Zone): Read | undefined {
  const found = findClaim(labels, { isAgent, hasFamily: family !== undefined, made });
  return found && { ...found, trial: { n: found.n, options: NO_OPTIONS, state: 0 } };
}

/** What one label of the grammar asks for, or two of which the second is a run. */
function readName(
  [first = '', second, ...more]: readonly string[],
  zone: Zone,
): Read | { error: string } | undefined {
  const runOfName = second === undefined ? '' : parseRun(second);
  const read = more.length === 0 && runOfName !== undefined ? readTest(first, zone.hostile) : undefined;
  if (!read || 'error' in read || runOfName === '') return read;
  return read.run === '' ? { ...read, run: runOfName! } : { error: 'two run ids' };
}

/** The zones that an operator may have labels in. */
const ANY_ORIGIN = { isAgent: false, hasFamily: true, made: undefined };

/** Whether a label is one that test names need, so that no zone may take it. */
export function isReservedLabel(label: string): boolean {
  const parsed = parseTestLabel(label, true);
  const test = 'error' in parsed ? label : parsed.test;
  return (
    findClaim([label], ANY_ORIGIN) !== undefined ||
    TOKEN.test(label) ||
    isProofLabel(label) ||
    isSpareLabel(label) ||
    parseRun(label) !== undefined ||
    findBehavior(test) !== undefined
  );
}

/** What a label asks for (lower case): undefined where no behavior claims it, the error where it asks for something wrong. */
export function readTest(
  label: string,
  hostile: boolean,
): { behavior: Behavior; trial: Trial; run: string } | { error: string } | undefined {
  const found = findBehavior(label.split('-', 1)[0] ?? '');
  if (!found) return undefined;
  const parsed = parseTestLabel(label, hostile);
  if ('error' in parsed) return parsed;
  const foreign = parsed.given.find((field) => !found.behavior.options.includes(field));
  if (foreign) return { error: `${found.behavior.syntax} has no option for ${foreign}` };
  const trial = { n: found.n, options: parsed.options, state: packOptions(parsed.options) };
  return { behavior: found.behavior, trial, run: parsed.run };
}

function answerToken(context: TrialContext, label: string): TrialAnswer {
  const { zone, now, macs } = context;
  const receipt = parseReceipt(label, zone.apex, macs.receipt, now);
  if (receipt) return answerReceipt(context, receipt);
  const gate = parseGate(label, zone.apex, macs.gate, now);
  const behavior = gate && behaviorOfCode(gate.behavior);
  if (!gate || !behavior) return absent(context);
  const options = behavior.options.length > 0 ? unpackOptions(gate.state) : NO_OPTIONS;
  const age = now - gate.issuedAt;
  const opens = gate.prefixes.includes(context.prefixTag) && age <= WINDOW_MS && age >= -WINDOW_MS;
  const proof = opens && !isProven(context.proof) ? 'gate' : context.proof;
  const trial = { n: gate.n, options, state: gate.state };
  return perform(context, behavior, trial, gate.run, gate, proof);
}

/** Runs the plan, or hands out a gate where the plan wants a proof that is not there. */
function perform(
  context: TrialContext,
  behavior: Behavior,
  trial: Trial,
  run: string,
  gate: Gate | undefined,
  proof: Proof,
): TrialAnswer {
  const planned = behavior.plan(context.query(gate && seenOf(gate, context)), trial);
  if (!context.arms.includes(planned.arm)) return absent(context, `arm '${planned.arm}' not available here`);
  const isTrial = planned.answer.kind !== 'receipt' || context.question.qtype !== ds.type;
  const plan = isTrial ? planned : forCutSearch(planned);
  const excluded: Excluded = isSpoiled(plan, context.zone) ? 'fault' : '';
  const known = {
    behavior: behavior.name,
    options: formatOptions(trial.options),
    asked: isTrial ? trial.n : 0,
    run,
    proven: provenBy(gate, plan, context),
    excluded,
    isRepeatable: gate === undefined && run === '',
  };
  if (plan.gated && !isProven(proof))
    return { draft: askForProof(context, behavior, trial, known, gate), proof };
  switch (plan.answer.kind) {
    case 'receipt':
      return {
        draft: aliased(
          context,
          { ...known, step: 'measured', plan },
          receiptAlias(context, known.asked, run, plan),
        ),
        proof,
      };
    case 'gate': {
      const next = { n: plan.answer.n, state: plan.answer.state };
      const step = plan.size === undefined ? 'gate' : 'ladder';
      const others = gate?.prefixes.filter((prefix) => prefix !== context.prefixTag) ?? [];
      const made = gateAlias(context, behavior, next, known.run || context.newRun(), others);
      return {
        draft: aliased(context, { ...known, run: made.run, asked: plan.size ?? 0, step, plan }, made.alias),
        proof,
      };
    }
    case 'absent':
      return absent(context);
    case 'alias':
      return {
        draft: recorded(context, { ...known, step: 'other', plan }, [recordSet(cname, [plan.answer])]),
        proof,
      };
    case 'records':
      return { draft: recorded(context, { ...known, step: 'other', plan }, plan.answer.sets), proof };
    case 'filler':
      return { draft: filled(context, { ...known, step: 'other', plan }), proof };
    case 'text':
      return {
        draft: textual(context, { ...known, step: 'other', plan }, plan.answer.lines, plan.answer.more),
        proof,
      };
  }
}

function seenOf({ issuedAt, prefixes }: Gate, { now, prefixTag }: TrialContext): GateSeen {
  return { ageMs: now - issuedAt, networks: new Set([...prefixes, prefixTag]).size };
}

/** A gate stood in an answer to the prefix that it lists last, and to nobody else. */
function provenBy(gate: Gate | undefined, { proves = 0 }: Plan, { prefixTag }: TrialContext): number {
  return gate?.prefixes.at(-1) === prefixTag ? proves : 0;
}

/**
 * What DS at a measured name gets: small, at once, unspoiled, and no trial. A validator that misses a signature looks for a zone
 * cut there (RFC 4035 §5.2), many times over and never for a user; spoiled as well, it would keep BIND waiting for itself.
 */
function forCutSearch({ answer, gated }: Plan): Plan {
  return { ...PLAIN, answer, gated };
}

/** Late, missing or wrong on purpose: what follows is our doing, not the path's. */
function isSpoiled(
  { silent, delayMs, fault }: Pick<Plan, 'silent' | 'delayMs' | 'fault'>,
  zone: Zone,
): boolean {
  return silent !== undefined || delayMs > 0 || fault !== undefined || zone.fault !== undefined;
}

/** A small CNAME to a gate; TC=1 where a gate has been made anew often enough. */
function askForProof(
  context: TrialContext,
  behavior: Behavior,
  trial: Trial,
  known: Pick<TrialDraft, 'behavior' | 'options' | 'asked' | 'run' | 'excluded'>,
  gate: Gate | undefined,
): Draft {
  const tired = gate !== undefined && gate.prefixes.length > MAX_REGATES;
  const isOther = gate !== undefined && gate.prefixes.at(-1) !== context.prefixTag;
  const state = (isOther && behavior.handOver?.(trial.state)) || trial.state;
  const next = { n: trial.n, state };
  const made = gateAlias(context, behavior, next, known.run || context.newRun(), gate?.prefixes ?? []);
  const plan: Plan = { ...PLAIN, answer: { kind: 'gate', ...next }, truncate: tired };
  return aliased(
    context,
    { ...known, run: made.run, proven: 0, step: 'gate', plan, excluded: tired ? 'gate' : known.excluded },
    made.alias,
  );
}

function gateAlias(
  context: TrialContext,
  behavior: Behavior,
  next: { n: number; state: number },
  run: string,
  before: readonly number[],
) {
  // The prefix that this gate is sent to stands last.
  const prefixes =
    before.at(-1) === context.prefixTag ? before : [...before, context.prefixTag].slice(-MAX_PREFIXES);
  const gate: Gate = {
    behavior: behavior.code,
    n: next.n,
    state: next.state,
    run,
    issuedAt: context.now,
    prefixes,
  };
  const label = formatGate(gate, context.zone.apex, context.macs.gate);
  return { run, alias: { ttl: 0, label: () => label } satisfies Alias };
}

function receiptAlias(context: TrialContext, asked: number, run: string, plan: Plan): Alias {
  const { node, instance, now, sourceTag, family, zone, macs } = context;
  const { transport, udpPayloadSize } = context.query(undefined);
  return {
    ttl: 0,
    label: (sent, choice) =>
      formatReceipt(
        {
          node: node.id,
          instance,
          at: now,
          sourceTag,
          asked,
          sent,
          edns: udpPayloadSize ?? 0,
          transport,
          fragments: context.fragments(sent, plan.arm),
          filler: choice.kind,
          family,
          run: run || NO_RUN,
          ttl: plan.ttl,
        },
        zone.apex,
        macs.receipt,
      ),
  };
}

function answerReceipt(context: TrialContext, receipt: Receipt): TrialAnswer {
  const { sourceTag, now, node } = context;
  const age = now - receipt.at;
  const fresh = age <= WINDOW_MS && age >= -WINDOW_MS;
  const relation: Relation = !fresh ? 'replay' : receipt.sourceTag === sourceTag ? 'own' : 'relayed';
  const sender = receipt.node === node.id ? node.name : `node ${receipt.node}`;
  const { source } = context.query(undefined);
  const lines = [receiptText(receipt, relation, source, sender)];
  const { instance, at, asked, sent, edns, fragments, filler, transport: proto } = receipt;
  const known = {
    behavior: 'receipt',
    asked,
    run: receipt.run === NO_RUN ? '' : receipt.run,
    step: 'receipt' as const,
    plan: { ...PLAIN, answer: { kind: 'text' as const, lines }, ttl: receipt.ttl },
    receipt: { node: receipt.node, instance, at, asked, sent, proto, edns, fragments, filler, relation },
  };
  return {
    draft: textual(context, known, lines),
    proof: relation === 'own' && !isProven(context.proof) ? 'gate' : context.proof,
  };
}

/** A client asks for the name that it read in an answer: `labels` are those of the name that was answered. */
function answerProof(context: TrialContext, label: string, labels: readonly string[]): TrialAnswer {
  const { zone, question, macs, now, sourceTag } = context;
  const read = parseProof(label, parentName(question.qname), macs.proof, now);
  const of = claim(labels, zone) ?? readName(labels, zone);
  if (!read || !of || 'error' in of) return absent(context);
  const age = now - read.at;
  const fresh = age <= WINDOW_MS && age >= -WINDOW_MS;
  const signal: Relation = !fresh ? 'replay' : read.sourceTag === sourceTag ? 'own' : 'relayed';
  const lines = [PROOF_TEXTS[signal]];
  const known = {
    behavior: of.behavior.name,
    asked: 0,
    run: runIn(zone, of.run),
    step: 'proof' as const,
    plan: { ...PLAIN, answer: { kind: 'text' as const, lines }, signal },
    phase: read.phase,
    excluded: isSpoiled(PLAIN, zone) ? ('fault' as const) : ('' as const),
  };
  return { draft: textual(context, known, lines), proof: context.proof };
}

const PROOF_TEXTS: Readonly<Record<Relation, string>> = {
  own: 'noted: a client got that answer through the resolver that asks',
  relayed: 'noted: a client got that answer, through another address than the one that asks now',
  replay: 'too late: that answer is more than a minute old',
};

/** The name that proves that a client got this answer, undefined where it would be too long (RFC 1035 §2.3.4). */
export function proofName(
  core: Core,
  exchange: Exchange,
  { qname }: Question,
  zone: Zone,
): string | undefined {
  if (qname.length + PROOF_LABEL_OCTETS > MAX_NAME) return undefined;
  const { arrival, instance, time } = exchange;
  const proof = {
    node: core.settings.node.id,
    instance,
    at: time,
    sourceTag: sourceTag(arrival.source, core.taggers),
    phase: zone.made?.phase ?? ('' as const),
  };
  return `${formatProof(proof, qname, core.macs.proof)}.${formatName(qname)}`;
}

function absent(context: TrialContext, why?: string): TrialAnswer {
  const error = why === undefined ? undefined : { infoCode: EDE.OTHER, extraText: why };
  return { draft: noName(context.zone, context.question.qname, context, error), proof: context.proof };
}

/** Whether signatures need not be paid for: a gate proves a prefix only, and whoever shares it may have seen the gate. */
export function signsFreely(proof: Proof): boolean {
  return isProven(proof) && proof !== 'gate';
}

export function isProven(proof: Proof): boolean {
  return proof !== 'none' && proof !== 'recent';
}
