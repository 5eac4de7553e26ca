/** Master files: static records as people write them (RFC 1035 §5, RFC 3597 §5; $INCLUDE is refused). */
import { WireError } from '../wire/error.ts';
import { isWithin, type Name, nameKey, parseName, readEscaped } from '../wire/name.ts';
import type { Fields } from '../wire/rdata/codec.ts';
import { codecOf, isMetaType, parseType, typeText } from '../wire/rdata/table.ts';
import { Reader } from '../wire/reader.ts';
import type { Rrset } from '../wire/rrset.ts';
import { ZoneFileError } from './error.ts';

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

interface Line {
  readonly number: number;
  /** Whether it begins with white space: the owner is then that of the record before. */
  readonly indented: boolean;
  readonly tokens: readonly Token[];
}

const MAX_TTL = 0x7fff_ffff;

/**
 * RRsets of one master file.
 * @param origin names without a final dot are completed with it, and no owner may lie outside it
 * @throws {ZoneFileError} with file, line and why
 */
export function parseMasterFile(text: string, file: string, origin: Name, defaultTtl: number): Rrset[] {
  const sets = new Map<string, MutableSet>();
  const state: FileState = { owner: undefined, relative: origin, ttl: defaultTtl };
  for (const line of splitLines(text, file)) {
    const fields = new LineFields(line, file, state.relative);
    if (!line.indented && fields.peek().startsWith('$')) readDirective(fields, state);
    else addRecord(sets, fields, ownerOf(line, fields, state, origin), readRecord(fields, state.ttl));
    fields.end();
  }
  return [...sets.values()];
}

interface MutableSet {
  readonly owner: Name;
  readonly type: number;
  readonly ttl: number;
  readonly rdatas: unknown[];
}

/** What one line leaves to the next. */
interface FileState {
  owner: Name | undefined;
  relative: Name;
  ttl: number;
}

function readDirective(fields: LineFields, state: FileState): void {
  const directive = fields.text('directive').toUpperCase();
  if (directive === '$ORIGIN') state.relative = fields.name('origin');
  else if (directive === '$TTL') state.ttl = fields.number('TTL', MAX_TTL);
  else throw fields.error(`${directive} is not allowed, only $ORIGIN and $TTL`);
}

function ownerOf(line: Line, fields: LineFields, state: FileState, origin: Name): Name {
  if (!line.indented) state.owner = fields.name('owner');
  if (!state.owner)
    throw fields.error('record without an owner: the first line of a file must not be indented');
  if (!isWithin(state.owner, origin)) throw fields.error('owner outside the zone');
  // Every name here is signed as itself, so nothing could be made of a wildcard (RFC 4034 §3.1.3).
  if (state.owner[0] === 1 && state.owner[1] === 0x2a) throw fields.error('wildcards are not served');
  return state.owner;
}

function addRecord(
  sets: Map<string, MutableSet>,
  fields: LineFields,
  owner: Name,
  record: { type: number; ttl: number; rdata: unknown },
): void {
  const { type, ttl, rdata } = record;
  const key = `${nameKey(owner)}/${type}`;
  const set = sets.get(key);
  if (set && set.ttl !== ttl)
    throw fields.error(`${typeText(type)} with TTL ${ttl}, the set has ${set.ttl} (RFC 2181 §5.2)`);
  if (set) set.rdatas.push(rdata);
  else sets.set(key, { owner, type, ttl, rdatas: [rdata] });
}

function readRecord(fields: LineFields, defaultTtl: number): { type: number; ttl: number; rdata: unknown } {
  let ttl = defaultTtl;
  // TTL and class may come in either order (RFC 1035 §5.1).
  for (
    let word = fields.peek().toUpperCase();
    word === 'IN' || /^\d+$/.test(word);
    word = fields.peek().toUpperCase()
  ) {
    if (word === 'IN') fields.text('class');
    else ttl = fields.number('TTL', MAX_TTL);
  }
  const typeWord = fields.text('type');
  const type = parseType(typeWord);
  if (type === undefined) throw fields.error(`'${typeWord}' is not a TYPE`);
  if (isMetaType(type)) throw fields.error(`${typeText(type)} can be asked for, but no name has it`);
  const rdata = fields.isGeneric ? readGeneric(fields, type) : readKnown(fields, type);
  return { type, ttl, rdata };
}

function readKnown(fields: LineFields, type: number): unknown {
  const { parse } = codecOf(type);
  if (!parse)
    throw fields.error(
      `${typeText(type)} cannot be written here: the server makes it, or write RDATA as \\# (RFC 3597 §5)`,
    );
  return fields.guarded(() => parse(fields));
}

