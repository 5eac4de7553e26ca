/** Hashes, texts and tokens read and written in place are to the bit what earlier versions make and take. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1, lower, parseName } from '../../src/wire/name.ts';
import {
  base32hexLength,
  formatBase32hexInto,
  parseBase32hex,
  parseBase32hexInto,
} from '../../src/zone/base32hex.ts';
import { formatGate, makeMutableGate, parseGate, readGateInto, writeGate } from '../../src/zone/gate.ts';
import { makeMac, type Purpose } from '../../src/zone/mac.ts';
import {
  formatReceipt,
  makeMutableReceipt,
  parseReceipt,
  readReceiptInto,
  writeReceipt,
} from '../../src/zone/receipt.ts';
import {
  openTokenInto,
  sealTokenInto,
  TOKEN_CHARACTERS,
  TOKEN_CONTENT,
  TOKEN_OCTETS,
} from '../../src/zone/token.ts';
import {
  formerFormatBase32hex,
  formerHash,
  formerOpenToken,
  formerParseBase32hex,
  formerReadGate,
  formerReadReceipt,
  formerSealToken,
  formerTag,
  formerWriteGate,
  formerWriteReceipt,
} from './former.ts';
import { anyGate, anyReceipt } from './token-arbitrary.ts';

const secret = latin1('a secret that only tests have');
const mac = makeMac(secret, 'gate');
const hash = formerHash(secret, 'gate');
const FILL = 0xaa;

const anySecret = fc.uint8Array({ minLength: 16, maxLength: 40 });
const anyPurpose = fc.constantFrom<Purpose>('gate', 'receipt', 'source', 'prefix', 'cookie');
const anyContent = fc.uint8Array({ minLength: TOKEN_CONTENT, maxLength: TOKEN_CONTENT });
const anyApex = fc
  .array(fc.stringMatching(/^[a-zA-Z0-9-]{1,30}$/), { maxLength: 6 })
  .map((labels) => parseName(`${labels.join('.')}.`));
const anyNow = fc.nat(2 ** 44);
/** Characters of the alphabet in any case, and now and then another octet. */
const anyCharacters = (length: number) =>
  fc.array(
    fc.oneof(
      {
        arbitrary: fc.constantFrom(...latin1('0123456789abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUV')),
        weight: 200,
      },
      { arbitrary: fc.nat(255), weight: 1 },
    ),
    { minLength: length, maxLength: length },
  );

/** `octets` somewhere in a buffer of other octets. */
function placed(octets: ArrayLike<number>, at: number): Uint8Array {
  const buffer = new Uint8Array(at + octets.length + 9).fill(FILL);
  buffer.set(octets, at);
  return buffer;
}

/** The `length` octets at `at`; nothing around them has been touched. */
function only(buffer: Uint8Array, at: number, length: number): Uint8Array {
  const around = [...buffer.subarray(0, at), ...buffer.subarray(at + length)];
  expect(around.every((octet) => octet === FILL)).toBe(true);
  return buffer.slice(at, at + length);
}

const text = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');

describe('a MAC', () => {
  it('has the hash and the tags of the octets named, and matches no others', () => {
    fc.assert(
      fc.property(
        anySecret,
        anyPurpose,
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(9),
        (key, purpose, message, at) => {
          const [made, former] = [makeMac(key, purpose), formerHash(key, purpose)];
          const inside = placed(message, at);
          const out = placed(new Uint8Array(8).fill(FILL), 3);
          made.hashInto(inside, at, message.length, out, 3);
          expect(only(out, 3, 8)).toEqual(former(message));
          expect(made.hash(message)).toEqual(former(message));
          for (const octets of [3, 4] as const) {
            expect(made.tagOf(inside, at, message.length, octets)).toBe(formerTag(former, message, octets));
            expect(made.tag(message, octets)).toBe(formerTag(former, message, octets));
          }
          expect(made.matches(inside, at, message.length, out, 3)).toBe(true);
          for (let bit = 0; bit < 64; bit++) {
            const claimed = Uint8Array.from(out);
            claimed[3 + (bit >> 3)]! ^= 1 << (bit & 7);
            expect(made.matches(inside, at, message.length, claimed, 3), `bit ${bit}`).toBe(false);
          }
        },
      ),
    );
  });
});

