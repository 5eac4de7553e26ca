/** From draft to octets: limit, sign and fit, in that order (DESIGN: life of a query). */

import type { SignatureFault, Signer } from '../dnssec/signer.ts';
import { paddingOption } from '../wire/edns-option.ts';
import { FLAG } from '../wire/header.ts';
import { encodeResponse, measureResponse, type Response, type ResponseEdns } from '../wire/message.ts';
import { type Name, nameKey, prepend } from '../wire/name.ts';
import type { Question } from '../wire/query.ts';
import { cdnskey } from '../wire/rdata/cdnskey.ts';
import { cds } from '../wire/rdata/cds.ts';
import { cname } from '../wire/rdata/cname.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { ds } from '../wire/rdata/ds.ts';
import { txt } from '../wire/rdata/txt.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';
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
  readonly isUdp: boolean;
  /** Pays for a datagram of so many octets; false where a budget is spent. Asked before anything is signed. */
  readonly payOctets: (octets: number) => boolean;
  /** Pays for fresh signatures of so many microseconds; false where the budget is spent. */
  readonly paySigning: (microseconds: number) => boolean;
}

export interface Composed {
  readonly octets: Uint8Array;
  readonly truncated: boolean;
  readonly choice: Choice;
  /** A budget was spent: the answer says nothing about the path. */
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
  if (draft.overBudget) return truncated(true);
  if (trial?.plan.truncate && frame.isUdp) return truncated(false);
  if (size !== undefined && size > frame.limit) return truncated(false);
  const fitted = size === undefined ? undefined : chooseFiller(draft, frame, size);
  const choice = fitted ?? smallest(draft);
  // The size is known before anything is signed: what would not fit costs no signature.
  // A spare label may meet its like in the query name, and then be compressed away: looked at again.
  const sent = size !== undefined && fitted && fitted.kind !== 'label' ? size : measure(draft, frame, choice);
  if (sent > frame.limit) return draft.shorter ? compose(draft.shorter, frame) : truncated(false);
  if (!frame.payOctets(sent) || !frame.paySigning(signingCost(draft, frame, choice))) return truncated(true);
  return {
    octets: encodeResponse(responseOf(draft, frame, choice, { sent })),
    truncated: false,
    choice,
    budget: false,
  };
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

/** What brings the message to `size`, undefined where nothing does. */
function chooseFiller(draft: Draft, frame: Frame, size: number): Choice | undefined {
  const { plan, alias } = draft.trial!;
  const can = { sign: signs(draft, frame) && plan.fault !== 'nosig', edns: frame.edns !== undefined };
  const ladder = alias ? fillerLadder(plan.filler, can) : (['txt'] as const);
  return fitFiller(size, ladder, (choice) => measure(draft, frame, choice));
}

/** The smallest form of a message that cannot have its size: TXT in the answer is at least one empty character-string. */
function smallest({ trial }: Draft): Choice {
  return trial?.plan.size !== undefined && !trial.alias ? { kind: 'txt', octets: 1 } : NO_FILLER;
}

function measure(draft: Draft, frame: Frame, choice: Choice): number {
  return measureResponse(responseOf(draft, frame, choice, 'placeholder'));
}

/** `placeholder`: signatures and made names of the right length, for measuring only. `sent`: the size that was measured. */
type Making = 'placeholder' | { readonly sent: number };

function responseOf(draft: Draft, frame: Frame, choice: Choice, making: Making): Response {
  const made = madeEntries(draft, frame, choice, making);
  const section = (entries: readonly Entry[]) =>
    entries.flatMap((one) => withSignature(one, draft, frame, making));
  const padding = choice.kind === 'padding' && frame.edns ? [paddingOption(choice.octets)] : [];
  return {
    id: frame.id,
    flags: headerFlags(draft, frame),
    rcode: draft.rcode,
    question: frame.question,
    answer: section([...draft.answer, ...made.answer]),
    authority: section(draft.authority),
    additional: section([...draft.additional, ...made.additional]),
    edns: frame.edns && { ...frame.edns, options: [...frame.edns.options, ...padding] },
  };
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
  const reuse = trial.isRepeatable ? `${nameKey(question.qname)} ${choice.octets}` : undefined;
  return { answer: [entry(filler, reuse)], additional: [] };
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
  const set = one.signatureOnly ? [] : [one.set];
  const signer = signerOf(one, draft, frame);
  if (!signer) return set;
  const fault = faultOf(one.set.type, draft, frame);
  const signature =
    making === 'placeholder'
      ? signer.placeholder(one.set)
      : signer.sign(one.set, frame.nowSeconds, fault, one.reuse);
  return [...set, signature];
}

/** Who signs the entry in this answer, undefined where nobody does. */
function signerOf(one: Entry, draft: Draft, frame: Frame): Signer | undefined {
  const isWanted = one.signed && (one.signatureOnly ?? signs(draft, frame));
  return isWanted && faultOf(one.set.type, draft, frame) !== 'nosig' ? draft.zone?.signer : undefined;
}

function faultOf(type: number, { trial, zone }: Draft, { question }: Frame): SignatureFault | undefined {
  // Validators ask for DS to find the cut above what is spoiled; spoiled as well, it keeps PowerDNS asking.
  if (question?.qtype === ds.type) return undefined;
  return trial?.plan.fault ?? (KEY_TYPES.includes(type) ? undefined : zone?.fault);
}

function signs({ zone }: Draft, { edns }: Frame): boolean {
  return zone?.signer !== undefined && edns?.dnssecOk === true;
}

/** Microseconds of signatures that cannot come from memory: those of made names, and all that a fault spoils. */
function signingCost(draft: Draft, frame: Frame, choice: Choice): number {
  const costOf = (one: Entry): number => {
    const signer = signerOf(one, draft, frame);
    if (!signer) return 0;
    const isRemembered =
      one.reuse !== undefined &&
      faultOf(one.set.type, draft, frame) === undefined &&
      signer.remembers(one.set, frame.nowSeconds, one.reuse);
    return isRemembered ? 0 : signer.costOf(one.set.type);
  };
  const made = madeEntries(draft, frame, choice, 'placeholder');
  return [...draft.answer, ...draft.authority, ...made.answer, ...made.additional].reduce(
    (sum, one) => sum + costOf(one),
    0,
  );
}

function headerFlags(draft: Draft, frame: Frame): number {
  return frame.echoedFlags | (draft.authoritative ? FLAG.AA : 0);
}
