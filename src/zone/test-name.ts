/** The grammar of test names: one label is `<test>[-<option>…]`; letters in any case, at most 42 octets (DESIGN: names). */

/** Values of the option fields; 0 is always "not asked for". */
export const FILLER = { add: 0, txt: 1, opt: 2 } as const;
export const SILENT = { none: 0, udp: 1, tcp: 2 } as const;
export const FAULT = { none: 0, badsig: 1, expired: 2, nosig: 3 } as const;
export const ARM = { default: 0, df: 1, nodf: 2, frag: 3 } as const;

/** Bits that each field takes in a gate, first field lowest; 40 in all at most. */
const FIELDS = { tc: 1, filler: 3, arm: 2, silent: 2, fault: 2, delayMs: 13, ttl: 8 } as const;
export type OptionField = keyof typeof FIELDS;
export type Options = Readonly<Record<OptionField, number>>;

export interface OptionRow {
  /** As people type it. */
  readonly syntax: string;
  readonly example: string;
  readonly summary: string;
  readonly field: OptionField;
  /** A fixed value, or how the digits in `syntax` are bounded. */
  readonly value: number | { readonly max: number };
  /** Only under the hostile zone: elsewhere it would make resolvers back off from the server that measures. */
  readonly hostile?: true;
}

/** THE TABLE of options; `n<run>` beside it ties trials together. */
export const OPTION_TABLE: readonly OptionRow[] = [
  {
    syntax: 'tc',
    example: 'tc',
    summary: 'TC=1 over UDP whatever the size, so that the answer goes over TCP',
    field: 'tc',
    value: 1,
  },
  {
    syntax: 'fadd',
    example: 'fadd',
    summary: 'filler is signed TXT in the additional section (the default)',
    field: 'filler',
    value: FILLER.add,
  },
  {
    syntax: 'ftxt',
    example: 'ftxt',
    summary: 'filler is signed TXT in the answer section',
    field: 'filler',
    value: FILLER.txt,
  },
  {
    syntax: 'fopt',
    example: 'fopt',
    summary: 'filler is EDNS Padding in OPT (RFC 7830), for the lab: section 6 bars it on plain transport',
    field: 'filler',
    value: FILLER.opt,
  },
  {
    syntax: 'ttl<n>',
    example: 'ttl60',
    summary: 'TTL of the receipt, or of the answer to p<N>: 0 to 255 seconds',
    field: 'ttl',
    value: { max: 255 },
  },
  {
    syntax: 'df',
    example: 'df',
    summary: 'send with DF set, never in fragments',
    field: 'arm',
    value: ARM.df,
  },
  {
    syntax: 'nodf',
    example: 'nodf',
    summary: 'send with DF clear',
    field: 'arm',
    value: ARM.nodf,
  },
  {
    syntax: 'frag',
    example: 'frag',
    summary: 'send in fragments of 1280 octets',
    field: 'arm',
    value: ARM.frag,
  },
  {
    syntax: 'noudp',
    example: 'noudp',
    summary: 'no measured answer over UDP',
    field: 'silent',
    value: SILENT.udp,
    hostile: true,
  },
  {
    syntax: 'notcp',
    example: 'notcp',
    summary: 'no measured answer over TCP',
    field: 'silent',
    value: SILENT.tcp,
    hostile: true,
  },
  {
    syntax: 'd<ms>',
    example: 'd800',
    summary: 'the measured answer leaves this much later: 0 to 8000 milliseconds',
    field: 'delayMs',
    value: { max: 8000 },
    hostile: true,
  },
  {
    syntax: 'badsig',
    example: 'badsig',
    summary: 'signatures of the measured answer are wrong',
    field: 'fault',
    value: FAULT.badsig,
    hostile: true,
  },
  {
    syntax: 'expired',
    example: 'expired',
    summary: 'signatures of the measured answer have expired',
    field: 'fault',
    value: FAULT.expired,
    hostile: true,
  },
  {
    syntax: 'nosig',
    example: 'nosig',
    summary: 'the measured answer has no signatures',
    field: 'fault',
    value: FAULT.nosig,
    hostile: true,
  },
];

export const RUN_SYNTAX = 'n<run>';
export const RUN_SUMMARY = 'run id that ties trials together: a digit 0 to 7 and 9 characters of 0-9 a-v';
export const MAX_TEST_LABEL = 42;
export const NO_OPTIONS: Options = { tc: 0, filler: 0, arm: 0, silent: 0, fault: 0, delayMs: 0, ttl: 0 };

