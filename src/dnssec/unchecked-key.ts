/** Signing keys whose RDATA may say anything (RFC 4034 §2), with the name that private algorithms want (Appendix A.1.1). */
import type { Name } from '../wire/name.ts';
import { keyTag, type SigningKey } from './key.ts';

export interface UncheckedKey {
  /** Lower case, final dot. */
  readonly zone: string;
  /** 16 bits. */
  readonly flags: number;
  /** 8 bits. */
  readonly protocol: number;
  /** The number on the wire, 8 bits. */
  readonly algorithm: number;
  /** Without `name`. */
  readonly publicKey: Uint8Array;
  /** Stands at the head of the public key and of every signature. */
  readonly name?: Name;
  /** Without `name`. */
  readonly signatureOctets: number;
  readonly costMicroseconds: number;
  sign(data: Uint8Array): Uint8Array;
}

const SEP = 0x0001;
const RSAMD5 = 1;

/** @throws {RangeError} for flags, a protocol or a number that does not fit its field */
export function uncheckedKey(parts: UncheckedKey): SigningKey {
  const { zone, flags, protocol, algorithm, name = new Uint8Array(), costMicroseconds } = parts;
  checkField('flags', flags, 0xffff);
  checkField('protocol', protocol, 0xff);
  checkField('algorithm', algorithm, 0xff);
  const publicKey = Uint8Array.from([...name, ...parts.publicKey]);
  const rdata = Uint8Array.from([flags >> 8, flags & 0xff, protocol, algorithm, ...publicKey]);
  const signatureOctets = name.length + parts.signatureOctets;
  const sign = (data: Uint8Array) => {
    const signature = new Uint8Array(signatureOctets);
    signature.set(name);
    signature.set(parts.sign(data), name.length);
    return signature;
  };
  return {
    zone,
    flags,
    isKsk: (flags & SEP) !== 0,
    algorithm,
    publicKey,
    rdata,
    keyTag: algorithm === RSAMD5 ? keyTagOfModulus(rdata) : keyTag(rdata),
    signatureOctets,
    costMicroseconds,
    sign,
    signInto(data, from, length, out, at) {
      if (from + length > data.length)
        throw new RangeError(`signature over ${length} octets from ${from} of ${data.length}`);
      out.set(sign(data.subarray(from, from + length)), at);
      return signatureOctets;
    },
  };
}

/** Of RSAMD5: the upper 16 of the modulus's last 24 bits (RFC 4034 Appendix B.1). */
function keyTagOfModulus(rdata: Uint8Array): number {
  const [high = 0, low = 0] = rdata.subarray(-3);
  return high * 256 + low;
}

function checkField(field: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new RangeError(`${field} ${value}, want 0 to ${most}`);
}
