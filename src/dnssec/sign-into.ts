/** Signing in place: through OpenSSL itself where that has proven its signatures, else through node:crypto. */
import type { KeyObject } from 'node:crypto';
import { writeFixed } from '../kernel/ecdsa-signature.ts';
import { type NativeKey, openNativeKey } from '../kernel/openssl.ts';
import type { SigningAlgorithm } from './algorithm.ts';

/**
 * Signs `length` octets of `data` from `from` and writes the Signature field of the RRSIG at `at`.
 * @returns octets written
 * @throws {RangeError} for octets beyond the end of `data` or `out`
 */
export type SignInto = (
  data: Uint8Array,
  from: number,
  length: number,
  out: Uint8Array,
  at: number,
) => number;

/** Octets of the messages that a key signs before it is trusted. */
const PROOFS = [64, 300, 1500];

/** @param open how a key gets into OpenSSL */
export function makeSignInto(
  row: SigningAlgorithm,
  privateKey: KeyObject,
  publicKey: Uint8Array,
  open: typeof openNativeKey = openNativeKey,
): SignInto {
  const fallback = throughNode(row, privateKey);
  const native = openKey(row, privateKey, open);
  if (native === undefined) return fallback;
  const fast = throughOpenSsl(row, native, row.signatureOctets(publicKey));
  if (!proves(fast, row, publicKey)) return fallback;
  return (data, from, length, out, at) => {
    const written = fast(data, from, length, out, at);
    return written > 0 ? written : fallback(data, from, length, out, at);
  };
}

function openKey(
  row: SigningAlgorithm,
  privateKey: KeyObject,
  open: typeof openNativeKey,
): NativeKey | undefined {
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const native = open(der, row.digest);
  der.fill(0);
  return native;
}

/** Returns 0 where OpenSSL has refused. */
function throughOpenSsl(row: SigningAlgorithm, native: NativeKey, octets: number): SignInto {
  const { signature } = native;
  return (data, from, length, out, at) => {
    const made = native.sign(data, from, length);
    if (made === 0) return 0;
    if (row.isEcdsa) return writeFixed(signature, made, octets / 2, out, at) ? octets : 0;
    if (made !== octets) return 0;
    if (at + made > out.length) throw new RangeError(`signature of ${made} octets at ${at} of ${out.length}`);
    for (let index = 0; index < made; index++) out[at + index] = signature[index]!;
    return made;
  };
}

function throughNode(row: SigningAlgorithm, privateKey: KeyObject): SignInto {
  return (data, from, length, out, at) => {
    if (from + length > data.length)
      throw new RangeError(`signature over ${length} octets from ${from} of ${data.length}`);
    const signature = row.sign(privateKey, data.subarray(from, from + length));
    out.set(signature, at);
    return signature.length;
  };
}

/** Whether node:crypto verifies what `sign` makes. */
function proves(sign: SignInto, row: SigningAlgorithm, publicKey: Uint8Array): boolean {
  const octets = row.signatureOctets(publicKey);
  return PROOFS.every((length, index) => {
    const data = new Uint8Array(3 + length).fill(0x70 + index);
    const out = new Uint8Array(5 + octets);
    const made = sign(data, 3, length, out, 5);
    return made === octets && row.verify(publicKey, data.subarray(3), out.subarray(5));
  });
}
