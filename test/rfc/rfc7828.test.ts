/** RFC 7828 §3: edns-tcp-keepalive, over TCP only. */
import { expect, it } from 'vitest';
import { makeTestResponder } from '../support/responder.ts';
import { seen } from './seen.ts';

const KEEPALIVE = 11;
const responder = await makeTestResponder({ settings: { tcpIdle: 12 } });

function ask(transport: 'udp' | 'tcp', octets: number | undefined) {
  const options = octets === undefined ? [] : [{ code: KEEPALIVE, data: new Uint8Array(octets) }];
  return seen(
    responder.ask({ name: 'probe.test', type: 'SOA', udpPayloadSize: 1232, options, transport }).octets,
  );
}

it('says our idle limit in units of 100 ms', () => {
  expect(ask('tcp', 0).opt?.options.get(KEEPALIVE)).toEqual(Uint8Array.of(0, 120));
});

it('says nothing when it was not asked', () => {
  expect(ask('tcp', undefined).opt?.options.has(KEEPALIVE)).toBe(false);
});

it.each([0, 1, 2, 3])('ignores an option of %i octets over UDP', (octets) => {
  const found = ask('udp', octets);
  expect(found).toMatchObject({ rcode: 'NOERROR', answer: ['probe.test SOA'] });
  expect(found.opt?.options.has(KEEPALIVE)).toBe(false);
});

it.each([1, 3])('an option of %i octets over TCP is FORMERR', (octets) => {
  expect(ask('tcp', octets).rcode).toBe('FORMERR');
});
