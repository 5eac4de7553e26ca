import { describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/dnssec/algorithm.ts';
import { generateKey } from '../../src/dnssec/key.ts';
import { formatKeyFiles, KeyFileError, keyFileBase, parseKeyFiles } from '../../src/dnssec/key-file.ts';
import { KEY_VECTORS } from '../vectors/keys/rfc.ts';

/** 2026-11-24T14:42:39Z */
const CREATED = 1_795_531_359;

const vector = (base: string) => KEY_VECTORS.find((known) => known.base === base)!;
const rsa = vector('Kexample.net.+008+09033');
const ed = vector('Kexample.com.+015+03613');
const otherEd = vector('Kexample.com.+015+35217');

describe.each(KEY_VECTORS)('$source', (known) => {
  it('is read as printed, and written and read again is the same key', () => {
    const { key, times } = parseKeyFiles(`some/where/${known.base}`, known);
    expect(keyFileBase(key)).toBe(known.base);
    expect(times).toEqual({});
    const again = parseKeyFiles(known.base, formatKeyFiles(key, times)).key;
    expect(again.rdata).toEqual(key.rdata);
    expect(again.privateKey.equals(key.privateKey)).toBe(true);
  });
});

it.each(SIGNING_ALGORITHMS)('writes and reads back a generated key of algorithm $number', ({ number }) => {
  const key = generateKey({ zone: 'probe.example.', algorithm: number, flags: 256 });
  const times = {
    created: CREATED,
    publish: CREATED,
    activate: CREATED + 1,
    inactive: CREATED + 2,
    delete: CREATED + 3,
  };
  const read = parseKeyFiles(keyFileBase(key), formatKeyFiles(key, times));
  expect(read.times).toEqual(times);
  expect(read.key.rdata).toEqual(key.rdata);
  expect(read.key.privateKey.equals(key.privateKey)).toBe(true);
});

it('writes both files as dnssec-keygen does', () => {
  const { key } = parseKeyFiles(ed.base, ed);
  expect(formatKeyFiles(key, { created: CREATED, publish: CREATED, activate: CREATED })).toEqual({
    publicText: `; This is a key-signing key, keyid 3613, for example.com.
; Created: 20261124144239 (Tue Nov 24 14:42:39 2026)
; Publish: 20261124144239 (Tue Nov 24 14:42:39 2026)
; Activate: 20261124144239 (Tue Nov 24 14:42:39 2026)
example.com. IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=
`,
    privateText: `Private-key-format: v1.3
Algorithm: 15 (ED25519)
PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=
Created: 20261124144239
Publish: 20261124144239
Activate: 20261124144239
`,
  });
});

it.each([
  ['Example.COM. IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n', 'upper case'],
  [
    'example.com. IN 86400 dnskey 257 3 15 l02Woi0iS8Aa25FQkUd9 RMzZHJpBoRQwAQEX1SxZJA4= ; x\n',
    'class first, a gap',
  ],
  [
    '; a comment\nexample.com.\tDNSKEY\t257\t3\t15\tl02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    'tabs, no class',
  ],
])('reads the record %j (%s)', (publicText) => {
  expect(parseKeyFiles(ed.base, { ...ed, publicText }).key.keyTag).toBe(3613);
});

it('reads a .private file with CRLF, empty lines and fields that it does not know', () => {
  const privateText = `${ed.privateText.replaceAll('\n', '\r\n')}\r\nFuture: 1\r\n`;
  expect(parseKeyFiles(ed.base, { ...ed, privateText }).key.keyTag).toBe(3613);
});

describe('refuses, in one line that names the file and what is allowed,', () => {
  const publicOf = (text: string) => ({ ...ed, publicText: text });
  const privateOf = (text: string) => ({ ...ed, privateText: text });
  const record = 'example.com. IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=';
  const head = 'Private-key-format: v1.3\n';
  const seed = 'PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=\n';

  it.each([
    [
      'a tag in the name that is not the computed one',
      'Kexample.com.+015+03614',
      ed,
      '.key: key tag 3614 in the file name: its content belongs in Kexample.com.+015+03613.key',
    ],
    [
      'an algorithm in the name that is not the key’s',
      'Kexample.com.+013+03613',
      ed,
      '.key: algorithm 13 in the file name: its content belongs in Kexample.com.+015+03613.key',
    ],
    [
      'a zone in the name that is not the key’s',
      'Kexample.net.+015+03613',
      ed,
      '.key: zone "example.net." in the file name: its content belongs in Kexample.com.+015+03613.key',
    ],
    [
      'a name of another form',
      'Kexample.com',
      ed,
      '.key: the name is not K<zone>+<algorithm>+<key tag>: Kexample.com.+015+03613',
    ],
    [
      'an empty .key file',
      ed.base,
      publicOf(''),
      '.key: no DNSKEY record: one is allowed, "example. IN DNSKEY 257 3 13 <base64>"',
    ],
    [
      'a record of another type',
      ed.base,
      publicOf(record.replace('DNSKEY', 'KEY')),
      '.key: no DNSKEY record: one is allowed, "example. IN DNSKEY 257 3 13 <base64>"',
    ],
    [
      'a truncated public key',
      ed.base,
      publicOf(record.slice(0, -3)),
      '.key: the public key is not whole base64: the file is truncated or damaged',
    ],
    [
      'two records',
      ed.base,
      publicOf(`${record}\n${record}`),
      '.key: the public key is not whole base64: the file is truncated or damaged',
    ],
    [
      'a name with an escape',
      ed.base,
      publicOf(record.replace('example', 'ex\\.ample')),
      '.key: zone name "ex\\.ample.com." is not allowed: labels of letters, digits, "-" and "_" joined by dots, 253 characters at most',
    ],
    [
      'a revoked key',
      ed.base,
      publicOf(record.replace('257', '385')),
      '.key: flags 385 are not allowed: 256 (ZSK) or 257 (KSK, CSK)',
    ],
    [
      'another protocol',
      ed.base,
      publicOf(record.replace('257 3', '257 2')),
      '.key: protocol 2 is not allowed: 3 (RFC 4034 §2.1.2)',
    ],
    [
      'an unsupported algorithm',
      ed.base,
      publicOf(record.replace('257 3 15', '257 3 5')),
      '.key: algorithm 5 is not supported: allowed are 8, 13, 14, 15, 16',
    ],
    [
      'an empty .private file',
      ed.base,
      privateOf(''),
      '.private: the first line is not "Private-key-format: v1.2" or v1.3',
    ],
    [
      'another format',
      ed.base,
      privateOf('-----BEGIN PRIVATE KEY-----\n'),
      '.private: the first line is not "Private-key-format: v1.2" or v1.3',
    ],
    [
      'a line without a name',
      ed.base,
      privateOf(`${head}Algorithm: 15\nrubbish\n`),
      '.private: line 3 is not "Name: value"',
    ],
    [
      'no algorithm',
      ed.base,
      privateOf(`${head}${seed}`),
      '.private: no line "Algorithm: <number> (<mnemonic>)"',
    ],
    [
      'an algorithm that is not the .key file’s',
      ed.base,
      privateOf(`${head}Algorithm: 13 (ECDSAP256SHA256)\n${seed}`),
      '.private: algorithm 13, but the .key file says 15',
    ],
    [
      'no private key',
      ed.base,
      privateOf(`${head}Algorithm: 15 (ED25519)\n`),
      '.private: no line "PrivateKey: <base64>", or not whole: the file is truncated or damaged',
    ],
    [
      'a private key cut inside base64',
      ed.base,
      privateOf(`${head}Algorithm: 15 (ED25519)\n${seed.slice(0, -4)}`),
      '.private: no line "PrivateKey: <base64>", or not whole: the file is truncated or damaged',
    ],
    [
      'a private key of other size',
      ed.base,
      privateOf(`${head}Algorithm: 15 (ED25519)\nPrivateKey: AAAA\n`),
      '.private: no valid ED25519 key: PrivateKey of 3 octets, want 32',
    ],
    [
      'a private key of another pair',
      ed.base,
      privateOf(otherEd.privateText),
      '.private: this private key does not belong to the public key in the .key file',
    ],
    [
      'an RSA key without its last field',
      rsa.base,
      { ...rsa, privateText: rsa.privateText.replace(/Coefficient.*/, '') },
      '.private: no line "Coefficient: <base64>", or not whole: the file is truncated or damaged',
    ],
    [
      'a time that is none',
      ed.base,
      privateOf(`${ed.privateText}Created: 20261332000000\n`),
      '.private: Created: "20261332000000" is no time: YYYYMMDDHHMMSS in UTC',
    ],
  ])('%s', (_what, base, texts, message) => {
    const act = () => parseKeyFiles(base, texts);
    expect(act).toThrow(KeyFileError);
    expect(act).toThrow(expect.objectContaining({ message: `${base}${message}`, operator: true }));
  });

  it('an RSA private exponent that does not fit the public key', () => {
    const privateText = rsa.privateText
      .replace(/(PrivateExponent: +)U/, '$1V')
      .replace(/(Exponent1: +)G/, '$1H')
      .replace(/(Exponent2: +)G/, '$1H');
    expect(() => parseKeyFiles(rsa.base, { ...rsa, privateText })).toThrow(
      `${rsa.base}.private: RSASHA256: the key's own signature does not verify`,
    );
  });
});
