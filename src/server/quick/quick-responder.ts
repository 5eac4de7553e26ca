/**
 * The quick way through a query: the same decisions as `respond.ts`, for the shapes that come by the hundred thousand (DESIGN: packet engine).
 *
 *     octets ─▶ plain? ─▶ proof ─▶ named template? ─▶ subject ─▶ template of its shape? ─▶ budget ─▶ patch ─▶ sign ─▶ octets, row
 *
 * Wherever the answer is no, nothing has left and the general way answers; what that makes may then serve as a template. Budgets,
 * proofs and numbers are the very ones of the general way; a budget that refuses here is asked again there: stricter, never looser.
 */

import { receiptText } from '../../behaviors/receipt-text.ts';
import { readAddress } from '../../record/address.ts';
import type { Proof, Relation } from '../../record/facts.ts';
import { FIELD, MARKS } from '../../record/layout.ts';
import type { RowSink } from '../../record/sink.ts';
import { ds } from '../../wire/rdata/ds.ts';
import { nsec } from '../../wire/rdata/nsec.ts';
import { rrsig } from '../../wire/rdata/rrsig.ts';
import { isMetaType } from '../../wire/rdata/table.ts';
import { txt } from '../../wire/rdata/txt.ts';
import { type MutableCookie, readCookieInto, writeCookie } from '../cookie.ts';
import type { Core } from '../core.ts';
import type { Outcome } from '../deliver.ts';
import type { Inbound, LocalAddress } from '../inbound.ts';
import { udpLimit } from '../limit.ts';
import { payWork } from '../pay.ts';
import { prefixTagOf, sourceTagOf } from '../source.ts';
import { isProven, WINDOW_MS } from '../source-proof.ts';
import { fillMessage, fillReceipt, fillRow, fillRun, fillSignature } from './fill.ts';
import { makeTemplate } from './make-template.ts';
import { LOWER, QUESTION_AT, QuickQuery } from './quick-query.ts';
import { makeQuickZones, type QuickZones } from './quick-zones.ts';
import { Subject } from './subject.ts';
import { KEY_WORDS, TEMPLATE_KIND, type Template } from './template.ts';
import { isNamedKey, writeKey, writeSubject } from './template-key.ts';
import { TemplateStore } from './template-store.ts';
import { TOKEN_LABEL, Tokens } from './tokens.ts';

const MAX_LEARNED_A_SECOND = 100;
/** Batches of several threads look at the clock at their own times. */
const CLOCK_SKEW_MS = 60_000;

export class QuickResponder {
  /** Where the row of the last answer begins, -1 where there was no room for it. */
  rowAt = -1;
  private readonly core: Core;
  private readonly query = new QuickQuery();
  private readonly subject: Subject;
  private readonly zones: QuickZones;
  private readonly templates: TemplateStore;
  private readonly tokens: Tokens;
  private readonly key = new Int32Array(KEY_WORDS);
  private readonly cookie: MutableCookie = { state: 'none', instance: null };
  private learned = 0;
  private learningIn = 0;
  private isPlain = false;
  private sourceLength: 4 | 16 = 4;
  private sourceTag = 0;
  private proof: Proof = 'none';
  private text = '';
  private relation: Relation = 'own';
  private time = 0;

  constructor(core: Core, locals: readonly LocalAddress[]) {
    this.core = core;
    this.subject = new Subject(core.macs);
    this.tokens = new Tokens(core, this.query, this.subject);
    this.zones = makeQuickZones(core.tree, locals);
    this.templates = new TemplateStore(new DataView(core.random(4).buffer).getInt32(0));
  }

  /**
   * @param limit octets free in `out` from `at`
   * @returns octets of the answer, 0 where the general way must answer
   */
  answer(inbound: Inbound, out: Uint8Array, at: number, limit: number, rows: RowSink): number {
    const { query, core } = this;
    // Under IPv6 an answer may leave in other pieces than a template says where the path's limit is known.
    const isUsualPath = inbound.family === 4 || inbound.pathMtu === 0;
    this.isPlain = isUsualPath && query.read(inbound.octets, inbound.start, inbound.length);
    if (!this.isPlain) return 0;
    this.time = inbound.time;
    this.sourceLength = inbound.family === 4 ? 4 : 16;
    this.readProof(inbound);
    const template = this.choose(inbound);
    if (!template || template.octets.length > limit || !this.isCurrent(template)) return 0;
    if (!this.pays(template, inbound)) return 0;
    const instance = core.nextInstance();
    this.fill(template, inbound, out, at, instance);
    this.note(inbound);
    this.record(template, inbound, rows, instance);
    return template.octets.length;
  }