export interface TestLabel {
  /** The part in front of the first option. */
  readonly test: string;
  readonly options: Options;
  /** Fields that the label set, in its order. */
  readonly given: readonly OptionField[];
  /** 12 hex digits, empty for none. */
  readonly run: string;
}

/**
 * Splits a label (lower case) into test and options.
 * @returns the parts, or the reason for the Extended DNS Error of an NXDOMAIN; a test that nobody knows is not judged here
 */
export function parseTestLabel(label: string, hostile: boolean): TestLabel | { readonly error: string } {
  if (label.length > MAX_TEST_LABEL)
    return { error: `label of ${label.length} octets, at most ${MAX_TEST_LABEL}` };
  const [test = '', ...tokens] = label.split('-');
  const values: Record<OptionField, number> = { ...NO_OPTIONS };
  const given: OptionField[] = [];
  let run = '';
  for (const token of tokens) {
    const asRun = parseRun(token);
    if (asRun !== undefined) {
      if (run !== '') return { error: `second run id '${token}'` };
      run = asRun;
      continue;
    }
    const option = parseOption(token, hostile);
    if ('error' in option) return option;
    if (given.includes(option.field)) return { error: `option '${token}' conflicts with one before it` };
    given.push(option.field);
    values[option.field] = option.value;
  }
  return { test, options: values, given, run };
}

function parseOption(
  token: string,
  hostile: boolean,
): { field: OptionField; value: number } | { error: string } {
  for (const row of OPTION_TABLE) {
    const value = matchOption(row, token);
    if (value === undefined) continue;
    if (typeof row.value !== 'number' && value > row.value.max)
      return { error: `option '${token}' is over ${row.value.max}` };
    if (row.hostile && !hostile) return { error: `option '${token}' only under the hostile zone` };
    return { field: row.field, value };
  }
  // RFC 8914 §2: the text is for people, and UTF-8; a label may hold anything.
  return { error: `unknown option '${token.slice(0, 20).replace(/[^\x20-\x7e]/g, '?')}'` };
}

function matchOption({ syntax, value }: OptionRow, token: string): number | undefined {
  if (typeof value === 'number') return token === syntax ? value : undefined;
  const word = syntax.slice(0, syntax.indexOf('<'));
  const digits = token.startsWith(word) ? token.slice(word.length) : '';
  return /^(0|[1-9]\d{0,5})$/.test(digits) ? Number(digits) : undefined;
}

const RUN_ALPHABET = '0123456789abcdefghijklmnopqrstuv';

/** A run id as 12 hex digits from `n` + digit 0..7 + 9 base32hex characters: exactly 48 bits. */
export function parseRun(token: string): string | undefined {
  if (!/^n[0-7][0-9a-v]{9}$/.test(token)) return undefined;
  let value = BigInt(token[1]!);
  for (const character of token.slice(2)) value = value * 32n + BigInt(RUN_ALPHABET.indexOf(character));
  return value.toString(16).padStart(12, '0');
}

/** The token of a run id of 12 hex digits. */
export function formatRun(run: string): string {
  let value = BigInt(`0x${run}`);
  let text = '';
  for (let count = 0; count < 9; count++) {
    text = RUN_ALPHABET[Number(value % 32n)]! + text;
    value /= 32n;
  }
  return `n${value}${text}`;
}

/** The options as people type them, in the order of the table: `tc-ftxt-ttl60`; empty for none. */
export function formatOptions(options: Options): string {
  const tokens = OPTION_TABLE.flatMap(({ syntax, field, value }) => {
    const given = options[field];
    if (given === 0) return [];
    if (typeof value === 'number') return value === given ? [syntax] : [];
    return [`${syntax.slice(0, syntax.indexOf('<'))}${given}`];
  });
  return tokens.join('-');
}

/** The fields as one number below 2^40, for a gate. */
export function packOptions(options: Options): number {
  let packed = 0;
  let scale = 1;
  for (const [field, bits] of Object.entries(FIELDS) as [OptionField, number][]) {
    packed += options[field] * scale;
    scale *= 2 ** bits;
  }
  return packed;
}

export function unpackOptions(packed: number): Options {
  const values: Record<OptionField, number> = { ...NO_OPTIONS };
  let rest = packed;
  for (const [field, bits] of Object.entries(FIELDS) as [OptionField, number][]) {
    values[field] = rest % 2 ** bits;
    rest = Math.floor(rest / 2 ** bits);
  }
  return values;
}

/** The label between a receipt and its zone that makes a message longer by 2..64 octets: only `o`s. */
export const SPARE_LETTER = 'o';
export function isSpareLabel(label: string): boolean {
  return /^o+$/.test(label);
}
