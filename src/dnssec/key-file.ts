/** BIND key files: K<zone>+<algorithm>+<key tag>.key holds the DNSKEY record, .private the private key and its times. */
import type { KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import { ALGORITHM_NUMBERS, findAlgorithm, type SigningAlgorithm } from './algorithm.ts';
import { type KeyFlags, parseZoneName, ZONE_NAME_RULE, type ZoneKey, zoneKey } from './key.ts';

/** What is wrong with a key file and what is allowed, in one line for the operator. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code = 'KEY_FILE';
  readonly operator = true;
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}

/** Timing metadata as it stands in both files; kept, not acted on. */
const TIME_FIELDS = {
  created: 'Created',
  publish: 'Publish',
  activate: 'Activate',
  revoke: 'Revoke',
  inactive: 'Inactive',
  delete: 'Delete',
} as const;

/** Seconds since the epoch; without those that the file lacks. */
export type KeyTimes = Readonly<Partial<Record<keyof typeof TIME_FIELDS, number>>>;

export interface KeyFileTexts {
  readonly publicText: string;
  readonly privateText: string;
}

/** `Kexample.+015+03613`: the name of both files without `.key` and `.private`. */
export function keyFileBase(key: ZoneKey): string {
  return `K${key.zone}+${digits(key.algorithm, 3)}+${digits(key.keyTag, 5)}`;
}

/**
 * The key in a pair of files, once they agree with each other and with their name.
 *
 * @param base path of the pair without `.key` and `.private`
 * @throws {KeyFileError} naming the file that is wrong
 */
export function parseKeyFiles(
  base: string,
  { publicText, privateText }: KeyFileTexts,
): { key: ZoneKey; times: KeyTimes } {
  const record = parsePublic(`${base}.key`, publicText);
  const file = `${base}.private`;
  const lines = privateLines(file, privateText);
  const key = belonging(file, record, parsePrivate(file, record.algorithm, lines));
  checkName(base, key);
  return { key, times: parseTimes(file, lines) };
}

/** Both files as dnssec-keygen writes them, so that other signers take them too. */
export function formatKeyFiles(key: ZoneKey, times: KeyTimes): KeyFileTexts {
  const algorithm = findAlgorithm(key.algorithm)!; // a ZoneKey has no other
  const written = Object.entries(TIME_FIELDS).flatMap(([name, field]) => {
    const seconds = times[name as keyof KeyTimes];
    return seconds === undefined ? [] : [{ field, text: formatTime(seconds), words: formatWords(seconds) }];
  });
  const role = key.isKsk ? 'key' : 'zone';
  const zone = key.zone === '.' ? '.' : key.zone.slice(0, -1);
  const publicLines = [
    `; This is a ${role}-signing key, keyid ${key.keyTag}, for ${zone}.`,
    ...written.map(({ field, text, words }) => `; ${field}: ${text} (${words})`),
    `${key.zone} IN DNSKEY ${key.flags} ${key.protocol} ${key.algorithm} ${base64(key.publicKey)}`,
  ];
  const fields = algorithm.exportFields(key.privateKey);
  const privateLines = [
    'Private-key-format: v1.3',
    `Algorithm: ${algorithm.number} (${algorithm.mnemonic})`,
    ...algorithm.fields.map((field) => `${field}: ${base64(fields[field]!)}`),
    ...written.map(({ field, text }) => `${field}: ${text}`),
  ];
  return { publicText: `${publicLines.join('\n')}\n`, privateText: `${privateLines.join('\n')}\n` };
}

interface PublicRecord {
  readonly zone: string;
  readonly flags: KeyFlags;
  readonly algorithm: SigningAlgorithm;
  readonly publicKey: Uint8Array;
}

/** owner [TTL] [class] DNSKEY flags protocol algorithm base64; comments and parentheses as in a master file. */
const DNSKEY_RECORD = /^(\S+)(?: (?:\d+|IN)){0,2} DNSKEY (\d+) (\d+) (\d+) (.+)$/i;

function parsePublic(file: string, text: string): PublicRecord {
  const fail = (problem: string) => new KeyFileError(file, problem);
  const plain = text.replace(/;.*/g, '').replace(/[()\s]+/g, ' ');
  const [, owner, flagsText, protocol, number, publicText] = DNSKEY_RECORD.exec(plain.trim()) ?? [];
  if (owner === undefined || publicText === undefined) {
    throw fail('no DNSKEY record: one is allowed, "example. IN DNSKEY 257 3 13 <base64>"');
  }
  const zone = parseZoneName(owner);
  if (zone === undefined) throw fail(`zone name "${owner}" is not allowed: ${ZONE_NAME_RULE}`);
  const flags = Number(flagsText);
  if (flags !== 256 && flags !== 257)
    throw fail(`flags ${flags} are not allowed: 256 (ZSK) or 257 (KSK, CSK)`);
  if (Number(protocol) !== 3) throw fail(`protocol ${protocol} is not allowed: 3 (RFC 4034 §2.1.2)`);
  const algorithm = supported(file, Number(number));
  const publicKey = fromBase64(publicText.replaceAll(' ', ''));
  if (publicKey === undefined)
    throw fail('the public key is not whole base64: the file is truncated or damaged');
  return { zone, flags, algorithm, publicKey };
}

type Lines = ReadonlyMap<string, string>;

/** `Name: value`, line by line, behind the format line. Names that we do not know are passed over, as BIND does. */
function privateLines(file: string, text: string): Lines {
  const [head = '', ...rest] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (!/^Private-key-format:\s*v1\.[23]\s*$/.test(head)) {
    // Not quoted: it may be secret.
    throw new KeyFileError(file, 'the first line is not "Private-key-format: v1.2" or v1.3');
  }
  const lines = rest.map((line) => /^([A-Za-z0-9]+):\s*(.*?)\s*$/.exec(line));
  const damaged = lines.indexOf(null);
  if (damaged >= 0) throw new KeyFileError(file, `line ${damaged + 2} is not "Name: value"`);
  return new Map(lines.map((line) => [line![1]!, line![2]!]));
}

function parsePrivate(file: string, algorithm: SigningAlgorithm, lines: Lines): KeyObject {
  const number = /^\d+/.exec(lines.get('Algorithm') ?? '')?.[0];
  if (number === undefined) throw new KeyFileError(file, 'no line "Algorithm: <number> (<mnemonic>)"');
  if (supported(file, Number(number)) !== algorithm) {
    throw new KeyFileError(file, `algorithm ${number}, but the .key file says ${algorithm.number}`);
  }
  const fields = algorithm.fields.map((field) => {
    const octets = fromBase64(lines.get(field) ?? '');
    if (octets === undefined || octets.length === 0) {
      throw new KeyFileError(
        file,
        `no line "${field}: <base64>", or not whole: the file is truncated or damaged`,
      );
    }
    return [field, octets] as const;
  });
  try {
    return algorithm.importFields(Object.fromEntries(fields));
  } catch (cause) {
    throw new KeyFileError(file, `no valid ${algorithm.mnemonic} key: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The public key is derived from the private one anew, and must be the one of the .key file. */
function belonging(file: string, record: PublicRecord, privateKey: KeyObject): ZoneKey {
  const { zone, flags, algorithm, publicKey } = record;
  if (Buffer.compare(algorithm.publicOctets(privateKey), publicKey) !== 0) {
    throw new KeyFileError(file, 'this private key does not belong to the public key in the .key file');
  }
  try {
    return zoneKey({ zone, flags, algorithm: algorithm.number }, privateKey);
  } catch (cause) {
    throw new KeyFileError(file, (cause as Error).message, { cause });
  }
}

function checkName(base: string, key: ZoneKey): void {
  const file = `${base}.key`;
  const [, zone, algorithm, tag] = /^K(.+)\+(\d{3})\+(\d{5})$/.exec(basename(base)) ?? [];
  if (zone === undefined)
    throw new KeyFileError(file, `the name is not K<zone>+<algorithm>+<key tag>: ${keyFileBase(key)}`);
  const right = `its content belongs in ${keyFileBase(key)}.key`;
  if (parseZoneName(zone) !== key.zone)
    throw new KeyFileError(file, `zone "${zone}" in the file name: ${right}`);
  if (Number(algorithm) !== key.algorithm) {
    throw new KeyFileError(file, `algorithm ${Number(algorithm)} in the file name: ${right}`);
  }
  if (Number(tag) !== key.keyTag)
    throw new KeyFileError(file, `key tag ${Number(tag)} in the file name: ${right}`);
}

function supported(file: string, number: number): SigningAlgorithm {
  const algorithm = findAlgorithm(number);
  if (algorithm === undefined) {
    throw new KeyFileError(file, `algorithm ${number} is not supported: allowed are ${ALGORITHM_NUMBERS}`);
  }
  return algorithm;
}

function parseTimes(file: string, lines: Lines): KeyTimes {
  const found = Object.entries(TIME_FIELDS).flatMap(([name, field]) => {
    const text = lines.get(field);
    return text === undefined ? [] : [[name, parseTime(file, field, text)] as const];
  });
  return Object.fromEntries(found);
}

function parseTime(file: string, field: string, text: string): number {
  const [, date, hour, minute, second] = /^(\d{8})(\d\d)(\d\d)(\d\d)$/.exec(text) ?? [];
  const day = date?.replace(/(....)(..)(..)/, '$1-$2-$3');
  const at = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at)) throw new KeyFileError(file, `${field}: "${text}" is no time: YYYYMMDDHHMMSS in UTC`);
  return at / 1000;
}

function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+/, '').replace(/\D/g, '');
}

/** `Tue Nov 24 14:42:39 2026`, in UTC. */
function formatWords(seconds: number): string {
  const [weekday, day, month, year, time] = new Date(seconds * 1000)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${weekday} ${month} ${day} ${time} ${year}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}

/** @returns undefined unless the text is base64 to its last group */
function fromBase64(text: string): Uint8Array | undefined {
  const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  return whole ? Uint8Array.from(Buffer.from(text, 'base64')) : undefined;
}
