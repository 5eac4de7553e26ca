/** What a DNS message asks, read without the code under test (RFC 1035 §4.1). */
import type { Message } from './passage.ts';

const HEADER = 12;

/** Undefined where the octets hold no question; of a first fragment the beginning is enough. */
export function readQuestion(message: Buffer): Omit<Message, 'port'> | undefined {
  if (message.length < HEADER || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER;
  for (let length = message[at]; length; length = message[at]) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return {
    isResponse: (message[2]! & 0x80) !== 0,
    id: message.readUInt16BE(0),
    qname: labels.join('.').toLowerCase(),
  };
}
