/** Every recorded message gets the outcome that its title names, over UDP and TCP; regressions among them. */
import { decode } from 'dns-packet'; // shares no code with ours
import { beforeAll, describe, expect, it } from 'vitest';
import { RCODE } from '../../src/wire/header.ts';
import { readMessages } from '../support/hex.ts';
import { makeTestResponder, type TestResponder } from '../support/responder.ts';

let responder: TestResponder;
beforeAll(async () => {
  responder = await makeTestResponder();
});

const messages = ['messages', 'regressions'].flatMap((directory) =>
  readMessages(`test/vectors/${directory}`),
);

/** RCODE of the whole answer: OPT's upper eight bits above those of the header. */
function outcomeOf(octets: Uint8Array | undefined): string {
  if (octets === undefined) return 'silence';
  const { additionals } = decode(Buffer.from(octets));
  const opt = additionals?.find((record) => record.type === 'OPT');
  const rcode = (octets[3]! & 0xf) | ((opt?.extendedRcode ?? 0) << 4);
  return Object.entries(RCODE).find(([, number]) => number === rcode)?.[0] ?? String(rcode);
}

describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
  it.each(messages)('$outcome: $title', ({ octets, outcome }) => {
    expect(outcomeOf(responder.respond(octets, { transport }).octets)).toBe(outcome);
    expect(responder.bugs).toEqual([]);
  });
});
