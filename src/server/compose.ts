/** From draft to octets: limit, sign and fit, in that order (DESIGN: life of a query). */

import type { SignatureFault } from '../dnssec/signer.ts';
import { paddingOption } from '../wire/edns-option.ts';
import { FLAG } from '../wire/header.ts';
import { encodeResponse, type Response, type ResponseEdns } from '../wire/message.ts';
import { type Name, nameKey, prepend } from '../wire/name.ts';
import type { Question } from '../wire/query.ts';
import { cdnskey } from '../wire/rdata/cdnskey.ts';
import { cds } from '../wire/rdata/cds.ts';
import { cname } from '../wire/rdata/cname.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { txt } from '../wire/rdata/txt.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';
import { MAX_MESSAGE } from '../wire/writer.ts';
import { TOKEN_CHARACTERS } from '../zone/token.ts';
import { FILLER_LABEL, type Zone } from '../zone/zone.ts';
import { type Alias, type Draft, type Entry, entry, unsignedEntry } from './draft.ts';
import { type Choice, fillerLadder, fillerStrings, fitFiller, NO_FILLER, spareParts } from './fit.ts';

/** What the answer owes to the query whatever it says. */
export interface Frame {
  readonly id: number;
  /** Opcode, RD and CD of the query. */
  readonly echoedFlags: number;
  readonly question: Question | undefined;
  readonly edns: ResponseEdns | undefined;
  readonly nowSeconds: number;
  /** Octets that may leave: the UDP limit, or 65535. */
  readonly limit: number;
  /** Pays for fresh signatures of so many microseconds; false where the budget is spent. */
  readonly paySigning: (microseconds: number) => boolean;
}

export interface Composed {
  readonly octets: Uint8Array;
  readonly truncated: boolean;
  readonly choice: Choice;
  /** The signing budget was spent: the truncated answer says nothing about the path. */
  readonly budget: boolean;
}

/** Types that the zone's own fault spares: without keys there would be nothing to judge the rest by. */
const KEY_TYPES: readonly number[] = [dnskey.type, cds.type, cdnskey.type];

/** The message, or a truncated one where it would exceed the limit. */
export function compose(draft: Draft, frame: Frame): Composed {
  const { trial } = draft;
  const size = trial?.plan.size;
  const truncated = (budget: boolean): Composed => ({
    octets: truncate(draft, frame),
    truncated: true,
    choice: NO_FILLER,
    budget,
  });
  if (trial?.plan.truncate && frame.limit < MAX_MESSAGE) return truncated(false);
  if (size !== undefined && size > frame.limit) return truncated(false);
  const choice = size === undefined ? NO_FILLER : chooseFiller(draft, frame, size);
  // The size is known before anything is signed: what would not fit costs no signature.
  const sent = measure(draft, frame, choice);
  if (sent > frame.limit) return truncated(false);
  if (!frame.paySigning(signingCost(draft, frame))) return truncated(true);
  return { octets: encode(draft, frame, choice, { sent }), truncated: false, choice, budget: false };
}

/** Header, question and OPT: a truncated answer holds no records that somebody could take for the whole (RFC 2181 §9). */
function truncate(draft: Draft, frame: Frame): Uint8Array {
  const { edns, question, id } = frame;
  const flags = headerFlags(draft, frame) | FLAG.TC;
  return encodeResponse({
    id,
    flags,
    rcode: draft.rcode,
    question,
    answer: [],
    authority: [],
    additional: [],
    edns,
  });
}

function chooseFiller(draft: Draft, frame: Frame, size: number): Choice {
  const { plan, alias } = draft.trial!;
  if (!alias) {
    const choice = fitFiller(size, ['txt'], (choice) => measure(draft, frame, choice));
    // The smallest message still is TXT: one empty character-string.
    return choice === NO_FILLER ? { kind: 'txt', octets: 1 } : choice;
  }
  const can = { sign: signs(draft, frame) && plan.fault !== 'nosig', edns: frame.edns !== undefined };
  return fitFiller(size, fillerLadder(plan.filler, can), (choice) => measure(draft, frame, choice));
}

function measure(draft: Draft, frame: Frame, choice: Choice): number {
  return encode(draft, frame, choice, 'placeholder').length;
}

/** `placeholder`: signatures and made names of the right length, for measuring only. `sent`: the size that was measured. */
type Making = 'placeholder' | { readonly sent: number };

