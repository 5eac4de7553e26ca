/** The service of one thread: the quick way first, the general way for all else, which leaves the quick way its templates. */
import { readAddress } from '../../record/address.ts';
import { recordInto } from '../../record/encode.ts';
import type { RowSink } from '../../record/sink.ts';
import { type Arrival, LEAST_MTU } from '../arrival.ts';
import { makeCore, type Surroundings } from '../core.ts';
import type { Outcome } from '../deliver.ts';
import type { Inbound, LocalAddress } from '../inbound.ts';
import { type Respond, respondWith } from '../respond.ts';
import type { Service, Special } from '../service.ts';
import { QuickResponder } from './quick-responder.ts';

/** @param locals every local address that messages may name, by index */
export function makeService(
  surroundings: Surroundings,
  { locals }: { locals: readonly LocalAddress[] },
): Service {
  const core = makeCore(surroundings);
  return new QuickService(respondWith(core), new QuickResponder(core, locals));
}

class QuickService implements Service {
  special: Special | undefined = undefined;
  rowAt = -1;
  isNonsense = false;
  private readonly respond: Respond;
  private readonly quick: QuickResponder;

  constructor(respond: Respond, quick: QuickResponder) {
    this.respond = respond;
    this.quick = quick;
  }

  answer(inbound: Inbound, out: Uint8Array, at: number, limit: number, rows: RowSink): number {
    this.special = undefined;
    this.isNonsense = false;
    const length = this.quick.answer(inbound, out, at, limit, rows);
    this.rowAt = this.quick.rowAt;
    return length > 0 ? length : this.answerGenerally(inbound, out, at, limit, rows);
  }

  private answerGenerally(
    inbound: Inbound,
    out: Uint8Array,
    at: number,
    limit: number,
    rows: RowSink,
  ): number {
    const { octets, start, length } = inbound;
    this.rowAt = -1;
    const outcome = this.respond(octets.subarray(start, start + length), arrivalOf(inbound));
    this.quick.learn(outcome);
    return this.leave(outcome, out, at, limit, rows);
  }

  private leave(
    { octets, delayMs, arm, facts }: Outcome,
    out: Uint8Array,
    at: number,
    limit: number,
    rows: RowSink,
  ): number {
    this.isNonsense = facts === undefined;
    if (!facts) return 0;
    if (octets && (delayMs > 0 || arm !== 'default' || octets.length > limit)) {
      this.special = { octets, delayMs, arm, facts };
      return 0;
    }
    this.rowAt = recordInto(facts, rows);
    if (!octets) return 0;
    out.set(octets, at);
    return octets.length;
  }
}

/** The message's way here as the general way wants it; keeps nothing of `inbound`, which is used again. */
export function arrivalOf({ source, family, port, local, transport, ttl, pathMtu }: Inbound): Arrival {
  const octets = source.slice(0, family === 4 ? 4 : 16);
  return {
    source: { text: readAddress(octets, 0, family), octets, family },
    sourcePort: port,
    local: local.text,
    localKey: local.key,
    transport,
    ttl,
    pathMtu,
    linkMtu: local.linkMtu,
    // The socket has IPV6_MTU set to it.
    ...(family === 6 && { fragmentMtu: LEAST_MTU }),
  };
}
