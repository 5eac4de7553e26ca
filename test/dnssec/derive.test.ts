import { createHash, createPublicKey, randomBytes, verify as verifySignature } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findAlgorithm } from '../../src/dnssec/algorithm.ts';
import { type DerivedChoice, deriveKey, deriveKeys, privateKeyOf, revoked } from '../../src/dnssec/derive.ts';
import { keyTag, prove, revokedKeyTag, verify } from '../../src/dnssec/key.ts';
import { formatKeyFiles, keyFileBase, parseKeyFiles } from '../../src/dnssec/key-file.ts';
import { rsaKey } from '../../src/dnssec/rsa-primes.ts';
import { makeSignIntoLater } from '../../src/dnssec/sign-later.ts';

const SECRET = Uint8Array.from({ length: 32 }, (_, at) => at);
const DATA = new TextEncoder().encode('padzone');
const ROOT_TAGS = [19036, 20326, 38696, 19164, 20454, 38824];
const ALGORITHMS = [8, 13, 14, 15, 16] as const;

function choose(choice: Partial<DerivedChoice> = {}): DerivedChoice {
  return { zone: 'roll.example.', algorithm: 15, flags: 257, purpose: 'k1', ...choice };
}

const digest = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex').slice(0, 32);
const base64url = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');

describe('a derived key', () => {
  // Operators paste trust anchors of these keys: other octets for the same choice would break them.
  it.each([
    [8, 1024, 5665, '6ca97abd7dcc768b920d87a56dddbd85'],
    [8, 1368, 36397, 'af103d1688c2420c135a21243564d3da'],
    [8, 2048, 8681, 'c2ff6c4bc7f1d316977fa6d04be88eef'],
    [13, undefined, 65434, '8897f2e81cbfec6f38b065b2229b37f8'],
    [14, undefined, 31890, 'a1b81970fb4a4258861594bfc7123686'],
    [15, undefined, 16191, '92f3f9845a83d55b5183ff179e07203c'],
    [16, undefined, 52472, 'cc2a1a50cb2653c888899321c3a84b99'],
  ] as const)('of algorithm %s (%s bits) stays what it was', (algorithm, bits, tag, rdata) => {
    const key = deriveKey(SECRET, choose({ algorithm, ...(bits && { bits }) }));
    expect([key.keyTag, digest(key.rdata)]).toEqual([tag, rdata]);
  });

  it.each(ALGORITHMS)(
    'of algorithm %s passes the proof of keys, by both implementations where there are two',
    (algorithm) => {
      const key = deriveKey(SECRET, choose({ algorithm }));
      expect(() => prove(findAlgorithm(algorithm)!, key.privateKey, key.publicKey)).not.toThrow();
    },
  );

  it.each(ALGORITHMS)('of algorithm %s survives its key files', (algorithm) => {
    const key = deriveKey(SECRET, choose({ algorithm }));
    expect(parseKeyFiles(keyFileBase(key), formatKeyFiles(key, {})).key.rdata).toEqual(key.rdata);
  });

  it.each(ALGORITHMS)('of algorithm %s differs by purpose, flags and secret', (algorithm) => {
    const choice = choose({ algorithm, bits: 1024 });
    const keys = [
      deriveKey(SECRET, choice),
      deriveKey(SECRET, { ...choice, purpose: 'k2' }),
      deriveKey(SECRET, { ...choice, flags: 256 }),
      deriveKey(SECRET.with(0, 1), choice),
    ];
    expect(new Set(keys.map(({ publicKey }) => base64url(publicKey))).size).toBe(keys.length);
  });

  it.each([13, 14, 15, 16] as const)('of algorithm %s differs by zone', (algorithm) => {
    const [one, other] = ['a.example.', 'b.example.'].map((zone) =>
      deriveKey(SECRET, choose({ algorithm, zone })),
    );
    expect(one!.publicKey).not.toEqual(other!.publicKey);
  });

  it('of RSA is shared by zones, and still says whose it is', () => {
    const [one, other] = ['a.example.', 'b.example.'].map((zone) =>
      deriveKey(SECRET, choose({ algorithm: 8, zone })),
    );
    expect(one!.rdata).toEqual(other!.rdata);
    expect([one!.zone, other!.zone]).toEqual(['a.example.', 'b.example.']);
    expect(one!.privateKey).toBe(other!.privateKey);
  });

  it('never has a tag of the root, also once revoked: the next one of the choice is taken', () => {
    const choice = choose({ purpose: 'p5783' });
    const first = privateKeyOf(SECRET, 'padzone key roll.example. 15 257 p5783 0 0', 15, 0);
    const passedOver = Uint8Array.from([1, 1, 3, 15, ...findAlgorithm(15)!.publicOctets(first)]);
    expect(ROOT_TAGS).toContain(keyTag(passedOver));
    const key = deriveKey(SECRET, choice);
    expect(key.rdata).not.toEqual(passedOver);
    expect(ROOT_TAGS).not.toContain(key.keyTag);
    expect(ROOT_TAGS).not.toContain(revokedKeyTag(key.rdata));
  });

  it.each([
    [{ zone: 'Roll.example.' }, 'zone "Roll.example.", want lower case with a final dot'],
    [{ zone: 'Roll.example.', algorithm: 8 }, 'zone "Roll.example."'],
    [{ purpose: 'a b' }, 'purpose "a b", want visible ASCII without spaces'],
    [{ purpose: '' }, 'purpose ""'],
    [{ algorithm: 5 as 8 }, 'algorithm 5, want one of 8, 13, 14, 15, 16'],
    [{ algorithm: 8, bits: 1025 }, 'RSA modulus of 1025 bits, want a multiple of 8 from 512 to 4096'],
    [{ algorithm: 8, bits: 504 }, 'RSA modulus of 504 bits'],
    [{ algorithm: 8, bits: 4104 }, 'RSA modulus of 4104 bits'],
  ] as const)('refuses %j', (wrong, message) => {
    expect(() => deriveKey(SECRET, choose(wrong))).toThrow(message);
  });
});

