/** Any gate, any receipt: for properties. */
import fc from 'fast-check';
import { type Gate, MAX_PREFIXES } from '../../src/zone/gate.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS, type Receipt } from '../../src/zone/receipt.ts';

const run = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((octets) => Buffer.from(octets).toString('hex'));

export const anyGate: fc.Arbitrary<Gate> = fc.record({
  behavior: fc.nat(15),
  n: fc.nat(0xffff),
  state: fc.nat(2 ** 40 - 1),
  run,
  issuedAt: fc.integer({ min: 0, max: 2 ** 42 }).map((at) => at * 10),
  prefixes: fc.array(fc.integer({ min: 1, max: 0xff_ffff }), { maxLength: MAX_PREFIXES }),
});

export const anyReceipt: fc.Arbitrary<Receipt> = fc.record({
  node: fc.nat(255),
  instance: fc.nat(0xffff_ffff),
  at: fc.nat(2 ** 45),
  sourceTag: fc.nat(0xffff_ffff),
  asked: fc.nat(0xffff),
  sent: fc.nat(0xffff),
  edns: fc.nat(0xffff),
  transport: fc.constantFrom(...RECEIPT_TRANSPORTS),
  fragments: fc.nat(15),
  filler: fc.constantFrom(...RECEIPT_FILLERS),
  family: fc.constantFrom(4 as const, 6 as const),
  run,
  ttl: fc.nat(255),
});
