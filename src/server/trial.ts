/**
 * Test names: from one label to what is said (DESIGN: receipts and gates; names).
 *
 *     s4096            → CNAME g…        a small answer, for a stranger
 *     g…               → CNAME r…        the measured answer, for who received the small one
 *     r…               → TXT             the receipt, for who received the measured one
 */
import { type Behavior, PLAIN, type Plan, recordSet, type Trial } from '../behaviors/behavior.ts';
import { receiptText } from '../behaviors/receipt-text.ts';
import { behaviorOfCode } from '../behaviors/table.ts';
import type { Excluded, Proof, Relation } from '../record/facts.ts';
import { labelsBelow, labelText } from '../wire/name.ts';
import { cname } from '../wire/rdata/cname.ts';
import { ds } from '../wire/rdata/ds.ts';
import { formatGate, type Gate, MAX_PREFIXES, parseGate } from '../zone/gate.ts';
import { isProofLabel } from '../zone/proof.ts';
import { formatReceipt, parseReceipt, type Receipt } from '../zone/receipt.ts';
import { formatOptions, isSpareLabel, NO_OPTIONS, parseRun, unpackOptions } from '../zone/test-name.ts';
import { TOKEN_CHARACTERS } from '../zone/token.ts';
import type { Alias, Draft, TrialDraft } from './draft.ts';
import { isProven, WINDOW_MS } from './source-proof.ts';
import type { GateSeen, TrialAnswer, TrialContext } from './trial-context.ts';
import { absent, aliased, filled, isSpoiled, recorded, textual } from './trial-draft.ts';
import { claim, readName, runIn, TOKEN } from './trial-name.ts';
import { answerProof } from './trial-proof.ts';
import { noData } from './zone-data.ts';

/** A gate may be made anew for further prefixes this often. */
const MAX_REGATES = 2;
const NO_RUN = '000000000000';

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
