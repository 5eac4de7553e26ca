import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { missingOpenSsl, openNativeKey } from '../../src/kernel/openssl.ts';

const der = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' });
const KEYS = [
  { name: 'P-256', digest: 'sha256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  { name: 'P-384', digest: 'sha384', ...generateKeyPairSync('ec', { namedCurve: 'P-384' }) },
  { name: 'RSA', digest: 'sha256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) },
  { name: 'Ed25519', digest: null, ...generateKeyPairSync('ed25519') },
  { name: 'Ed448', digest: null, ...generateKeyPairSync('ed448') },
];

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  it('is there', () => {
    expect(missingOpenSsl()).toBeUndefined();
  });

  describe.each(KEYS)('a key of $name', ({ digest, privateKey, publicKey }) => {
    const native = openNativeKey(der(privateKey), digest)!;

    it('makes signatures that node:crypto verifies, of messages of any length, anywhere in any octets', () => {
      const octets = Uint8Array.from({ length: 5000 }, (_, at) => at * 7);
      for (const length of [0, 1, 8, 63, 64, 65, 300, 4096])
        for (const from of [0, 1, 200]) {
          const signature = native.signature.subarray(0, native.sign(octets, from, length));
          const isSound = verify(digest, octets.subarray(from, from + length), publicKey, signature);
          expect(isSound, `${length} octets from ${from}`).toBe(true);
        }
    });

    it('signs small arrays, which lie in the heap of V8, and shared memory', () => {
      const shared = new Uint8Array(new SharedArrayBuffer(300));
      for (const octets of [Uint8Array.of(1, 2, 3), Buffer.from('a'), shared]) {
        const signature = native.signature.subarray(0, native.sign(octets, 0, octets.length));
        expect(verify(digest, Uint8Array.from(octets), publicKey, signature)).toBe(true);
      }
    });

    it('refuses octets beyond the end, and signs on', () => {
      for (const [from, length] of [
        [0, 9],
        [1, 8],
        [9, 0],
        [-1, 2],
        [2, -1],
      ] as const)
        expect(() => native.sign(new Uint8Array(8), from, length)).toThrow(RangeError);
      expect(native.sign(new Uint8Array(8), 0, 8)).toBeGreaterThan(0);
    });
  });

  it.each([
    { what: 'octets that are no key', octets: Buffer.from('no key at all'), digest: 'sha256' },
    { what: 'no octets', octets: Buffer.alloc(0), digest: 'sha256' },
    { what: 'half a key', octets: der(KEYS[0]!.privateKey).subarray(0, 60), digest: 'sha256' },
    { what: 'a digest that there is not', octets: der(KEYS[0]!.privateKey), digest: 'sha257' },
    { what: 'a digest beside Ed25519', octets: der(KEYS[3]!.privateKey), digest: 'sha256' },
  ])('$what: no key, and node:crypto is undisturbed', ({ octets, digest }) => {
    expect(openNativeKey(octets, digest)).toBeUndefined();
    expect(() => generateKeyPairSync('ec', { namedCurve: 'P-256' })).not.toThrow();
  });

  it('two keys that take turns do not mix', () => {
    const [one, two] = KEYS.filter(({ name }) => /P-256|Ed25519/.test(name));
    const natives = [one!, two!].map((key) => ({
      ...key,
      native: openNativeKey(der(key.privateKey), key.digest)!,
    }));
    for (let round = 0; round < 20; round++)
      for (const { native, digest, publicKey } of natives) {
        const data = new Uint8Array(100).fill(round);
        const signature = native.signature.subarray(0, native.sign(data, 0, 100));
        expect(verify(digest, data, publicKey, signature)).toBe(true);
      }
  });

  it('signs in several threads at once, each with the same keys', { timeout: 60_000 }, async () => {
    const keys = KEYS.filter(({ name }) => /P-256|Ed25519/.test(name)).map(
      ({ digest, privateKey, publicKey }) => ({
        digest,
        publicKey,
        octets: new Uint8Array(der(privateKey)),
      }),
    );
    const workers = Array.from({ length: 4 }, () => new Worker(THREAD, { eval: true, workerData: keys }));
    const results = await Promise.all(workers.map(async (worker) => once(worker, 'message')));
    expect(results).toEqual(workers.map(() => [{ sound: 2 * 1500, of: 2 * 1500 }]));
  });
});

/** In the built form: threads of Node 20 read no TypeScript. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { verify } = require('node:crypto');
import(${JSON.stringify(new URL('../../dist/kernel/openssl.js', import.meta.url).href)}).then(({ openNativeKey }) => {
  const keys = workerData.map((key) => ({ ...key, native: openNativeKey(key.octets, key.digest) }));
  let sound = 0;
  for (let round = 0; round < 1500; round++)
    for (const { native, digest, publicKey } of keys) {
      const data = new Uint8Array(200).fill(round);
      if (verify(digest, data, publicKey, native.signature.subarray(0, native.sign(data, 0, 200)))) sound++;
    }
  parentPort.postMessage({ sound, of: keys.length * 1500 });
});
`;
