/** Node's own OpenSSL, called through koffi: signs without the 6 to 10 µs that node:crypto spends around each call (EVP_DigestSign(3)). */
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import type { Memory, Missing } from './library.ts';
import { stableOctets } from './memory.ts';

/** A private key that is ready to sign; for the thread that opened it. */
export interface NativeKey {
  /**
   * Signs `length` octets from `from`.
   * @returns octets of the signature, which stands in `signature` until the next call; 0 where OpenSSL refused
   * @throws {RangeError} for octets beyond the end
   */
  sign(data: Uint8Array, from: number, length: number): number;
  readonly signature: Uint8Array;
}

interface OpenSsl {
  BIO_new_mem_buf(octets: Memory, length: number): bigint | null;
  BIO_free(bio: bigint): number;
  d2i_PrivateKey_bio(bio: bigint, key: null): bigint | null;
  EVP_PKEY_get_size(key: bigint): number;
  EVP_PKEY_free(key: bigint): void;
  EVP_MD_CTX_new(): bigint | null;
  EVP_MD_CTX_free(context: bigint): void;
  EVP_MD_CTX_copy_ex(to: bigint, from: bigint): number;
  EVP_DigestSignInit_ex(
    context: bigint,
    keyContext: null,
    digest: string | null,
    library: null,
    properties: null,
    key: bigint,
    parameters: null,
  ): number;
  EVP_DigestSign(
    context: bigint,
    signature: Memory,
    signatureLength: Memory,
    data: Memory,
    length: number,
  ): number;
  ERR_clear_error(): void;
  OpenSSL_version(what: number): string;
}

const PROTOTYPES = {
  BIO_new_mem_buf: 'void *BIO_new_mem_buf(const void *octets, int length)',
  BIO_free: 'int BIO_free(void *bio)',
  d2i_PrivateKey_bio: 'void *d2i_PrivateKey_bio(void *bio, void *key)',
  EVP_PKEY_get_size: 'int EVP_PKEY_get_size(void *key)',
  EVP_PKEY_free: 'void EVP_PKEY_free(void *key)',
  EVP_MD_CTX_new: 'void *EVP_MD_CTX_new()',
  EVP_MD_CTX_free: 'void EVP_MD_CTX_free(void *context)',
  EVP_MD_CTX_copy_ex: 'int EVP_MD_CTX_copy_ex(void *to, void *from)',
  EVP_DigestSignInit_ex:
    'int EVP_DigestSignInit_ex(void *context, void *keyContext, const char *digest, void *library, const char *properties, void *key, void *parameters)',
  EVP_DigestSign:
    'int EVP_DigestSign(void *context, void *signature, void *signatureLength, const void *data, size_t length)',
  ERR_clear_error: 'void ERR_clear_error()',
  OpenSSL_version: 'const char *OpenSSL_version(int what)',
} as const satisfies Record<keyof OpenSsl, string>;

/** OPENSSL_VERSION_STRING, since OpenSSL 3.0. */
const VERSION_STRING = 6;

let opened: OpenSsl | Missing | undefined;

/** Why this process signs through node:crypto; undefined where it need not. */
export function missingOpenSsl(): string | undefined {
  const found = open();
  return 'missing' in found ? found.missing : undefined;
}

/**
 * A key that signs in this thread.
 *
 * OpenSSL's memory for it is freed some time after nobody holds the key any more, or with the process: a thread that ends, or never
 * returns to its event loop, frees none. That is a few kB a key.
 *
 * @param der the private key as PKCS #8; not kept
 * @param digest as OpenSSL names it, or null for a key whose algorithm has its own
 * @returns undefined where the library is missing or takes no such key
 */
export function openNativeKey(der: Uint8Array, digest: string | null): NativeKey | undefined {
  const library = open();
  if ('missing' in library) return undefined;
  const key = readKey(library, der);
  const native = key === undefined ? undefined : prepare(library, key, digest);
  // The contexts hold the key from here on.
  if (key !== undefined) library.EVP_PKEY_free(key);
  if (native === undefined) library.ERR_clear_error();
  return native;
}

function readKey(library: OpenSsl, der: Uint8Array): bigint | undefined {
  const bio = library.BIO_new_mem_buf(der, der.length);
  if (bio === null) return undefined;
  const key = library.d2i_PrivateKey_bio(bio, null);
  library.BIO_free(bio);
  return key ?? undefined;
}

function prepare(library: OpenSsl, key: bigint, digest: string | null): NativeKey | undefined {
  const prepared = library.EVP_MD_CTX_new();
  const working = library.EVP_MD_CTX_new();
  const isReady =
    prepared !== null &&
    working !== null &&
    library.EVP_DigestSignInit_ex(prepared, null, digest, null, null, key, null) === 1;
  if (!isReady) {
    for (const context of [prepared, working]) if (context !== null) library.EVP_MD_CTX_free(context);
    return undefined;
  }
  const native = nativeKey(library, prepared, working, library.EVP_PKEY_get_size(key));
  unused.register(native, { library, contexts: [prepared, working] });
  return native;
}

const unused = new FinalizationRegistry<{ library: OpenSsl; contexts: readonly bigint[] }>(
  ({ library, contexts }) => {
    for (const context of contexts) library.EVP_MD_CTX_free(context);
  },
);

function nativeKey(library: OpenSsl, prepared: bigint, working: bigint, most: number): NativeKey {
  const signature = stableOctets(most);
  const lengthOctets = stableOctets(8);
  const signatureLength = new Uint32Array(lengthOctets.buffer);
  return {
    signature,
    sign(data, from, length) {
      if (from < 0 || length < 0 || from + length > data.length)
        throw new RangeError(`signature over ${length} octets from ${from} of ${data.length}`);
      // size_t, low half first: room before the call, octets after it.
      signatureLength[0] = most;
      signatureLength[1] = 0;
      const octets = from === 0 ? data : data.subarray(from);
      // A context signs once; the copy takes less than a µs (EVP_MD_CTX_copy_ex(3)).
      const isSigned =
        library.EVP_MD_CTX_copy_ex(working, prepared) === 1 &&
        library.EVP_DigestSign(working, signature, lengthOctets, octets, length) === 1;
      if (isSigned) return signatureLength[0];
      library.ERR_clear_error();
      return 0;
    },
  };
}

function open(): OpenSsl | Missing {
  opened ??= tryOpen();
  return opened;
}

function tryOpen(): OpenSsl | Missing {
  if (process.platform !== 'linux') return { missing: 'not Linux' };
  if (!['x64', 'arm64'].includes(process.arch) || endianness() !== 'LE')
    return { missing: `neither x86-64 nor arm64 but ${process.arch}` };
  let library: OpenSsl;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const own = koffi.load(null);
    const calls = Object.entries(PROTOTYPES).map(([name, prototype]) => [name, own.func(prototype)]);
    library = Object.fromEntries(calls);
  } catch (error) {
    return { missing: `OpenSSL cannot be reached: ${(error as Error).message.split('\n')[0]}` };
  }
  // Another OpenSSL in the process would do as well, but nobody keeps that one up to date with Node.
  const version = library.OpenSSL_version(VERSION_STRING);
  const wanted = process.versions.openssl;
  return version === wanted ? library : { missing: `OpenSSL ${version} is not Node's own ${wanted}` };
}
