import { describe, expect, it } from 'vitest';
import { findAlgorithm, SIGNING_ALGORITHMS } from '../../src/dnssec/algorithm.ts';
import {
  generateKey,
  keyTag,
  parseZoneName,
  prove,
  revokedKeyTag,
  verify,
  zoneKey,
} from '../../src/dnssec/key.ts';
import { parseKeyFiles } from '../../src/dnssec/key-file.ts';
import { DSKEY, hex, KEY_VECTORS } from '../vectors/keys/rfc.ts';

describe('key tag (RFC 4034 Appendix B)', () => {
  it('is 60485 for the key of RFC 4034 §5.4', () => {
    expect(keyTag(DSKEY.rdata)).toBe(DSKEY.keyTag);
  });

  it.each(KEY_VECTORS)('is $keyTag for the key of $source', (vector) => {
    expect(parseKeyFiles(vector.base, vector).key.keyTag).toBe(vector.keyTag);
  });

  it('adds an odd last octet as the high half of a word, and the carry once', () => {
    expect(keyTag(hex('0101 03 0f ff'))).toBe(0x0311);
    expect(keyTag(hex('ffff 0001'))).toBe(1);
  });

  it('grows by 128 when the key is revoked, and by 129 when the sum carries (RFC 5011 §2.1)', () => {
    expect(revokedKeyTag(hex('0101 030f'))).toBe(keyTag(hex('0101 030f')) + 128);
    const carries = hex('0101 030f fbef'); // sums to 0xffff
    expect(keyTag(carries)).toBe(0xffff);
    expect(revokedKeyTag(carries)).toBe(0x0080);
  });
});

describe.each(SIGNING_ALGORITHMS)('a generated key of algorithm $number', ({ number }) => {
  const key = generateKey({ zone: 'probe.example.', algorithm: number, flags: 257 });

  it('carries its DNSKEY RDATA, flags and tag', () => {
    expect([...key.rdata.subarray(0, 4)]).toEqual([1, 1, 3, number]);
    expect(key.rdata.subarray(4)).toEqual(key.publicKey);
    expect(key).toMatchObject({
      zone: 'probe.example.',
      isKsk: true,
      protocol: 3,
      keyTag: keyTag(key.rdata),
    });
  });

  it('signs what its RDATA verifies, in signatureOctets octets', () => {
    const signature = key.sign(hex('00'));
    expect(signature.length).toBe(key.signatureOctets);
    expect(verify(key.rdata, hex('00'), signature)).toBe(true);
    expect(verify(key.rdata, hex('01'), signature)).toBe(false);
  });

  it('is refused by verify without the Zone Key bit, with another protocol, and cut short', () => {
    const signature = key.sign(hex('00'));
    const noZoneKey = Uint8Array.from(key.rdata).with(0, 0);
    const otherProtocol = Uint8Array.from(key.rdata).with(2, 2);
    expect(verify(noZoneKey, hex('00'), signature)).toBe(false);
    expect(verify(otherProtocol, hex('00'), signature)).toBe(false);
    expect(verify(key.rdata.subarray(0, 3), hex('00'), signature)).toBe(false);
    expect(verify(new Uint8Array(), hex('00'), signature)).toBe(false);
  });
});

it('answers false for an algorithm that it does not have', () => {
  expect(verify(DSKEY.rdata, hex('00'), hex('00'))).toBe(false);
});

it('is not a KSK without the SEP bit', () => {
  expect(generateKey({ zone: '.', algorithm: 15, flags: 256 })).toMatchObject({ isKsk: false, flags: 256 });
});

it('refuses an unknown algorithm and a zone that is not in lower case with a final dot', () => {
  expect(() => generateKey({ zone: 'example.', algorithm: 5, flags: 257 })).toThrow(
    'algorithm 5, want one of 8, 13, 14, 15, 16',
  );
  for (const zone of ['Example.', 'example', '', 'a..b.', 'a b.']) {
    expect(() => generateKey({ zone, algorithm: 15, flags: 257 }), zone).toThrow(RangeError);
  }
});

it.each([
  ['Probe.Example', 'probe.example.'],
  ['probe.example.', 'probe.example.'],
  ['.', '.'],
  ['_tcp.x-1.example', '_tcp.x-1.example.'],
  ['', undefined],
  ['..', undefined],
  ['a..b', undefined],
  ['../x', undefined],
  [`${'a'.repeat(64)}.example`, undefined],
  [`${'a.'.repeat(126)}a`, `${'a.'.repeat(126)}a.`],
  [`${'a.'.repeat(126)}aa`, undefined],
])('reads the zone name %j as %j', (text, zone) => {
  expect(parseZoneName(text)).toBe(zone);
});

describe('the proof of a key', () => {
  const row = findAlgorithm(15)!;
  const privateKey = row.generate();
  const publicKey = row.publicOctets(privateKey);
  const flip = (octets: Uint8Array) => Uint8Array.from(octets).with(0, octets[0]! ^ 1);

  it('passes when both implementations give the same octets', () => {
    expect(() => prove(row, privateKey, publicKey)).not.toThrow();
  });

  it('fails when the second implementation signs other octets', () => {
    const second = { ...row.second!, sign: () => flip(row.sign(privateKey, hex('00'))) };
    expect(() => prove({ ...row, second }, privateKey, publicKey)).toThrow('two implementations disagree');
  });

  it('fails when the second implementation derives another public key', () => {
    const second = { ...row.second!, publicOctets: () => flip(publicKey) };
    expect(() => prove({ ...row, second }, privateKey, publicKey)).toThrow('two implementations disagree');
  });

  it('fails when the public key is not the private key’s', () => {
    expect(() => prove(row, privateKey, row.publicOctets(row.generate()))).toThrow('does not verify');
  });

  it('fails for a private key of another algorithm', () => {
    const choice = { zone: 'example.', algorithm: 15, flags: 257 } as const;
    expect(() => zoneKey(choice, findAlgorithm(16)!.generate())).toThrow('does not verify');
  });
});
