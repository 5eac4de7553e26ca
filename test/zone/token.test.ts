/** Gates and receipts: what they hold comes back, and nothing that we did not write ourselves does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1, MAX_LABEL, parseName } from '../../src/wire/name.ts';
import { formatBase32hex, parseBase32hex } from '../../src/zone/base32hex.ts';
import { formatGate, parseGate } from '../../src/zone/gate.ts';
import { makeMac } from '../../src/zone/mac.ts';
import { formatReceipt, parseReceipt } from '../../src/zone/receipt.ts';
import { sealToken, TOKEN_CHARACTERS, TOKEN_CONTENT } from '../../src/zone/token.ts';
import { anyGate, anyReceipt } from './token-arbitrary.ts';

const apex = parseName('probe.test.');
const secret = latin1('a secret that only tests have');
const macs = { gate: makeMac(secret, 'gate'), receipt: makeMac(secret, 'receipt') };
const NOON = Date.UTC(2026, 10, 24, 12);

const KINDS = [
  {
    name: 'gate',
    letter: 'g',
    sample: formatGate(
      { behavior: 1, n: 4096, state: 5, run: '0123456789ab', issuedAt: NOON, prefixes: [1, 0xabcdef] },
      apex,
      macs.gate,
    ),
    read: (label: string, zone = apex, mac = macs.gate) => parseGate(label, zone, mac, NOON),
  },
  {
    name: 'receipt',
    letter: 'r',
    sample: formatReceipt(
      {
        node: 1,
        instance: 77,
        at: NOON,
        sourceTag: 0xdeadbeef,
        asked: 4096,
        sent: 4096,
        edns: 4096,
        transport: 'udp',
        fragments: 3,
        filler: 'signed',
        family: 6,
        run: '0123456789ab',
        ttl: 0,
      },
      apex,
      macs.receipt,
    ),
    read: (label: string, zone = apex, mac = macs.receipt) => parseReceipt(label, zone, mac, NOON),
  },
];

describe.each(KINDS)('a $name', ({ letter, sample, read }) => {
  it('is one label: its letter and 61 characters of base32hex', () => {
    expect(sample).toMatch(new RegExp(`^${letter}[0-9a-v]{61}$`));
    expect(sample.length).toBeLessThan(MAX_LABEL);
    expect(TOKEN_CHARACTERS).toBe(61);
    expect(read(sample)).toBeDefined();
  });

  it('is refused with any of its bits changed', () => {
    const octets = parseBase32hex(sample.slice(1), 38)!;
    for (let bit = 0; bit < octets.length * 8; bit++) {
      const changed = Uint8Array.from(octets);
      changed[bit >> 3]! ^= 0x80 >> (bit & 7);
      expect(read(letter + formatBase32hex(changed)), `bit ${bit}`).toBeUndefined();
    }
  });

  it('is refused with any of its characters changed to any other', () => {
    for (let at = 0; at < sample.length; at++)
      for (const other of '0123456789abcdefghijklmnopqrstuvwxyzG-') {
        if (other === sample[at]) continue;
        expect(read(sample.slice(0, at) + other + sample.slice(at + 1)), `${other} at ${at}`).toBeUndefined();
      }
  });

  it('is refused shorter or longer', () => {
    for (const label of ['', letter, sample.slice(0, -1), `${sample}0`, `${sample}o`])
      expect(read(label)).toBeUndefined();
  });

  it('is refused in any other zone, but not in its own in capital letters', () => {
    for (const zone of ['a13.probe.test.', 'test.', 'probe.tesu.', '.'])
      expect(read(sample, parseName(zone)), zone).toBeUndefined();
    expect(read(sample, parseName('PROBE.test.'))).toBeDefined();
  });

  it('is refused under another secret, and under the same one for another purpose', () => {
    expect(read(sample, apex, makeMac(latin1('another secret, of tests'), 'gate'))).toBeUndefined();
    expect(read(sample, apex, letter === 'g' ? macs.receipt : macs.gate)).toBeUndefined();
    expect(read(sample, apex, makeMac(secret, 'cookie'))).toBeUndefined();
  });

  it('is refused under the letter of the other', () => {
    expect(read(`x${sample.slice(1)}`)).toBeUndefined();
    expect(parseGate(`r${sample.slice(1)}`, apex, macs.gate, NOON)).toBeUndefined();
    expect(parseReceipt(`g${sample.slice(1)}`, apex, macs.receipt, NOON)).toBeUndefined();
    // Under its own letter, the key for the other purpose does not fit.
    const asOther = letter === 'g' ? parseReceipt : parseGate;
    const [other, mac] = letter === 'g' ? (['r', macs.receipt] as const) : (['g', macs.gate] as const);
    expect(asOther(other + sample.slice(1), apex, mac, NOON)).toBeUndefined();
  });

  it('is refused in a version that we do not write, though its MAC is ours', () => {
    const content = new Uint8Array(TOKEN_CONTENT);
    for (const version of [0, 2, 15]) {
      content[0] = version << 4;
      const mac = letter === 'g' ? macs.gate : macs.receipt;
      expect(read(letter + sealToken(content, apex, mac)), `version ${version}`).toBeUndefined();
    }
  });
});

describe('what a gate holds', () => {
  it('comes back, times to 10 ms', () => {
    fc.assert(
      fc.property(anyGate, (gate) => {
        expect(parseGate(formatGate(gate, apex, macs.gate), apex, macs.gate, gate.issuedAt)).toEqual(gate);
      }),
    );
  });

  it('has its time completed by a clock that is up to 248 days off, also where 2^32 hundredths end', () => {
    const days = fc.integer({ min: -248 * 86_400_000, max: 248 * 86_400_000 });
    const wraps = fc.integer({ min: 1, max: 60 }).map((count) => count * 2 ** 32 * 10);
    fc.assert(
      fc.property(anyGate, wraps, days, days, (gate, wrap, offset, drift) => {
        const issuedAt = Math.floor((wrap + offset) / 10) * 10;
        const label = formatGate({ ...gate, issuedAt }, apex, macs.gate);
        expect(parseGate(label, apex, macs.gate, issuedAt + drift)?.issuedAt).toBe(issuedAt);
      }),
    );
  });

  it('is never more than four prefixes', () => {
    const gate = {
      behavior: 1,
      n: 512,
      state: 0,
      run: '000000000000',
      issuedAt: NOON,
      prefixes: [1, 2, 3, 4, 5],
    };
    expect(parseGate(formatGate(gate, apex, macs.gate), apex, macs.gate, NOON)?.prefixes).toEqual([
      1, 2, 3, 4,
    ]);
  });
});

describe('what a receipt holds', () => {
  it('comes back', () => {
    fc.assert(
      fc.property(anyReceipt, (receipt) => {
        expect(
          parseReceipt(formatReceipt(receipt, apex, macs.receipt), apex, macs.receipt, receipt.at),
        ).toEqual(receipt);
      }),
    );
  });

  it('has its time completed by a clock that is up to 17 years off, also where 2^40 ms end', () => {
    const years = fc.integer({ min: -17 * 31_557_600_000, max: 17 * 31_557_600_000 });
    fc.assert(
      fc.property(
        anyReceipt,
        fc.integer({ min: 1, max: 20 }),
        years,
        years,
        (receipt, wraps, offset, drift) => {
          const at = wraps * 2 ** 40 + offset;
          fc.pre(at >= 0);
          const label = formatReceipt({ ...receipt, at }, apex, macs.receipt);
          expect(parseReceipt(label, apex, macs.receipt, at + drift)?.at).toBe(at);
        },
      ),
    );
  });

  it('counts 15 fragments where there were more', () => {
    fc.assert(
      fc.property(anyReceipt, fc.integer({ min: 15, max: 60 }), (receipt, fragments) => {
        const label = formatReceipt({ ...receipt, fragments }, apex, macs.receipt);
        expect(parseReceipt(label, apex, macs.receipt, receipt.at)).toMatchObject({
          ...receipt,
          fragments: 15,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('differs in every instance', () => {
    fc.assert(
      fc.property(anyReceipt, fc.nat(0xffff_ffff), (receipt, instance) => {
        fc.pre(instance !== receipt.instance);
        expect(formatReceipt({ ...receipt, instance }, apex, macs.receipt)).not.toBe(
          formatReceipt(receipt, apex, macs.receipt),
        );
      }),
    );
  });
});
