/** Path events: what an ICMP error says, and the question that it quotes. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIELD } from '../../src/record/layout.ts';
import { type PathEvent, recordPathEvent } from '../../src/record/path-event.ts';
import { makeRing, ringSink } from '../../src/record/ring.ts';
import { formatName } from '../../src/wire/name.ts';
import { decodeRow } from '../support/decode-row.ts';
import { hex } from '../support/hex.ts';
import { encodeQuestion } from '../support/responder.ts';
import { LONGEST } from './facts.ts';

const TOO_BIG: PathEvent = {
  time: Date.UTC(2026, 10, 24),
  local: { octets: hex('c0000201') },
  family: 4,
  source: hex('cb007107 000000000000000000000000'),
  sourcePort: 40_000,
  icmpType: 3,
  icmpCode: 4,
  icmpMtu: 1280,
  offender: hex('c6336401 000000000000000000000000'),
  offenderFamily: 4,
  quoted: encodeQuestion({ name: 's4096.probe.test', id: 4711 }),
};

function recorded(changes: Partial<PathEvent>) {
  const sink = ringSink(makeRing(8), 1);
  sink.octets.fill(0xff);
  const at = recordPathEvent({ ...TOO_BIG, ...changes }, sink);
  return { ...decodeRow(sink.octets, sink.view, at), slots: sink.octets[at + FIELD.slots] };
}

it('says who could not be reached, why, and what the error quotes of our answer', () => {
  expect(recorded({})).toMatchObject({
    event: 'path',
    time: TOO_BIG.time,
    src: '203.0.113.7',
    src_port: 40_000,
    dst: '192.0.2.1',
    proto: 'udp',
    ip_version: 4,
    id: 4711,
    qname: 's4096.probe.test.',
    qtype: 16,
    qclass: 1,
    edns_version: -1,
    ede: -1,
    excluded: '',
    receipt: null,
    count: 1,
    icmp_type: 3,
    icmp_code: 4,
    icmp_mtu: 1280,
    icmp_from: '198.51.100.1',
    slots: 1,
  });
});

it('names nothing that the error does not say', () => {
  const quoted = new Uint8Array(0);
  expect(recorded({ quoted, icmpMtu: 0, offenderFamily: 0 })).toMatchObject({
    id: 0,
    qname: '',
    icmp_mtu: null,
    icmp_from: null,
  });
});

it('knows IPv6, and names that need a second slot', () => {
  const changes = {
    family: 6,
    local: { octets: hex('20010db8 00000000 00000000 00000001') },
    source: hex('20010db8 00000000 00000000 00000053'),
    offender: hex('20010db8 ffff0000 00000000 00000001'),
    offenderFamily: 6,
    quoted: encodeQuestion({ name: LONGEST }),
  } as const;
  expect(recorded(changes)).toMatchObject({
    src: '2001:db8::53',
    dst: '2001:db8::1',
    icmp_from: '2001:db8:ffff::1',
    qname: formatName(LONGEST),
    slots: 2,
  });
});

it('takes any quotation, cut anywhere', () => {
  const whole = TOO_BIG.quoted;
  for (let length = 0; length < whole.length; length++)
    expect(recorded({ quoted: whole.subarray(0, length) })).toMatchObject({ qname: '', qtype: 0 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), (quoted) => {
      expect(recorded({ quoted }).event).toBe('path');
    }),
  );
});

it('leaves nothing where the ring has no room', () => {
  const sink = ringSink(makeRing(4), 1);
  for (let count = 0; count < 4; count++) expect(recordPathEvent(TOO_BIG, sink)).toBeGreaterThanOrEqual(0);
  expect(recordPathEvent(TOO_BIG, sink)).toBe(-1);
});