describe('the keys of a set', () => {
  const choices = Array.from({ length: 600 }, (_, at) => choose({ purpose: `key-${at}` }));
  const tags = ({ keyTag, rdata }: { keyTag: number; rdata: Uint8Array }) => [keyTag, revokedKeyTag(rdata)];

  it('have tags that all differ, also once revoked, where each for itself would clash', () => {
    const alone = choices.map((choice) => deriveKey(SECRET, choice));
    const together = deriveKeys(SECRET, choices);
    expect(new Set(alone.flatMap(tags)).size).toBeLessThan(1200);
    expect(new Set(together.flatMap(tags)).size).toBe(1200);
  });

  it('are the same each time, in the order asked for', () => {
    const some = [choose(), choose({ purpose: 'k2' }), choose({ flags: 256, purpose: 'zsk', algorithm: 13 })];
    const keys = deriveKeys(SECRET, some);
    expect(keys.map(({ rdata }) => rdata)).toEqual(deriveKeys(SECRET, some).map(({ rdata }) => rdata));
    expect(keys.map(({ flags, algorithm }) => [flags, algorithm])).toEqual([
      [257, 15],
      [257, 15],
      [256, 13],
    ]);
  });
});

describe('a revoked key (RFC 5011 §2.1)', () => {
  it.each(ALGORITHMS)(
    'of algorithm %s has flags 385, the tag of that form, and the same key',
    (algorithm) => {
      const key = deriveKey(SECRET, choose({ algorithm }));
      const form = revoked(key);
      expect([...form.rdata.subarray(0, 4)]).toEqual([1, 0x81, 3, algorithm]);
      expect(form.rdata.subarray(4)).toEqual(key.publicKey);
      expect(form).toMatchObject({
        flags: 385,
        isKsk: true,
        keyTag: revokedKeyTag(key.rdata),
        zone: key.zone,
      });
      expect(verify(form.rdata, DATA, form.sign(DATA))).toBe(true);
      expect(key.rdata[1]).toBe(1);
    },
  );

  it('has a tag greater by 128, or by 129 where the sum carries', () => {
    expect(revoked(deriveKey(SECRET, choose({ algorithm: 8, bits: 1024 }))).keyTag).toBe(5665 + 128);
    expect(revoked(deriveKey(SECRET, choose({ algorithm: 13 }))).keyTag).toBe(65434 + 129 - 65536);
  });
});

