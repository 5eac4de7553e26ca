/** THE TABLE of signing algorithms: how each makes keys, signs, and writes its key octets (RFC 3110, 5702, 6605, 8080). */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import * as noble from '@noble/ed25519';

noble.hashes.sha512 = (message) => Uint8Array.from(createHash('sha512').update(message).digest());

/** What one implementation can do with a private key. */
export interface Signer {
  /** The Public Key field of the DNSKEY RDATA. */
  publicOctets(privateKey: KeyObject): Uint8Array;
  /** The Signature field of the RRSIG RDATA. */
  sign(privateKey: KeyObject, data: Uint8Array): Uint8Array;
}

export interface SigningAlgorithm extends Signer {
  readonly number: number;
  /** As dnssec-keygen prints it. */
  readonly mnemonic: string;
  /** Names of the fields that hold the key in a .private file, in file order. */
  readonly fields: readonly string[];
  /** Of the message that is signed, as OpenSSL names it; null where the algorithm has its own (RFC 8032). */
  readonly digest: string | null;
  /** OpenSSL makes DER of its signatures, RFC 6605 §4 wants r | s. */
  readonly isEcdsa: boolean;
  /** An independent implementation whose octets must be the same, where signatures repeat. */
  readonly second?: Signer;
  /**
   * A random key. Never a KeyObject straight from generateKeyPairSync: while one is exported as JWK, garbage collection may destroy the
   * job that made it, which takes the lock that the export holds, and Node 20 stands still for ever.
   */
  generate(): KeyObject;
  exportFields(privateKey: KeyObject): Readonly<Record<string, Uint8Array>>;
  /**
   * The private key; its public half is derived, never taken on trust.
   * @param fields every name of `fields`
   * @throws {Error} when the octets are no key of this algorithm
   */
  importFields(fields: Readonly<Record<string, Uint8Array>>): KeyObject;
  /** Octets of one signature: a constant but for RSA, where it is the modulus. */
  signatureOctets(publicKey: Uint8Array): number;
  /** Typical time of one signature on a 2026 server core, for the signing budget. */
  costMicroseconds(publicKey: Uint8Array): number;
  /** False for a wrong signature, and for a malformed key or signature. */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
}

/** Field of a .private file → member of a JWK (RFC 7518 §6.3). */
const RSA_FIELDS: Readonly<Record<string, 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi'>> = {
  Modulus: 'n',
  PublicExponent: 'e',
  PrivateExponent: 'd',
  Prime1: 'p',
  Prime2: 'q',
  Exponent1: 'dp',
  Exponent2: 'dq',
  Coefficient: 'qi',
};

const rsaSha256: SigningAlgorithm = {
  number: 8,
  mnemonic: 'RSASHA256',
  fields: Object.keys(RSA_FIELDS),
  digest: 'sha256',
  isEcdsa: false,
  generate() {
    const { privateKey: key } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    });
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  },
  publicOctets(privateKey) {
    const { n, e } = privateKey.export({ format: 'jwk' });
    const exponent = fromBase64url(e);
    // RFC 3110 §2: the exponent's length is one octet, or 0 and two octets.
    const length =
      exponent.length < 256 ? [exponent.length] : [0, exponent.length >> 8, exponent.length & 0xff];
    return Uint8Array.from([...length, ...exponent, ...fromBase64url(n)]);
  },
  exportFields(privateKey) {
    const jwk = privateKey.export({ format: 'jwk' });
    return Object.fromEntries(
      Object.entries(RSA_FIELDS).map(([field, member]) => [field, fromBase64url(jwk[member])]),
    );
  },
  importFields(fields) {
    // With wrong primes OpenSSL still signs, only slowly; so they are checked here.
    const [n, p, q] = ['Modulus', 'Prime1', 'Prime2'].map((field) => toBigInt(fields[field]!));
    if (p! * q! !== n) throw new Error('Prime1 times Prime2 is not Modulus');
    const members = Object.entries(RSA_FIELDS).map(([field, member]) => [member, base64url(fields[field])]);
    const key = createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(members) }, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < 512 || bits > 4096) throw new Error(`modulus of ${bits} bits, want 512..4096 (RFC 5702 §2.1)`);
    return key;
  },
  signatureOctets: (publicKey) => rsaPublic(publicKey)?.modulus.length ?? 0,
  // Grows with the cube of the modulus.
  costMicroseconds(publicKey) {
    return Math.ceil(700 * (this.signatureOctets(publicKey) / 256) ** 3);
  },
  sign: (privateKey, data) => sign('sha256', data, privateKey),
  verify(publicKey, data, signature) {
    const rsa = rsaPublic(publicKey);
    const jwk = { kty: 'RSA', n: base64url(rsa?.modulus), e: base64url(rsa?.exponent) };
    const key = rsa && importPublic(jwk);
    return key !== undefined && verify('sha256', data, key, signature);
  },
};

/** @returns undefined when the octets end before the modulus does */
function rsaPublic(publicKey: Uint8Array): { exponent: Uint8Array; modulus: Uint8Array } | undefined {
  const [first = 0, high = 0, low = 0] = publicKey;
  const start = first === 0 ? 3 : 1;
  const end = start + (first === 0 ? high * 256 + low : first);
  if (end === start || end >= publicKey.length) return undefined;
  return { exponent: publicKey.subarray(start, end), modulus: publicKey.subarray(end) };
}

interface EcdsaCurve {
  readonly number: number;
  readonly mnemonic: string;
  readonly crv: string;
  /** OpenSSL's name. */
  readonly curve: string;
  readonly hash: string;
  /** Octets of a coordinate, and of r and s. */
  readonly octets: number;
  readonly microseconds: number;
}

