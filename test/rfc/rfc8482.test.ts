/** RFC 8482 §4.2: QTYPE ANY gets one small HINFO, at every name that exists. */
import { describe, expect, it } from 'vitest';
import { makeTestResponder } from '../support/responder.ts';
import { seen } from './seen.ts';

const responder = await makeTestResponder({ open: true });

describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
  it.each(['probe.test', 'a13.probe.test', 'me.probe.test', 's4096.probe.test', 'p4096.probe.test'])(
    '%s ANY',
    (name) => {
      const query = { name, type: 255, udpPayloadSize: 4096, transport };
      const plain = seen(responder.ask(query).octets);
      expect(plain).toMatchObject({
        rcode: 'NOERROR',
        flags: 'aa',
        answer: [`${name} HINFO`],
        authority: [],
      });
      expect(plain.records.answer[0]?.data).toEqual({ cpu: 'RFC8482', os: '' });
      const signed = seen(responder.ask({ ...query, dnssecOk: true }).octets);
      expect(signed.answer).toEqual([`${name} HINFO`, `${name} RRSIG`]);
      expect(signed.size).toBeLessThan(512);
    },
  );

  it('a name that does not exist does not come into being', () => {
    const query = { name: 'nothing.probe.test', type: 255, transport };
    expect(seen(responder.ask(query).octets)).toMatchObject({ rcode: 'NXDOMAIN', answer: [] });
  });
});