describe('signatures of derived keys, verified by node:crypto on the octets of the RDATA', () => {
  it('of P-256', () => {
    const { rdata, ...key } = deriveKey(SECRET, choose({ algorithm: 13 }));
    const [x, y] = [base64url(rdata.subarray(4, 36)), base64url(rdata.subarray(36, 68))];
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verifySignature('sha256', DATA, how, key.sign(DATA))).toBe(true);
  });

  it('of Ed25519', () => {
    const { rdata, ...key } = deriveKey(SECRET, choose({ algorithm: 15 }));
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url(rdata.subarray(4)) };
    expect(verifySignature(null, DATA, createPublicKey({ key: jwk, format: 'jwk' }), key.sign(DATA))).toBe(
      true,
    );
  });

  it.each([
    512, 520, 768, 1016, 1024, 1032, 1112, 1184, 1264, 1328, 1416, 1496, 1536, 1664, 1776, 1904, 2040, 2048,
  ])('of RSA with exactly %s bits', (bits) => {
    const { rdata, ...key } = deriveKey(SECRET, choose({ algorithm: 8, bits }));
    // RFC 3110 §2: length of the exponent, 65537, modulus without leading zeros.
    expect([...rdata.subarray(4, 8)]).toEqual([3, 1, 0, 1]);
    const modulus = rdata.subarray(8);
    expect(modulus.length).toBe(bits / 8);
    expect(modulus[0]! & 0x80).toBe(0x80);
    const jwk = { kty: 'RSA', n: base64url(modulus), e: 'AQAB' };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const signature = key.sign(DATA);
    expect(signature.length).toBe(bits / 8);
    expect(verifySignature('sha256', DATA, publicKey, signature)).toBe(true);
    expect(verifySignature('sha256', SECRET, publicKey, signature)).toBe(false);
  });
});

it('has an RSA key that OpenSSL itself takes for sound, found once', () => {
  const seed = new Uint8Array(randomBytes(32));
  const key = rsaKey(seed, 1024);
  expect(rsaKey(Uint8Array.from(seed), 1024)).toBe(key);
  expect(rsaKey(seed, 1032)).not.toBe(key);
  const jwk = key.export({ format: 'jwk' });
  const number = (text = '') => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
  const [n, e, d, p, q, dp, dq, qi] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map(number);
  expect(p! * q!).toBe(n);
  expect(p! > q!).toBe(true);
  expect((e! * d!) % ((p! - 1n) * (q! - 1n))).toBe(1n);
  expect([dp, dq, (qi! * q!) % p!]).toEqual([d! % (p! - 1n), d! % (q! - 1n), 1n]);
});

it('signs through node:crypto at first and opens the key in OpenSSL once it has signed often', () => {
  const row = findAlgorithm(15)!;
  const key = deriveKey(SECRET, choose());
  let opened = 0;
  const open = () => {
    opened++;
    return undefined;
  };
  const signInto = makeSignIntoLater(row, key.privateKey, key.publicKey, open);
  const out = new Uint8Array(70);
  const signed = Array.from({ length: 200 }, (_, at) => {
    const data = new Uint8Array(40).fill(at);
    expect(signInto(data, 4, 30, out, 6)).toBe(64);
    return verify(key.rdata, data.subarray(4, 34), out.subarray(6));
  });
  expect(signed).not.toContain(false);
  expect(opened).toBe(1);
});
