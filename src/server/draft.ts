/** Draft: what is to be said, before limits, signatures and size have had their word. */
import type { Arm, Plan } from '../behaviors/behavior.ts';
import type { Excluded, ReceiptFacts, Step, Transport } from '../record/facts.ts';
import type { ExtendedError } from '../wire/edns-option.ts';
import { RCODE } from '../wire/header.ts';
import type { Rrset } from '../wire/rrset.ts';
import type { Phase } from '../zone/made.ts';
import type { Zone } from '../zone/zone.ts';
import type { Choice } from './fit.ts';
import type { AnswerClass } from './limit.ts';

export interface Entry {
  readonly set: Rrset;
  /** False for NS at a cut and for glue (RFC 4035 §2.2), and for RRSIGs themselves. */
  readonly signed: boolean;
  /** Name under which its signature may be remembered; undefined where it serves once. */
  readonly reuse: string | undefined;
  /** The signature alone is said, whether or not the query has DO: QTYPE RRSIG. */
  readonly signatureOnly?: true;
}

/** A CNAME to a name that is made for this one message, when its size is known. */
export interface Alias {
  readonly ttl: number;
  /** Label of 62 characters; `sent` is the size of the message and `choice` what made it. */
  label(sent: number, choice: Choice): string;
}

/** What a test name adds. */
export interface TrialDraft {
  readonly behavior: string;
  /** Presentation form, without the run. */
  readonly options: string;
  readonly step: Step;
  readonly run: string;
  readonly plan: Plan;
  readonly alias: Alias | undefined;
  readonly receipt: ReceiptFacts | null;
  /** Octets of an answer without which this source's prefix could not know the name, 0 for none. */
  readonly proven: number;
  /** Octets that rows report as asked for, 0 for none. */
  readonly asked: number;
  /** Whether the same name may be asked again: then its signature is worth remembering. */
  readonly isRepeatable: boolean;
  /** Phase of a key roll that it speaks of, where that is not the one in which it is asked. */
  readonly phase?: Phase;
  /** Why the trial says nothing about the path. */
  readonly excluded: Excluded;
}

export interface Draft {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly zone: Zone | undefined;
  readonly answer: readonly Entry[];
  readonly authority: readonly Entry[];
  readonly additional: readonly Entry[];
  readonly class: AnswerClass;
  readonly error: ExtendedError | undefined;
  readonly trial: TrialDraft | undefined;
  /** It would have cost more to find out than is left: nothing of it is said. */
  readonly overBudget?: true;
  /** What is said in its place where it does not fit. */
  readonly shorter?: Draft;
}

export function entry(set: Rrset, reuse?: string): Entry {
  return { set, signed: true, reuse };
}

export function unsignedEntry(set: Rrset): Entry {
  return { set, signed: false, reuse: undefined };
}

/** How the answer leaves: an arm is for measured datagrams, and a stream has its own ways. */
export function armOf({ trial }: Draft, transport: Transport): Arm {
  return transport === 'udp' && trial?.step === 'measured' ? trial.plan.arm : 'default';
}

/** An error or empty answer: no records at all. */
export function bare(rcode: number, error?: ExtendedError, zone?: Zone): Draft {
  return {
    rcode,
    authoritative: false,
    zone,
    answer: [],
    authority: [],
    additional: [],
    class: 'other',
    error,
    trial: undefined,
  };
}

/** What is said where finding out costs more than is left of the budget. */
export function overBudget(zone: Zone): Draft {
  return { ...bare(RCODE.NOERROR, undefined, zone), authoritative: true, overBudget: true };
}
