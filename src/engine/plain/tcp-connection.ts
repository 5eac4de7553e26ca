/** One TCP connection: messages behind two octets of length, any number at a time, answers as they are ready (RFC 7766 §6.2.1). */
import type { Socket } from 'node:net';
import type { Facts } from '../../record/facts.ts';
import type { Arrival } from '../../server/arrival.ts';
import { unsent, wordlessConnection } from '../../server/record.ts';
import type { Connections } from './tcp-connections.ts';
import type { Handler } from './transport.ts';

/** Octets of answers that a peer may leave unread or waiting before its next query is looked at. */
const MAX_OWED = 1024 * 1024;
/** Delayed answers of one connection that may wait at a time. */
const MAX_DELAYED = 100;
/** Octets of queries that are taken in before the first of them is answered. */
const MAX_RECEIVED = 128 * 1024;

interface Delayed {
  readonly timer: NodeJS.Timeout;
  readonly octets: Uint8Array;
  readonly facts: Facts | undefined;
}

/** @param idle seconds */
export function serveConnection(
  socket: Socket,
  arrival: Arrival,
  handler: Handler,
  connections: Connections,
  idle: number,
): void {
  const delayed = new Set<Delayed>();
  let delayedOctets = 0;
  let received: Buffer = Buffer.alloc(0);
  let ended = false;
  let hasAsked = false;
  // Only a whole query or a read answer counts as activity: an octet now and then does not keep a connection (RFC 9210 §5).
  const quiet = setTimeout(() => (delayed.size > 0 ? quiet.refresh() : socket.destroy()), idle * 1000);
  socket.on('error', () => socket.destroy());
  socket.on('close', close);
  socket.on('data', (octets) => {
    received = received.length === 0 ? octets : Buffer.concat([received, octets]);
    if (received.length > MAX_RECEIVED) socket.pause();
    connections.schedule(answerNext);
  });
  socket.on('drain', () => {
    quiet.refresh();
    connections.schedule(answerNext);
  });
  socket.on('end', () => {
    ended = true;
    connections.schedule(answerNext);
  });

  function answerNext(): boolean {
    if (!socket.writable) return false;
    // Nothing more for a peer that does not read; it goes on when it has read, or a delayed answer has left.
    if (socket.writableLength + delayedOctets > MAX_OWED || delayed.size >= MAX_DELAYED) return false;
    const length = received.length < 2 ? 0 : received.readUInt16BE(0);
    if (received.length < 2 + length || received.length < 2) {
      if (ended && delayed.size === 0) socket.end();
      else socket.resume();
      return false;
    }
    const query = received.subarray(2, 2 + length);
    received = received.subarray(2 + length);
    answer(query);
    return true;
  }

  function answer(query: Uint8Array): void {
    hasAsked = true;
    connections.touch(socket);
    quiet.refresh();
    const { octets, delayMs, facts } = handler.respond()(query, arrival);
    // A runt or a response: whoever sends that does not speak DNS with us.
    if (!facts) socket.destroy();
    else if (octets && delayMs > 0) later(octets, delayMs, facts);
    else {
      if (octets) write(octets);
      handler.record(facts);
    }
  }

  function later(octets: Uint8Array, delayMs: number, facts: Facts): void {
    if (!connections.delay(octets.length)) {
      handler.record(unsent(facts));
      socket.destroy();
      return;
    }
    delayedOctets += octets.length;
    const one: Delayed = { timer: setTimeout(() => leave(one), delayMs), octets, facts };
    delayed.add(one);
  }

  function leave(one: Delayed): void {
    forget(one);
    // We stop: what is not written by now goes no more, or what is written would not be delivered.
    if (socket.writable) write(one.octets);
    if (one.facts) handler.record(socket.writable ? one.facts : unsent(one.facts));
    connections.schedule(answerNext);
  }

  function forget(one: Delayed): void {
    delayed.delete(one);
    delayedOctets -= one.octets.length;
    connections.release(one.octets.length);
  }

  function write(octets: Uint8Array): void {
    const framed = Buffer.allocUnsafe(2 + octets.length);
    framed.writeUInt16BE(octets.length);
    framed.set(octets, 2);
    socket.write(framed);
  }

  function close(): void {
    clearTimeout(quiet);
    const now = handler.now();
    // Who had ended it by then is not excused by our ending it too.
    const isOurDoing = !ended && connections.isExcused(socket);
    if (!hasAsked && connections.mayNoteWordless(arrival.source, now))
      handler.record(wordlessConnection(arrival, now, isOurDoing ? 'budget' : ''));
    for (const one of [...delayed]) {
      clearTimeout(one.timer);
      forget(one);
      if (one.facts) handler.record(unsent(one.facts));
    }
  }
}