function readGeneric(fields: LineFields, type: number): unknown {
  fields.text('\\#');
  const octets = fields.number('RDATA length', 0xffff);
  const rdata = octets === 0 ? new Uint8Array(0) : fields.hex('RDATA');
  if (rdata.length !== octets) throw fields.error(`RDATA of ${rdata.length} octets, length says ${octets}`);
  const reader = new Reader(rdata);
  const decoded = fields.guarded(() => codecOf(type).decode(reader, octets));
  if (reader.remaining > 0)
    throw fields.error(`${reader.remaining} octets left over in the RDATA of ${typeText(type)}`);
  return decoded;
}

/** The fields of one line; every complaint names file and line. */
class LineFields implements Fields {
  private at = 0;
  private readonly line: Line;
  private readonly file: string;
  private readonly relative: Name;

  constructor(line: Line, file: string, relative: Name) {
    this.line = line;
    this.file = file;
    this.relative = relative;
  }

  get more(): boolean {
    return this.at < this.line.tokens.length;
  }

  peek(): string {
    return this.line.tokens[this.at]?.text ?? '';
  }

  /** Whether RDATA as octets comes next; in quotes `\#` is text like any other (RFC 3597 §5). */
  get isGeneric(): boolean {
    return this.peek() === '\\#' && this.line.tokens[this.at]?.quoted === false;
  }

  text(what: string): string {
    const token = this.line.tokens[this.at++];
    if (!token) throw this.error(`${what} is missing`);
    return token.text;
  }

  characterString(what: string): Uint8Array {
    const text = this.text(what);
    const octets: number[] = [];
    for (let at = 0; at < text.length; ) {
      const [octet, taken] = this.guarded(() => readEscaped(text, at));
      octets.push(octet);
      at += taken;
    }
    if (octets.length > 255) throw this.error(`${what} of ${octets.length} octets, at most 255`);
    return Uint8Array.from(octets);
  }

  name(what: string): Name {
    const text = this.text(what);
    return this.guarded(() => parseName(text, this.relative));
  }

  number(what: string, max: number): number {
    const text = this.text(what);
    if (!/^\d{1,10}$/.test(text) || Number(text) > max)
      throw this.error(`${what} '${text}', want 0 to ${max}`);
    return Number(text);
  }

  hex(what: string): Uint8Array {
    const text = this.rest(what);
    if (!/^([0-9a-f]{2})+$/i.test(text)) throw this.error(`${what} is not hexadecimal`);
    return Uint8Array.from(Buffer.from(text, 'hex'));
  }

  base64(what: string): Uint8Array {
    const text = this.rest(what);
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw this.error(`${what} is not base64`);
    return Uint8Array.from(Buffer.from(text, 'base64'));
  }

  end(): void {
    if (this.more) throw this.error(`'${this.peek()}' is left over`);
  }

  /** Runs `read`, giving its WireError the place in this file. */
  guarded<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof WireError) throw this.error(error.message);
      throw error;
    }
  }

  error(why: string): ZoneFileError {
    return new ZoneFileError(this.file, this.line.number, why);
  }

  private rest(what: string): string {
    let text = this.text(what);
    while (this.more) text += this.text(what);
    return text;
  }
}

// Logical lines: parentheses join, ';' begins a comment, quotes hold white space (RFC 1035 §5.1).
function splitLines(text: string, file: string): Line[] {
  const lines: Line[] = [];
  let open: { number: number; indented: boolean; tokens: Token[] } | undefined;
  let depth = 0;
  for (const [index, physical] of text.split(/\r?\n/).entries()) {
    const found = words(physical, file, index + 1);
    open ??= { number: index + 1, indented: /^[ \t]/.test(physical), tokens: [] };
    open.tokens.push(...found.filter((word) => !isParenthesis(word)));
    depth = nesting(found, depth, file, index + 1);
    if (depth > 0) continue;
    if (open.tokens.length > 0) lines.push(open);
    open = undefined;
  }
  if (open) throw new ZoneFileError(file, open.number, "'(' is never closed");
  return lines;
}

function isParenthesis({ text, quoted }: Token): boolean {
  return !quoted && (text === '(' || text === ')');
}

function nesting(found: readonly Token[], before: number, file: string, number: number): number {
  let depth = before;
  for (const { text } of found.filter(isParenthesis)) {
    depth += text === '(' ? 1 : -1;
    if (depth < 0) throw new ZoneFileError(file, number, "')' without '('");
  }
  return depth;
}

function words(physical: string, file: string, number: number): Token[] {
  const pattern = /\s+|;.*$|"((?:[^"\\]|\\.)*)"|([()])|((?:[^\s;"()\\]|\\.)+)|(.)/gy;
  const found: Token[] = [];
  for (const [, quotedText, parenthesis, word, bad] of physical.matchAll(pattern)) {
    if (bad !== undefined)
      throw new ZoneFileError(file, number, bad === '"' ? 'quote is never closed' : `'${bad}' out of place`);
    if (quotedText !== undefined) found.push({ text: quotedText, quoted: true });
    else if (parenthesis !== undefined || word !== undefined)
      found.push({ text: (parenthesis ?? word)!, quoted: false });
  }
  return found;
}
