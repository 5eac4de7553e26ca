/** What a test name says, as a draft: a CNAME for every QTYPE, or TXT; and what stands beside either (RFC 1034 §3.6.2). */
import { PLAIN, type Plan, type RecordSet } from '../behaviors/behavior.ts';
import { EDE } from '../wire/header.ts';
import { latin1 } from '../wire/name.ts';
import { cname } from '../wire/rdata/cname.ts';
import { txt } from '../wire/rdata/txt.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';
import type { Zone } from '../zone/zone.ts';
import { type Alias, type Draft, entry, type TrialDraft } from './draft.ts';
import type { AnswerClass } from './limit.ts';
import type { TrialAnswer, TrialContext } from './trial-context.ts';
import { answerFrom, BESIDE_CNAME, noName, positive } from './zone-data.ts';

/** What is known of a trial when its draft is made. */
export type Known = Pick<TrialDraft, 'behavior' | 'asked' | 'run' | 'step' | 'plan'> &
  Partial<Pick<TrialDraft, 'excluded' | 'proven' | 'receipt' | 'options' | 'isRepeatable' | 'phase'>>;

export const PLAIN_TRIAL = {
  isRepeatable: false,
  options: '',
  excluded: '',
  receipt: null,
  proven: 0,
  alias: undefined,
} as const;

/** A name that is a CNAME for every QTYPE but those that stand beside one. */
export function aliased(context: TrialContext, known: Known, alias: Alias): Draft {
  const { zone, question } = context;
  if (BESIDE_CNAME.includes(question.qtype))
    return beside(context, known, rrset(cname, question.qname, alias.ttl, []));
  return { ...positive(zone, []), class: classOf(known.plan), trial: { ...PLAIN_TRIAL, ...known, alias } };
}

/** A name with TXT of whatever length makes the size. */
export function filled(context: TrialContext, known: Known): Draft {
  const { zone, question } = context;
  if (question.qtype !== txt.type)
    return beside(context, known, rrset(txt, question.qname, known.plan.ttl, []));
  return { ...positive(zone, []), class: classOf(known.plan), trial: { ...PLAIN_TRIAL, ...known } };
}

/** A name with TXT, one record a line. `more` is said where there is room for it. */
export function textual(
  context: TrialContext,
  known: Known,
  lines: readonly string[],
  more: readonly string[] = [],
): Draft {
  const { zone, question } = context;
  const ttl = known.plan.ttl;
  const set = rrset(
    txt,
    question.qname,
    ttl,
    [...lines, ...more].map((line) => ({ strings: chunks(line) })),
  );
  if (question.qtype !== txt.type) return beside(context, known, set);
  const draft = { ...positive(zone, [entry(set)]), trial: { ...PLAIN_TRIAL, ...known } };
  return more.length === 0 ? draft : { ...draft, class: 'view', shorter: textual(context, known, lines) };
}

/** A name with records of any types. */
export function recorded(context: TrialContext, known: Known, sets: readonly RecordSet[]): Draft {
  const { zone, question } = context;
  const { qname, qtype } = question;
  const owned = sets.map((set) => ({ ...set, owner: qname, ttl: known.plan.ttl }));
  const draft = answerFrom(zone, qname, qtype, owned, context, false);
  // What is not there is said at once.
  const plan = owned.some(({ type }) => type === qtype) ? known.plan : { ...known.plan, truncate: false };
  return { ...draft, trial: { ...PLAIN_TRIAL, ...known, plan } };
}

/** A name that stands for nothing. `why` is said where it looks like one that does. */
export function absent(context: TrialContext, why?: string): TrialAnswer {
  const error = why === undefined ? undefined : { infoCode: EDE.OTHER, extraText: why };
  return { draft: noName(context.zone, context.question.qname, context, error), proof: context.proof };
}

/** Late, missing or wrong on purpose: what follows is our doing, not the path's. */
export function isSpoiled(
  { silent, delayMs, fault }: Pick<Plan, 'silent' | 'delayMs' | 'fault'>,
  zone: Zone,
): boolean {
  return silent !== undefined || delayMs > 0 || fault !== undefined || zone.fault !== undefined;
}

/** NODATA, NSEC, RRSIG, ANY at a test name: of any size, at once, unspoiled. */
function beside(context: TrialContext, known: Known, set: Rrset): Draft {
  const { zone, question } = context;
  const draft = answerFrom(zone, question.qname, question.qtype, [set], context, false);
  // Not the answer that the name is for: no size was asked for, and nothing is measured.
  const step = known.step === 'receipt' ? 'receipt' : 'other';
  const asked = known.step === 'receipt' ? known.asked : 0;
  const plan = { ...PLAIN, answer: known.plan.answer };
  return { ...draft, trial: { ...PLAIN_TRIAL, ...known, step, asked, proven: 0, plan } };
}

function classOf({ size }: Plan): AnswerClass {
  return size === undefined ? 'other' : 'measured';
}

function chunks(line: string): Uint8Array[] {
  const octets = latin1(line);
  const strings: Uint8Array[] = [];
  for (let at = 0; at < octets.length || at === 0; at += 255) strings.push(octets.subarray(at, at + 255));
  return strings;
}