function encode(draft: Draft, frame: Frame, choice: Choice, making: Making): Uint8Array {
  const made = madeEntries(draft, frame, choice, making);
  const section = (entries: readonly Entry[]) =>
    entries.flatMap((one) => withSignature(one, draft, frame, making));
  const padding = choice.kind === 'padding' && frame.edns ? [paddingOption(choice.octets)] : [];
  const response: Response = {
    id: frame.id,
    flags: headerFlags(draft, frame),
    rcode: draft.rcode,
    question: frame.question,
    answer: section([...draft.answer, ...made.answer]),
    authority: section(draft.authority),
    additional: section([...draft.additional, ...made.additional]),
    edns: frame.edns && { ...frame.edns, options: [...frame.edns.options, ...padding] },
  };
  return encodeResponse(response);
}

interface Made {
  readonly answer: readonly Entry[];
  readonly additional: readonly Entry[];
}

const NOTHING_MADE: Made = { answer: [], additional: [] };

/** Records that depend on the size of the message: the alias, and filler. */
function madeEntries({ trial, zone }: Draft, { question }: Frame, choice: Choice, making: Making): Made {
  if (!trial || !zone || !question || trial.step === 'receipt') return NOTHING_MADE;
  if (trial.alias) return madeAlias(trial.alias, zone, question.qname, choice, making);
  if (trial.plan.size === undefined) return NOTHING_MADE;
  const filler = fillerSet(question.qname, trial.plan.ttl, choice);
  return { answer: [entry(filler, `${nameKey(question.qname)} ${choice.octets}`)], additional: [] };
}

const PLACEHOLDER_LABEL = 'r'.repeat(1 + TOKEN_CHARACTERS);

function madeAlias(alias: Alias, zone: Zone, qname: Name, choice: Choice, making: Making): Made {
  const label = making === 'placeholder' ? PLACEHOLDER_LABEL : alias.label(making.sent, choice);
  const spare = spareParts(choice.kind === 'label' ? choice.octets : 0);
  const target = prepend(
    label + spare.suffix,
    spare.label === '' ? zone.apex : prepend(spare.label, zone.apex),
  );
  const link = entry(rrset(cname, qname, alias.ttl, [{ target }]));
  const owner = prepend(FILLER_LABEL, zone.apex);
  switch (choice.kind) {
    case 'txt':
      return { answer: [link, entry(fillerSet(target, 0, choice))], additional: [] };
    case 'signed':
      return {
        answer: [link],
        additional: [entry(fillerSet(owner, 0, choice), `${FILLER_LABEL} ${choice.octets}`)],
      };
    case 'plain':
      return { answer: [link], additional: [unsignedEntry(fillerSet(owner, 0, choice))] };
    default:
      return { answer: [link], additional: [] };
  }
}

function fillerSet(owner: Name, ttl: number, { octets }: Choice): Rrset {
  return rrset(txt, owner, ttl, [{ strings: fillerStrings(octets) }]);
}

function withSignature(one: Entry, draft: Draft, frame: Frame, making: Making): Rrset[] {
  const fault = faultOf(one.set.type, draft);
  const signer = draft.zone?.signer;
  if (!one.signed || !signer || !signs(draft, frame) || fault === 'nosig') return [one.set];
  const signature =
    making === 'placeholder'
      ? signer.placeholder(one.set)
      : signer.sign(one.set, frame.nowSeconds, fault, one.reuse);
  return [one.set, signature];
}

function faultOf(type: number, { trial, zone }: Draft): SignatureFault | undefined {
  return trial?.plan.fault ?? (KEY_TYPES.includes(type) ? undefined : zone?.fault);
}

function signs({ zone }: Draft, { edns }: Frame): boolean {
  return zone?.signer !== undefined && edns?.dnssecOk === true;
}

/** Microseconds of signatures that cannot come from memory. */
function signingCost(draft: Draft, frame: Frame): number {
  const { zone, trial } = draft;
  if (!signs(draft, frame) || !zone?.signer) return 0;
  const fresh = [...draft.answer, ...draft.authority].filter(
    ({ signed, reuse }) => signed && reuse === undefined,
  );
  const alias = trial?.alias ? zone.signer.costOf(cname.type) : 0;
  return fresh.reduce((sum, { set }) => sum + zone.signer!.costOf(set.type), alias);
}

function headerFlags(draft: Draft, frame: Frame): number {
  return frame.echoedFlags | (draft.authoritative ? FLAG.AA : 0);
}
