/** Proofs of clients: the name in the text of an answer, which only who read that answer can ask for (DESIGN: receipts and gates). */
import { PLAIN } from '../behaviors/behavior.ts';
import type { Relation } from '../record/facts.ts';
import { formatName, MAX_NAME, parentName } from '../wire/name.ts';
import type { Question } from '../wire/query.ts';
import { formatProof, PROOF_LABEL_OCTETS, parseProof } from '../zone/proof.ts';
import type { Zone } from '../zone/zone.ts';
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import { sourceTag } from './source.ts';
import { WINDOW_MS } from './source-proof.ts';
import type { TrialAnswer, TrialContext } from './trial-context.ts';
import { absent, isSpoiled, textual } from './trial-draft.ts';
import { claim, readName, runIn } from './trial-name.ts';

/** A client asks for the name that it read in an answer: `labels` are those of the name that was answered. */
export function answerProof(context: TrialContext, label: string, labels: readonly string[]): TrialAnswer {
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
