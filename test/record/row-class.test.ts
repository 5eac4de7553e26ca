/** Classes of rows: few octets of a row say all that metrics count by. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeRow } from '../../src/record/encode.ts';
import { classOfRow, factsOfClass, ROW_CLASSES } from '../../src/record/row-class.ts';
import { facts } from './facts.ts';

it('says of each row what it is counted by', () => {
  const octets = new Uint8Array(512);
  const view = new DataView(octets.buffer);
  fc.assert(
    fc.property(facts, (row) => {
      encodeRow(row, octets, view, 0, 0);
      const number = classOfRow(octets, 0);
      expect(number).toBeLessThan(ROW_CLASSES);
      const { proto, ip_version, tc, action, excluded, step, rcode, req_len, receipt } = row;
      expect(factsOfClass(number)).toEqual({
        proto,
        ip_version,
        tc,
        action,
        excluded,
        step: step === 'measured' ? step : 'other',
        rcode: Math.min(rcode, 31),
        req_len: Math.min(req_len, 1),
        receipt: receipt && { proto: receipt.proto, relation: receipt.relation },
      });
    }),
  );
});