describe('base32hex', () => {
  it('is written as ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(9), (octets, at) => {
        const length = base32hexLength(octets.length);
        const out = placed(new Uint8Array(length).fill(FILL), at);
        formatBase32hexInto(octets, octets.length, out, at);
        expect(text(only(out, at, length))).toBe(formerFormatBase32hex(octets));
      }),
    );
  });

  it('is read as its lower-case text was, in any case', () => {
    const drawn = fc
      .nat(40)
      .chain((count) => fc.tuple(fc.constant(count), anyCharacters(base32hexLength(count)), fc.nat(9)));
    let taken = 0;
    fc.assert(
      fc.property(drawn, ([count, characters, at]) => {
        const out = new Uint8Array(count);
        const isTaken = parseBase32hexInto(placed(characters, at), at, count, out);
        const former = formerParseBase32hex(text(lower(Uint8Array.from(characters))), count);
        expect(isTaken ? out : undefined).toEqual(former);
        if (isTaken) taken++;
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('takes the same 32 characters and their capitals, of all 256 octets', () => {
    for (let octet = 0; octet < 256; octet++) {
      const isTaken = parseBase32hexInto(Uint8Array.of(octet, 0x30), 0, 1, new Uint8Array(1));
      expect(isTaken, `octet ${octet}`).toBe(/^[0-9a-v]$/i.test(String.fromCharCode(octet)));
    }
  });

  it('is refused where it goes beyond the end', () => {
    expect(parseBase32hexInto(latin1('cpnmu'), 0, 3, new Uint8Array(3))).toBe(true);
    expect(parseBase32hexInto(latin1('cpnmu'), 1, 3, new Uint8Array(3))).toBe(false);
  });

  it('of text is read as ever', () => {
    const drawn = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      anyCharacters(5).map((one) => text(Uint8Array.from(one))),
    );
    fc.assert(
      fc.property(drawn, fc.nat(5), (one, count) => {
        expect(parseBase32hex(one, count)).toEqual(formerParseBase32hex(one, count));
      }),
      { numRuns: 1000 },
    );
    // Cut to its low octet this character would be a 0.
    expect(parseBase32hex('\u0130\u0130', 1)).toBeUndefined();
  });
});

describe('a token', () => {
  it('is sealed as ever', () => {
    fc.assert(
      fc.property(anyContent, anyApex, fc.nat(9), (content, apex, at) => {
        const octets = new Uint8Array(TOKEN_OCTETS);
        octets.set(content);
        const out = placed(new Uint8Array(TOKEN_CHARACTERS).fill(FILL), at);
        sealTokenInto(octets, lower(apex), mac, out, at);
        expect(text(only(out, at, TOKEN_CHARACTERS))).toBe(formerSealToken(content, apex, hash));
      }),
    );
  });

  it('opens as ever, in any case, where nothing or one bit has been changed', () => {
    const damage = fc.option(fc.nat(TOKEN_CHARACTERS * 8 - 1));
    const cases = fc.array(fc.boolean(), { minLength: TOKEN_CHARACTERS, maxLength: TOKEN_CHARACTERS });
    fc.assert(
      fc.property(anyContent, anyApex, damage, cases, fc.nat(9), (content, apex, bit, capitals, at) => {
        const sealed = formerSealToken(content, apex, hash);
        const received = latin1(
          [...sealed].map((one, index) => (capitals[index] ? one.toUpperCase() : one)).join(''),
        );
        if (bit !== null) received[bit >> 3]! ^= 1 << (bit & 7);
        const opened = new Uint8Array(TOKEN_OCTETS);
        const isOurs = openTokenInto(placed(received, at), at, lower(apex), mac, opened);
        const former = formerOpenToken(text(lower(received)), apex, hash);
        expect(isOurs ? opened.subarray(0, TOKEN_CONTENT) : undefined).toEqual(former);
        // The bit of case alone does no harm to a letter.
        if (bit === null) expect(isOurs).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('does not open with any bit of its octets changed, in another zone, or under another key', () => {
    const apex = parseName('probe.test.');
    const octets = new Uint8Array(TOKEN_OCTETS).fill(7);
    const out = new Uint8Array(TOKEN_CHARACTERS);
    sealTokenInto(octets, apex, mac, out, 0);
    const opens = (characters: Uint8Array, zone = apex, key = mac) =>
      openTokenInto(characters, 0, zone, key, new Uint8Array(TOKEN_OCTETS));
    expect(opens(out)).toBe(true);
    expect(opens(out, parseName('probe.tesu.'))).toBe(false);
    expect(opens(out, apex, makeMac(secret, 'receipt'))).toBe(false);
    expect(opens(out.subarray(1))).toBe(false);
    for (let bit = 0; bit < TOKEN_OCTETS * 8; bit++) {
      const changed = Uint8Array.from(octets);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      formatBase32hexInto(changed, TOKEN_OCTETS, out, 0);
      expect(opens(out), `bit ${bit}`).toBe(false);
    }
  });
});

describe('a gate', () => {
  const apex = parseName('Probe.test.');
  it('is written and read as ever', () => {
    const gate = makeMutableGate();
    fc.assert(
      fc.property(anyGate, anyContent, anyNow, (one, any, now) => {
        const content = formerWriteGate(one);
        for (const octets of [content, any]) {
          const former = formerReadGate(octets, now);
          expect(readGateInto(octets, now, gate)).toBe(former !== undefined);
          if (!former) continue;
          expect({ ...gate, prefixCount: undefined, run: Buffer.from(gate.run).toString('hex') }).toEqual({
            ...former,
            prefixes: gate.prefixes,
          });
          expect([...gate.prefixes.subarray(0, gate.prefixCount)]).toEqual(former.prefixes);
          const written = placed(new Uint8Array(TOKEN_OCTETS).fill(FILL), 0);
          writeGate(written, gate);
          expect(only(written, 0, TOKEN_CONTENT)).toEqual(formerWriteGate(former));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has its label of ever, and it is read as ever', () => {
    fc.assert(
      fc.property(anyGate, anyNow, (one, now) => {
        const label = `g${formerSealToken(formerWriteGate(one), apex, hash)}`;
        expect(formatGate(one, apex, mac)).toBe(label);
        expect(parseGate(label, apex, mac, now)).toEqual(formerReadGate(formerWriteGate(one), now));
      }),
    );
  });
});

describe('a receipt', () => {
  const apex = parseName('Probe.test.');
  it('is written and read as ever', () => {
    const receipt = makeMutableReceipt();
    fc.assert(
      fc.property(anyReceipt, anyContent, anyNow, (one, any, now) => {
        any[0] = 0x10;
        for (const octets of [formerWriteReceipt(one), any, any.with(0, 0x20)]) {
          const former = formerReadReceipt(octets, now);
          expect(readReceiptInto(octets, now, receipt)).toBe(former !== undefined);
          if (!former) continue;
          expect({ ...receipt, run: Buffer.from(receipt.run).toString('hex') }).toEqual(former);
          const written = placed(new Uint8Array(TOKEN_OCTETS).fill(FILL), 0);
          const kept = { ...former, at: Math.max(former.at, 0) };
          receipt.at = kept.at;
          writeReceipt(written, receipt);
          expect(only(written, 0, TOKEN_CONTENT)).toEqual(formerWriteReceipt(kept));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has its label of ever, and it is read as ever', () => {
    fc.assert(
      fc.property(anyReceipt, anyNow, (one, now) => {
        const label = `r${formerSealToken(formerWriteReceipt(one), apex, hash)}`;
        expect(formatReceipt(one, apex, mac)).toBe(label);
        expect(parseReceipt(label, apex, mac, now)).toEqual(formerReadReceipt(formerWriteReceipt(one), now));
      }),
    );
  });
});
