import { expect, it } from 'vitest';
import { dsDigest } from '../../src/dnssec/digest.ts';
import { parseKeyFiles } from '../../src/dnssec/key-file.ts';
import { DSKEY, KEY_VECTORS } from '../vectors/keys/rfc.ts';

const toHex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

it('is the SHA-256 digest that RFC 4509 §2.3 prints for the key of RFC 4034 §5.4', () => {
  expect(toHex(dsDigest(2, DSKEY.owner, DSKEY.rdata))).toBe(DSKEY.sha256);
});

it.each(KEY_VECTORS.filter(({ ds }) => ds !== undefined))('is the digest that $source prints', (vector) => {
  const { rdata } = parseKeyFiles(vector.base, vector).key;
  expect(toHex(dsDigest(vector.ds!.type, vector.owner, rdata))).toBe(vector.ds!.digest);
});

it('hashes the owner name in lower case and leaves the given octets alone', () => {
  const upper = Uint8Array.from(Buffer.from('\x05DSKEY\x07EXAMPLE\x03COM\x00', 'latin1'));
  expect(toHex(dsDigest(2, upper, DSKEY.rdata))).toBe(DSKEY.sha256);
  expect(upper[1]).toBe(0x44);
});
