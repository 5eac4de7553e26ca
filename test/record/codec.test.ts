/** A row is its facts: what is written comes back, whatever stood in the slot before. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeRow, slotsOf } from '../../src/record/encode.ts';
import { FIELD, KIND } from '../../src/record/layout.ts';
import { markUnsent, patchTcp } from '../../src/record/mark.ts';
import { SLOT_OCTETS } from '../../src/record/sink.ts';
import { unsent } from '../../src/server/record.ts';
import { formatName } from '../../src/wire/name.ts';
import { observation } from '../observe/rows.ts';
import { decodeRow, seqOfRow } from '../support/decode-row.ts';
import { facts, LONGEST } from './facts.ts';

const AT = 3 * SLOT_OCTETS;
const EVENT = {
  event: 'query',
  count: 1,
  reason: '',
  icmp_type: null,
  icmp_code: null,
  icmp_mtu: null,
  icmp_from: null,
} as const;

/** Slots full of what other rows left. */
function slots(rubbish: number) {
  const octets = new Uint8Array(6 * SLOT_OCTETS).fill(rubbish);
  return { octets, view: new DataView(octets.buffer) };
}

it('gives back every fact, over whatever stood there', () => {
  fc.assert(
    fc.property(facts, fc.integer({ min: 0, max: 255 }), (row, rubbish) => {
      const { octets, view } = slots(rubbish);
      encodeRow(row, octets, view, AT, 7);
      expect(decodeRow(octets, view, AT)).toEqual({ ...row, ...EVENT });
      expect(octets[AT + FIELD.kind]).toBe(KIND.query);
      expect(octets[AT + FIELD.slots]).toBe(slotsOf(row));
      // Nothing of the slots around it.
      const end = AT + slotsOf(row) * SLOT_OCTETS;
      expect([...octets.subarray(0, AT), ...octets.subarray(end)].every((octet) => octet === rubbish)).toBe(
        true,
      );
    }),
    { numRuns: 1000 },
  );
});

it('has room for the longest name behind the most options', () => {
  const row = {
    ...observation(),
    qname: formatName(LONGEST),
    zone: '',
    edns_options: Array.from({ length: 32 }, (_, at) => 65_535 - at),
  };
  const { octets, view } = slots(0xff);
  expect(slotsOf(row)).toBe(2);
  encodeRow(row, octets, view, AT, 7);
  expect(decodeRow(octets, view, AT)).toMatchObject({ qname: row.qname, edns_options: row.edns_options });
});

it('keeps the first 32 of many option codes', () => {
  const { octets, view } = slots(0);
  const codes = Array.from({ length: 5000 }, (_, at) => at);
  encodeRow({ ...observation(), edns_options: codes }, octets, view, AT, 7);
  expect(decodeRow(octets, view, AT).edns_options).toEqual(codes.slice(0, 32));
});

it('numbers rows by thread, and up to 2^40 in a thread', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 40 - 1 }),
      fc.integer({ min: 0, max: 8191 }),
      (seq, thread) => {
        const { octets, view } = slots(0xff);
        encodeRow(observation(), octets, view, AT, seq);
        expect(seqOfRow(octets, view, AT, thread)).toBe(thread * 2 ** 40 + seq);
      },
    ),
  );
});

it('marks a row as unsent as the server says it of the facts', () => {
  fc.assert(
    fc.property(facts, (row) => {
      const { octets, view } = slots(0xaa);
      encodeRow(row, octets, view, AT, 7);
      markUnsent(octets, view, AT);
      expect(decodeRow(octets, view, AT)).toEqual({ ...unsent(row), ...EVENT });
    }),
  );
});

it('takes what the kernel says of a connection into a row that stands', () => {
  const { octets, view } = slots(0);
  encodeRow(observation(), octets, view, AT, 7);
  patchTcp(view, AT, { rttUs: 12_345, mss: 1448, pmtu: 65_536, synMss: 1460, acked: false });
  const known = { tcp_rtt_us: 12_345, tcp_mss: 1448, tcp_pmtu: 65_535, syn_mss: 1460, tcp_acked: false };
  expect(decodeRow(octets, view, AT)).toMatchObject(known);
  patchTcp(view, AT, { rttUs: 0, mss: 0, pmtu: 0, synMss: 0, acked: undefined });
  expect(decodeRow(octets, view, AT)).toMatchObject({ tcp_rtt_us: null, tcp_mss: null, tcp_acked: null });
});

it('never throws on octets that no encoder wrote', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2 * SLOT_OCTETS, maxLength: 2 * SLOT_OCTETS }), (octets) => {
      decodeRow(octets, new DataView(octets.buffer, octets.byteOffset), 0);
    }),
  );
});
