/** Case files: one TOML file a zone that is broken on purpose, with what a validator should make of it (RFC 4035 §4.3, §5). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseType } from '../../wire/rdata/table.ts';
import { ZoneFileError } from '../error.ts';
import { lineOf, parseToml } from '../toml.ts';
import { ANSWER_RCODES, EXPECTATIONS, OUTCOMES, VALIDATORS } from './outcome.ts';

/** In the order shown. */
export const GROUPS = [
  'base',
  'signatures',
  'times',
  'ds',
  'dnskey',
  'nsec',
  'nsec3',
  'wildcard',
  'algorithms',
  'transport',
] as const;
export type Group = (typeof GROUPS)[number];

const label = z
  .string('want one label')
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'want one label of a-z, 0-9 and hyphens');
const type = z
  .string()
  .refine((text) => parseType(text) !== undefined, 'want a TYPE such as A, or TYPE and a number');
const octet = number(0, 255);
const outcome = z.enum(OUTCOMES, `want one of ${OUTCOMES.join(', ')}`);
const tag = z
  .union([z.literal('wrong'), number(0, 65_535)], "want 0 to 65535, or 'wrong': that of no key of the zone")
  .optional();
const hex = (rule: string) => z.string(rule).regex(/^([0-9a-f]{2})*$/, rule);
const flag = (fallback: boolean) => z.boolean('want true or false').default(fallback);

/** A key as it differs from a good one. */
const key = z.strictObject({
  flags: number(0, 65_535).optional(),
  protocol: octet.default(3),
  /** Absent from the DNSKEY RRset where false; it signs all the same. */
  published: flag(true),
});

const ds = z.strictObject({
  /** That of the KSK where absent. */
  tag,
  algorithm: octet.optional(),
  /** Digest type. */
  type: octet.default(2),
  /** All octets of the digest, in place of the right ones. */
  digest: hex('want two hex digits: every octet of the digest').length(2).optional(),
  /** The digest is made over the KSK with these flags. */
  flags: number(0, 65_535).optional(),
});

const signature = z.strictObject({
  /** Types whose signatures this says something of; all where absent. */
  of: z.array(type).optional(),
  /** Inception and expiration, from now: `-30d`, `+5d`, `-1h`. */
  valid: z.tuple([moment(), moment()], "want two moments, as ['-30d', '-2d']").optional(),
  labels: octet.optional(),
  /** Original TTL, seconds. */
  ttl: number(0, 0x7fff_ffff).optional(),
  signer: z.enum(['zone', 'parent'], "want 'zone' or 'parent'").default('zone'),
  tag,
  /** `altered`: the last octet; `other-data`: made over other records. */
  fault: z.enum(['absent', 'altered', 'other-data'], "want 'absent', 'altered' or 'other-data'").optional(),
});

/** RFC 5155 §3.1.4: its length is one octet. */
const SALT_RULE = 'want hex digits, of 255 octets at most';
const salt = hex(SALT_RULE).max(2 * 255, SALT_RULE);

const nsec3 = z.strictObject({
  iterations: number(0, 2500).default(0),
  /** As NSEC3 has it. */
  salt: salt.default(''),
  /** As NSEC3PARAM has it; that of NSEC3 where absent. */
  parameter: salt.optional(),
  /** With which names are hashed; that of NSEC3 where absent. */
  hashed: salt.optional(),
  optout: flag(false),
  /** Each span ends right behind its beginning, and covers no name. */
  narrow: flag(false),
});

const RSA: readonly number[] = [1, 5, 7, 8, 10];

const ASKS_RULE = "want a name below the zone and A, AAAA or TXT, as 'www A'";
const RCODE_RULE = `want one of ${ANSWER_RCODES.join(', ')}`;

/** The question that shows the fault. */
export interface Asked {
  /** Left of the zone. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'TXT';
}

const schema = z.strictObject({
  label,
  summary: z.string('want one sentence for people').min(1, 'want one sentence for people'),
  group: z.enum(GROUPS, `want one of ${GROUPS.join(', ')}`),
  expect: z.enum(EXPECTATIONS, `want one of ${EXPECTATIONS.join(', ')}`),
  accepts: z.array(outcome).default([]),
  known: z.partialRecord(z.enum(VALIDATORS), outcome).default({}),
  notes: z.string('want text').optional(),
  references: z.array(z.string(), 'want a list of texts').min(1, 'want at least one RFC'),
  asks: z
    .string(ASKS_RULE)
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)* (A|AAAA|TXT)$/, ASKS_RULE)
    .transform(readAsked)
    .default({ name: 'www', type: 'A' }),
  /** Of the answer, where one arrives. */
  rcode: z.enum(ANSWER_RCODES, RCODE_RULE).default('NOERROR'),
  algorithm: octet.default(13),
  bits: number(512, 4096).multipleOf(8, 'want a multiple of 8').default(2048),
  signed: flag(true),
  ksk: key.prefault({}),
  zsk: key.prefault({}),
  spare: number(0, 8).default(0),
  ds: z.array(ds, 'want a list of DS').default([ds.parse({})]),
  signatures: z.array(signature, 'want a list').default([]),
  nsec: z.enum(['missing', 'wrong'], "want 'missing' or 'wrong'").optional(),
  nsec3: nsec3.optional(),
  /** Cuts the zone `sub` out, unsigned; whether the chain has its name. */
  delegation: z.enum(['listed', 'left-out'], "want 'listed' or 'left-out'").optional(),
  wildcard: flag(false),
  cname: label.optional(),
  transport: z
    .enum(
      ['servfail', 'tcp-silent', 'do-ignored', 'ecs-formerr'],
      "want 'servfail', 'tcp-silent', 'do-ignored' or 'ecs-formerr'",
    )
    .optional(),
});