  /** Keeps what the general way made of the query that `answer` has just declined, where it may serve again. */
  learn({ octets, facts, basis }: Outcome): void {
    const { query, subject, key, core } = this;
    if (!this.isPlain || !octets || !facts || !basis) return;
    const isNamed = isNamedKey(key);
    const kind = isNamed ? TEMPLATE_KIND.named : subject.kind;
    if (kind === 0 || !this.mayLearn()) return;
    const small = core.settings.isOpen
      ? octets.length
      : udpLimit(basis.exchange.query.edns, query.length, 'other', 'none', core.settings);
    const template = makeTemplate(kind, Int32Array.from(key), query, octets, facts, basis, small);
    if (template) this.templates.keep(template, query, isNamed);
  }

  private isCurrent({ since, until }: Template): boolean {
    return this.time < until && this.time > since - CLOCK_SKEW_MS;
  }

  // A template costs more to make than an answer: whoever asks for ever new shapes must not pay in our time.
  private mayLearn(): boolean {
    const second = Math.floor(this.time / 1000);
    if (second !== this.learningIn) this.learned = 0;
    this.learningIn = second;
    return this.learned++ < MAX_LEARNED_A_SECOND;
  }

  /** The proof of the source address, gates aside, as `respond.ts` finds it. */
  private readProof(inbound: Inbound): void {
    const { query, core, cookie } = this;
    const { settings, taggers } = core;
    cookie.state = 'none';
    cookie.instance = null;
    if (query.cookieLength > 0)
      readCookieInto(
        query.octets,
        query.cookieAt,
        query.cookieLength,
        inbound.source,
        this.sourceLength,
        Math.floor(this.time / 1000),
        settings.cookieLayout,
        core.cookieMac,
        cookie,
      );
    this.sourceTag = -1;
    if (settings.isOpen || settings.isAllowed(inbound.source, this.sourceLength)) this.proof = 'allow';
    else if (inbound.transport !== 'udp') this.proof = 'tcp';
    else if (this.hasValidCookie()) this.proof = 'cookie';
    else {
      this.sourceTag = sourceTagOf(inbound.source, this.sourceLength, taggers);
      this.proof = core.recent.has(this.sourceTag, this.time) ? 'recent' : 'none';
    }
  }

  private hasValidCookie(): boolean {
    return this.cookie.state === 'valid';
  }

  /** Leaves in `key` what the answer depends on, and finds the template that has it. */
  private choose(inbound: Inbound): Template | undefined {
    const { query, subject, zones, key, cookie } = this;
    writeKey(key, TEMPLATE_KIND.named, query, inbound, this.proof, cookie.state);
    const firstLength = query.octets[query.start + QUESTION_AT]!;
    // Nobody asks for a token twice.
    const named = firstLength === TOKEN_LABEL ? undefined : this.templates.find(key, query, true);
    if (named) return named;
    subject.read(query, zones, inbound.local.index, this.time);
    if (subject.kind === 0 || !this.accepts(inbound)) {
      subject.kind = 0;
      return undefined;
    }
    writeKey(key, subject.kind, query, inbound, this.proof, cookie.state);
    writeSubject(key, subject, query, this.text.length, this.relation);
    return this.templates.find(key, query, false);
  }

  /** Whether the shape of this query is one that templates know; finds the gate's proof, and what a receipt says. */
  private accepts({ family, source }: Inbound): boolean {
    const { subject, query, core } = this;
    if (!isOrdinary(query.qtype)) return false;
    switch (subject.kind) {
      case TEMPLATE_KIND.gate:
        return this.openGate(prefixTagOf(source, family, core.taggers));
      case TEMPLATE_KIND.label:
        // Without a need for a gate the answer to a name that repeats, repeats.
        return subject.behavior!.answers !== 'filler' || !isProven(this.proof);
      case TEMPLATE_KIND.receipt:
        return query.qtype === txt.type && this.readRelation(source, family);
      default:
        return true;
    }
  }

  private openGate(tag: number): boolean {
    const { gate, behavior } = this.subject;
    const age = this.time - gate.issuedAt;
    let listed = false;
    for (let index = 0; index < gate.prefixCount; index++) listed ||= gate.prefixes[index] === tag;
    const opens = listed && age <= WINDOW_MS && age >= -WINDOW_MS;
    if (opens && !isProven(this.proof)) this.proof = 'gate';
    return isProven(this.proof) && behavior!.answers !== 'filler';
  }

