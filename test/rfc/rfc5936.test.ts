/** RFC 5936 and RFC 1995: no transfer of a zone, whose names are made as they are asked for. */
import { describe, expect, it } from 'vitest';
import { makeTestResponder } from '../support/responder.ts';
import { seen } from './seen.ts';

const { ask } = await makeTestResponder();

describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
  it.each(['probe.test', 'a13.probe.test', 's512.probe.test', 'example.com'])(
    'AXFR and IXFR of %s',
    (name) => {
      for (const type of ['AXFR', 'IXFR'])
        for (const edns of [{}, { udpPayloadSize: 1232 }]) {
          const found = seen(ask({ name, type, transport, ...edns }).octets);
          expect(found).toMatchObject({ rcode: 'REFUSED', flags: '', answer: [], authority: [] });
        }
    },
  );
});