/** Survives structured cloning. */
export interface CaseFile extends z.output<typeof schema> {
  /** Path, for messages. */
  readonly file: string;
}

/** @throws {ZoneFileError} file, line and why */
export function parseCaseFile(text: string, file: string): CaseFile {
  const checked = schema.safeParse(parseToml(text, file));
  if (!checked.success) throw issueError(text, file, checked.error.issues[0]!);
  const { data } = checked;
  const wrong = contradiction(data);
  if (wrong) throw new ZoneFileError(file, lineOf(text, wrong.key), `${wrong.key}: ${wrong.why}`);
  return { ...data, file };
}

/**
 * All `*.toml` files of a directory, by label.
 * @throws {ZoneFileError}
 */
export async function readCaseFiles(directory: string): Promise<CaseFile[]> {
  const names = await readdir(directory).catch((cause: Error) => {
    throw new ZoneFileError(directory, 0, `cannot be read (${cause.message})`);
  });
  const files = names.filter((name) => name.endsWith('.toml')).sort();
  const cases = await Promise.all(files.map((name) => readCaseFile(join(directory, name))));
  for (const [index, { label: taken, file }] of cases.entries()) {
    const other = cases.slice(0, index).find((before) => before.label === taken);
    if (other) throw new ZoneFileError(file, 0, `label '${taken}' is already taken by ${other.file}`);
  }
  return cases.sort((one, other) => (one.label < other.label ? -1 : 1));
}

async function readCaseFile(file: string): Promise<CaseFile> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new ZoneFileError(file, 0, `cannot be read (${cause.message})`);
  });
  return parseCaseFile(text, file);
}

/** What one key cannot see of another. */
function contradiction(data: z.output<typeof schema>): { key: string; why: string } | undefined {
  if ((data.expect === 'varies') !== data.accepts.length > 0)
    return { key: 'accepts', why: "goes with expect = 'varies', and that wants it" };
  if (!data.signed && data.ds.length > 0)
    return { key: 'signed', why: 'a zone without keys has no DS: want ds = []' };
  if (data.nsec !== undefined && data.nsec3 !== undefined)
    return { key: 'nsec', why: 'a zone has NSEC or NSEC3' };
  if (data.delegation === 'left-out' && data.nsec3 === undefined)
    return { key: 'delegation', why: 'only NSEC3 leaves names out (RFC 5155 §6)' };
  if (data.algorithm === 10 && data.bits < 1024)
    return { key: 'bits', why: 'algorithm 10 wants 1024 or more (RFC 5702 §2.2)' };
  if (data.spare > 0 && !RSA.includes(data.algorithm))
    return { key: 'spare', why: `goes with the RSA algorithms ${RSA.join(', ')}` };
  if (data.wildcard && data.cname !== undefined)
    return { key: 'cname', why: 'www is a CNAME or comes from the wildcard' };
  return undefined;
}

function issueError(text: string, file: string, issue: z.core.$ZodIssue): ZoneFileError {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys')
    return new ZoneFileError(file, lineOf(text, path[0] ?? ''), `${path.join('.')}: ${issue.message}`);
  const unknown = issue.keys[0]!;
  const allowed = path.length > 0 ? '' : `, want one of ${Object.keys(schema.shape).join(', ')}`;
  const full = [...path, unknown];
  return new ZoneFileError(file, lineOf(text, full[0]!), `${full.join('.')}: unknown key${allowed}`);
}

function number(from: number, to: number) {
  const rule = `want a whole number from ${from} to ${to}`;
  return z.int(rule).min(from, rule).max(to, rule);
}

function readAsked(text: string): Asked {
  const [name = '', type] = text.split(' ');
  return { name, type: type as Asked['type'] };
}

const UNITS = { d: 86_400, h: 3600 } as const;

/** Seconds from now. */
function moment() {
  return z
    .string("want a moment as '-30d' or '+5h'")
    .regex(/^[+-]\d{1,4}[dh]$/, "want a moment as '-30d' or '+5h'")
    .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]);
}
