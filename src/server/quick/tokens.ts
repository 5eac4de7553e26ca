/** Tokens of the quick way: receipts, gates and runs, made in place without allocation. */
import { GATE_LETTER, type MutableGate, makeMutableGate, writeGate } from '../../zone/gate.ts';
import { makeMutableReceipt, RECEIPT_LETTER, writeReceipt } from '../../zone/receipt.ts';
import { sealTokenInto, TOKEN_CHARACTERS, TOKEN_OCTETS } from '../../zone/token.ts';
import type { Core } from '../core.ts';
import type { Inbound } from '../inbound.ts';
import { prefixTagOf } from '../source.ts';
import type { QuickQuery } from './quick-query.ts';
import type { Subject } from './subject.ts';
import type { Template } from './template.ts';

/** Octets of a label that is a token with its letter. */
export const TOKEN_LABEL = 1 + TOKEN_CHARACTERS;
const RECEIPT_OCTET = RECEIPT_LETTER.charCodeAt(0);
const GATE_OCTET = GATE_LETTER.charCodeAt(0);
const RUN_OCTETS = 6;
const RANDOM_OCTETS = 4096;

/** Made for the message that `query` and `subject` hold at the time. */
export class Tokens {
  private readonly core: Core;
  private readonly query: QuickQuery;
  private readonly subject: Subject;
  private readonly receipt = makeMutableReceipt();
  private readonly gate: MutableGate = makeMutableGate();
  private readonly content = new Uint8Array(TOKEN_OCTETS);
  private random: Uint8Array = new Uint8Array(0);
  private randomAt = 0;

  constructor(core: Core, query: QuickQuery, subject: Subject) {
    this.core = core;
    this.query = query;
    this.subject = subject;
  }

  /** Writes the label of a receipt, without its length, at `at`. */
  writeReceipt(
    template: Template,
    { time, transport, family }: Inbound,
    sourceTag: number,
    instance: number,
    out: Uint8Array,
    at: number,
  ): void {
    const { receipt, core, content, query, subject } = this;
    receipt.node = core.settings.node.id;
    receipt.instance = instance;
    receipt.at = time;
    receipt.sourceTag = sourceTag;
    receipt.asked = subject.n;
    receipt.sent = template.octets.length;
    receipt.edns = query.udpPayloadSize;
    receipt.transport = transport;
    receipt.fragments = template.fragments;
    receipt.filler = template.filler;
    receipt.family = family;
    receipt.ttl = template.ttl;
    if (subject.hasRun) receipt.run.set(subject.run);
    else receipt.run.fill(0);
    writeReceipt(content, receipt);
    out[at] = RECEIPT_OCTET;
    sealTokenInto(content, subject.zone!.apex, core.macs.receipt, out, at + 1);
  }

  /** Writes the label of a gate, without its length, at `at`; a subject without a run is given one. */
  writeGate({ source, family, time }: Inbound, out: Uint8Array, at: number): void {
    const { gate, core, content, subject } = this;
    gate.behavior = subject.behavior!.code;
    gate.n = subject.n;
    gate.state = subject.state;
    gate.issuedAt = time;
    gate.prefixes[0] = prefixTagOf(source, family, core.taggers);
    gate.prefixCount = 1;
    if (!subject.hasRun) this.drawRun(subject.run);
    gate.run.set(subject.run);
    writeGate(content, gate);
    out[at] = GATE_OCTET;
    sealTokenInto(content, subject.zone!.apex, core.macs.gate, out, at + 1);
  }

  // Random octets are drawn many at a time: one call costs as much as all the rest of an answer.
  private drawRun(run: Uint8Array): void {
    if (this.randomAt + RUN_OCTETS > this.random.length) {
      this.random = this.core.random(RANDOM_OCTETS);
      this.randomAt = 0;
    }
    for (let k = 0; k < RUN_OCTETS; k++) run[k] = this.random[this.randomAt++]!;
  }
}