  private readRelation(source: Uint8Array, family: 4 | 6): boolean {
    const { receipt } = this.subject;
    const { node } = this.core.settings;
    const age = this.time - receipt.at;
    const isFresh = age <= WINDOW_MS && age >= -WINDOW_MS;
    const isOwn = receipt.sourceTag === this.tagOf(source);
    this.relation = !isFresh ? 'replay' : isOwn ? 'own' : 'relayed';
    if (this.relation === 'own' && !isProven(this.proof)) this.proof = 'gate';
    const sender = receipt.node === node.id ? node.name : `node ${receipt.node}`;
    this.text = receiptText(receipt, this.relation, readAddress(source, 0, family), sender);
    return this.text.length < 256;
  }

  private tagOf(source: Uint8Array): number {
    if (this.sourceTag < 0) this.sourceTag = sourceTagOf(source, this.sourceLength, this.core.taggers);
    return this.sourceTag;
  }

  /** Budgets are asked in the order of the general way, and only where it would ask. */
  private pays({ fresh, isLarge, octets }: Template, { source, family }: Inbound): boolean {
    const { core, proof, time } = this;
    if (isLarge) {
      const prefix = prefixTagOf(source, family, core.taggers);
      const large = octets.length;
      if (!core.prefixOctets.take(prefix, large, time) || !core.allOctets.take(0, large, time)) return false;
    }
    return fresh === undefined || payWork(core, time, proof, fresh.costMicroseconds);
  }

  private fill(template: Template, inbound: Inbound, out: Uint8Array, at: number, instance: number): void {
    const { query, core, time } = this;
    const { fresh, made, cookieAt } = template;
    const nowSeconds = Math.floor(time / 1000);
    fillMessage(template, query, out, at);
    if (made) this.make(template, inbound, out, at + made.at, instance);
    if (fresh && made) {
      const length =
        made.kind === 'text' ? this.text.length : made.kind === 'next' ? query.nameLength : TOKEN_LABEL;
      for (let k = 0; k < length; k++) fresh.covered[fresh.madeAt + k] = out[at + made.at + k]!;
      fillSignature(fresh, query, nowSeconds, out, at);
    }
    if (cookieAt >= 0)
      writeCookie(
        query.octets,
        query.cookieAt,
        inbound.source,
        this.sourceLength,
        instance,
        nowSeconds,
        core.settings.cookieLayout,
        core.cookieMac,
        out,
        at + cookieAt,
      );
  }

  /** Writes what is made for this message: a token, the text of a receipt, or the next name of a denial. */
  private make(template: Template, inbound: Inbound, out: Uint8Array, at: number, instance: number): void {
    const { query, text } = this;
    switch (template.made!.kind) {
      case 'receipt':
        this.tokens.writeReceipt(template, inbound, this.tagOf(inbound.source), instance, out, at);
        return;
      case 'gate':
        this.tokens.writeGate(inbound, out, at);
        return;
      case 'text':
        for (let k = 0; k < text.length; k++) out[at + k] = text.charCodeAt(k);
        return;
      case 'next': {
        const nameAt = query.start + QUESTION_AT;
        for (let k = 0; k < query.nameLength; k++) out[at + k] = LOWER[query.octets[nameAt + k]!]!;
      }
    }
  }

  private note({ source }: Inbound): void {
    const { core, proof, time } = this;
    if (!core.settings.isOpen && isProven(proof)) core.recent.note(this.tagOf(source), time);
  }

  private record(template: Template, inbound: Inbound, rows: RowSink, instance: number): void {
    const { query, cookie, subject, time } = this;
    const at = rows.reserve(template.slots);
    this.rowAt = at;
    if (at < 0) return;
    fillRow(template, query, inbound, rows, at, time, instance);
    const marks = template.row[FIELD.marks]!;
    if (marks & MARKS.cookieInstance)
      rows.view.setUint32(at + FIELD.cookieInstance, cookie.instance ?? 0, true);
    if (marks & MARKS.run) fillRun(subject.run, rows, at);
    if (marks & MARKS.receipt) fillReceipt(subject.receipt, rows, at);
  }
}

/** Types that every kind of test name answers alike: no meta type, none that stands beside a CNAME, none of the parent's side of a cut. */
function isOrdinary(qtype: number): boolean {
  return !isMetaType(qtype) && qtype !== rrsig.type && qtype !== nsec.type && qtype !== ds.type;
}