function ecdsa({ number, mnemonic, crv, curve, hash, octets, microseconds }: EcdsaCurve): SigningAlgorithm {
  // RFC 6605 §4: r | s, each of fixed length; not the DER form that OpenSSL defaults to.
  const dsaEncoding = 'ieee-p1363';
  return {
    number,
    mnemonic,
    fields: ['PrivateKey'],
    digest: hash,
    isEcdsa: true,
    generate() {
      const pair = createECDH(curve);
      pair.generateKeys();
      return this.importFields({ PrivateKey: pair.getPrivateKey() });
    },
    publicOctets(privateKey) {
      const { x, y } = privateKey.export({ format: 'jwk' });
      return Uint8Array.from([...fromBase64url(x), ...fromBase64url(y)]);
    },
    exportFields: (privateKey) => ({ PrivateKey: fromBase64url(privateKey.export({ format: 'jwk' }).d) }),
    importFields({ PrivateKey = new Uint8Array() }) {
      const pair = createECDH(curve);
      pair.setPrivateKey(PrivateKey);
      const point = pair.getPublicKey(); // 4 | x | y
      const x = base64url(point.subarray(1, 1 + octets));
      const y = base64url(point.subarray(1 + octets));
      return createPrivateKey({ key: { kty: 'EC', crv, x, y, d: base64url(PrivateKey) }, format: 'jwk' });
    },
    signatureOctets: () => 2 * octets,
    costMicroseconds: () => microseconds,
    sign: (privateKey, data) => sign(hash, data, { key: privateKey, dsaEncoding }),
    verify(publicKey, data, signature) {
      if (publicKey.length !== 2 * octets) return false;
      const x = base64url(publicKey.subarray(0, octets));
      const y = base64url(publicKey.subarray(octets));
      const key = importPublic({ kty: 'EC', crv, x, y });
      return key !== undefined && verify(hash, data, { key, dsaEncoding }, signature);
    },
  };
}

interface EddsaCurve {
  readonly number: number;
  readonly mnemonic: string;
  readonly crv: 'Ed25519' | 'Ed448';
  readonly keyOctets: number;
  readonly microseconds: number;
  readonly second?: Signer;
}

function eddsa({ number, mnemonic, crv, keyOctets, microseconds, ...second }: EddsaCurve): SigningAlgorithm {
  return {
    number,
    mnemonic,
    ...second,
    fields: ['PrivateKey'],
    digest: null,
    isEcdsa: false,
    // RFC 8032 §5.1.5, §5.2.5: any octets of that length are a key.
    generate() {
      return this.importFields({ PrivateKey: randomBytes(keyOctets) });
    },
    publicOctets: (privateKey) => fromBase64url(privateKey.export({ format: 'jwk' }).x),
    exportFields: (privateKey) => ({ PrivateKey: eddsaSeed(privateKey) }),
    importFields({ PrivateKey = new Uint8Array() }) {
      if (PrivateKey.length !== keyOctets) {
        throw new Error(`PrivateKey of ${PrivateKey.length} octets, want ${keyOctets}`);
      }
      // x must be there but is not looked at: OpenSSL derives it from d.
      const x = base64url(new Uint8Array(keyOctets));
      return createPrivateKey({ key: { kty: 'OKP', crv, x, d: base64url(PrivateKey) }, format: 'jwk' });
    },
    signatureOctets: () => 2 * keyOctets,
    costMicroseconds: () => microseconds,
    sign: (privateKey, data) => sign(null, data, privateKey),
    verify(publicKey, data, signature) {
      const key = importPublic({ kty: 'OKP', crv, x: base64url(publicKey) });
      return key !== undefined && verify(null, data, key, signature);
    },
  };
}

/** The RFC 8032 secret key: 32 or 57 octets. */
function eddsaSeed(privateKey: KeyObject): Uint8Array {
  return fromBase64url(privateKey.export({ format: 'jwk' }).d);
}

const nobleEd25519: Signer = {
  publicOctets: (privateKey) => noble.getPublicKey(eddsaSeed(privateKey)),
  sign: (privateKey, data) => noble.sign(data, eddsaSeed(privateKey)),
};

/** To add an algorithm: one row here, one vector in test/vectors/keys. */
export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = [
  rsaSha256,
  ecdsa({
    number: 13,
    mnemonic: 'ECDSAP256SHA256',
    crv: 'P-256',
    curve: 'prime256v1',
    hash: 'sha256',
    octets: 32,
    microseconds: 28,
  }),
  ecdsa({
    number: 14,
    mnemonic: 'ECDSAP384SHA384',
    crv: 'P-384',
    curve: 'secp384r1',
    hash: 'sha384',
    octets: 48,
    microseconds: 920,
  }),
  eddsa({
    number: 15,
    mnemonic: 'ED25519',
    crv: 'Ed25519',
    keyOctets: 32,
    microseconds: 38,
    second: nobleEd25519,
  }),
  eddsa({ number: 16, mnemonic: 'ED448', crv: 'Ed448', keyOctets: 57, microseconds: 150 }),
];

/** `8, 13, 14, 15, 16`, for messages. */
export const ALGORITHM_NUMBERS: string = SIGNING_ALGORITHMS.map(({ number }) => number).join(', ');

export function findAlgorithm(number: number): SigningAlgorithm | undefined {
  return SIGNING_ALGORITHMS.find((algorithm) => algorithm.number === number);
}

/** @returns undefined for octets that are no public key, such as a point off the curve */
function importPublic(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function base64url(octets: Uint8Array = new Uint8Array()): string {
  return Buffer.from(octets).toString('base64url');
}

function fromBase64url(text = ''): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

function toBigInt(octets: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(octets).toString('hex')}`);
}
