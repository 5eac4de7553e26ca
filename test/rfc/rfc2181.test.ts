/** RFC 2181 §9: TC=1 only where something required is missing, and then nothing that could be taken for the whole. */
import { describe, expect, it } from 'vitest';
import { makeTestResponder } from '../support/responder.ts';
import { seen } from './seen.ts';

const open = await makeTestResponder({ open: true });
const ZONES = ['probe.test', 'a8.probe.test', 'a13.probe.test', 'unsigned.probe.test'];

describe.each(ZONES)('%s', (zone) => {
  it.each([
    { what: 'DNSKEY', query: { name: zone, type: 'DNSKEY', dnssecOk: true } },
    { what: 'a denial', query: { name: `nothing.${zone}`, dnssecOk: true } },
    { what: 'a measured answer', query: { name: `s2048.${zone}`, dnssecOk: true } },
    { what: 'filler', query: { name: `p2048.${zone}` } },
    { what: 'filler, TC asked for', query: { name: `p512-tc.${zone}` } },
    { what: 'help', query: { name: `help.${zone}` } },
  ])('$what at every payload size is whole, or has no record at all and OPT', ({ query }) => {
    const whole = seen(open.ask({ ...query, udpPayloadSize: 4096, transport: 'tcp' }).octets);
    for (let size = 512; size <= 4096; size += 128) {
      const found = seen(open.ask({ ...query, udpPayloadSize: size }).octets);
      expect(found.size).toBeLessThanOrEqual(size);
      expect(found.opt).toMatchObject({ version: 0, flags: query.dnssecOk ? 'do' : '' });
      const isTruncated = found.flags === 'aa tc';
      const empty = found.answer.length + found.authority.length + found.additional.length === 0;
      expect(empty).toBe(isTruncated);
      if (!isTruncated) expect(found).toMatchObject({ flags: 'aa', size: whole.size });
    }
  });

  it('never sets TC over TCP', () => {
    for (const name of [`s65535.${zone}`, `p65535.${zone}`, `p4096-tc.${zone}`, `s600-tc.${zone}`]) {
      const found = seen(open.ask({ name, udpPayloadSize: 512, transport: 'tcp' }).octets);
      expect(found.flags).toBe('aa');
    }
  });
});
