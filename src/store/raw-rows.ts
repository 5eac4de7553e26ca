/** Raw rows: rows of segments on their way into DuckDB, column by column, with as few calls into it as can be. */
import type * as Duckdb from '@duckdb/node-api';
import { readAddress } from '../record/address.ts';
import { FIELD, FLAGS, KIND, MAX_OPTION_CODES } from '../record/layout.ts';
import { formatNameInto, makeNameText } from '../record/name-text.ts';
import { columnsSql, NUMBER_COLUMNS, TIME_COLUMNS, WORDS, wordColumn } from './binary-columns.ts';
import type { SegmentHead } from './segment-format.ts';

/** Rows of one chunk, as many as DuckDB takes. */
const ROWS = 2048;
/** Lists of option codes that are remembered; strangers decide how many there are. */
const REMEMBERED = 10_000;

type Api = typeof Duckdb;

export class RawRows {
  private readonly words = WORDS.map(() => new Uint32Array(ROWS));
  private readonly numbers = makeNumbers();
  private readonly times = TIME_COLUMNS.map(() => new Float64Array(ROWS));
  private readonly texts = Array<string>(ROWS).fill('');
  private readonly optionCodes: Duckdb.DuckDBListValue[] = [];
  private rows = 0;
  private readonly name = makeNameText();
  private readonly destinations: { readonly words: readonly number[]; readonly text: string }[] = [];
  private readonly knownCodes = new Map<number | string, Duckdb.DuckDBListValue>();
  private readonly noCodes: Duckdb.DuckDBListValue;
  private readonly api: Api;
  private readonly appender: Duckdb.DuckDBAppender;
  private readonly types: Duckdb.DuckDBType[];

  constructor(api: Api, appender: Duckdb.DuckDBAppender) {
    this.api = api;
    this.appender = appender;
    this.types = columnsOf(api).map(([, type]) => type);
    this.noCodes = api.listValue([]);
  }

  /** Takes a row of any kind but a filler. */
  add(octets: Uint8Array, view: DataView, at: number, thread: number): void {
    const { words, numbers, times } = this;
    const row = this.rows++;
    for (let index = 0; index < WORDS.length; index++)
      words[index]![row] = view.getUint32(at + WORDS[index]!, true);
    const family = octets[at + FIELD.flags]! & FLAGS.ipv6 ? 6 : 4;
    numbers.thread[row] = thread;
    numbers.dst[row] = this.destination(octets, view, at + FIELD.dst, family);
    numbers.run_high[row] = view.getUint16(at + FIELD.run);
    numbers.run_low[row] = view.getUint32(at + FIELD.run + 2);
    times[0]![row] = view.getFloat64(at + FIELD.time, true);
    const isQuery = octets[at + FIELD.kind] === KIND.query;
    times[1]![row] = isQuery ? view.getFloat64(at + FIELD.receiptAt, true) : 0;
    const codes = Math.min(octets[at + FIELD.optionCount]!, MAX_OPTION_CODES);
    const tail = at + FIELD.tail;
    this.optionCodes[row] = codes === 0 ? this.noCodes : this.codes(octets, view, tail, codes);
    const length = view.getUint16(at + FIELD.qnameLength, true);
    formatNameInto(this.name, octets, tail + 2 * codes, length, octets[at + FIELD.zoneLength]!);
    const source = readAddress(octets, at + FIELD.src, family);
    numbers.src_characters[row] = source.length;
    numbers.qname_characters[row] = this.name.length;
    numbers.zone_characters[row] = this.name.apexLength;
    const qname = this.name.octets.toString('latin1', 0, this.name.length);
    this.texts[row] = isQuery ? `${source} ${qname}` : `${source} ${qname} ${offender(octets, at)}`;
    if (this.rows === ROWS) this.append();
  }

  /**
   * Ends the table.
   * @returns SQL over it of each column of an observation
   */
  finish(head: SegmentHead): ReturnType<typeof columnsSql> {
    if (this.rows > 0) this.append();
    this.appender.closeSync();
    // DuckDB wants one to know what the list is of.
    if (this.destinations.length === 0) this.destinations.push({ words: [], text: '' });
    return columnsSql(
      head,
      this.destinations.map(({ text }) => text),
    );
  }

  private append(): void {
    const { words, numbers, times, texts, optionCodes } = this;
    const chunk = this.api.DuckDBDataChunk.create(this.types, this.rows);
    const columns = [...words, ...NUMBER_COLUMNS.map((name) => numbers[name]), ...times, texts, optionCodes];
    for (const [index, values] of columns.entries()) {
      const vector = chunk.getColumnVector(index);
      for (let row = 0; row < this.rows; row++) vector.setItem(row, values[row] as never);
      vector.flush();
    }
    this.appender.appendDataChunk(chunk);
    this.rows = 0;
  }

  /** Place of one of our own addresses, which are few. */
  private destination(octets: Uint8Array, view: DataView, at: number, family: 4 | 6): number {
    const size = family === 4 ? 4 : 16;
    const known = this.destinations.findIndex(({ words }) => isSame(words, size, view, at));
    if (known >= 0) return known;
    const words = [0, 4, 8, 12].slice(0, size / 4).map((word) => view.getUint32(at + word));
    return this.destinations.push({ words, text: readAddress(octets, at, family) }) - 1;
  }

  private codes(octets: Uint8Array, view: DataView, at: number, count: number): Duckdb.DuckDBListValue {
    const key =
      count === 1 ? view.getUint16(at) : Buffer.from(octets.subarray(at, at + 2 * count)).toString('latin1');
    const found = this.knownCodes.get(key);
    if (found) return found;
    if (this.knownCodes.size >= REMEMBERED) this.knownCodes.clear();
    const made = this.api.listValue(
      Array.from({ length: count }, (_, index) => view.getUint16(at + 2 * index, true)),
    );
    this.knownCodes.set(key, made);
    return made;
  }
}

/** Makes the table `raw`, anew. */
export async function openRawRows(connection: Duckdb.DuckDBConnection): Promise<RawRows> {
  const api = await import('@duckdb/node-api');
  const columns = columnsOf(api).map(([name, type]) => `${name} ${type}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE raw (${columns.join(', ')})`);
  return new RawRows(api, await connection.createAppender('raw'));
}

function columnsOf({ UINTEGER, DOUBLE, VARCHAR, LIST, INTEGER }: Api): [string, Duckdb.DuckDBType][] {
  const of = (names: readonly string[], type: Duckdb.DuckDBType) =>
    names.map((name): [string, Duckdb.DuckDBType] => [name, type]);
  return [
    ...of([...WORDS.map(wordColumn), ...NUMBER_COLUMNS], UINTEGER),
    ...of(TIME_COLUMNS, DOUBLE),
    ['texts', VARCHAR],
    ['edns_options', LIST(INTEGER)],
  ];
}

function makeNumbers(): Record<(typeof NUMBER_COLUMNS)[number], Uint32Array> {
  const entries = NUMBER_COLUMNS.map((name) => [name, new Uint32Array(ROWS)]);
  return Object.fromEntries(entries);
}

function isSame(words: readonly number[], size: number, view: DataView, at: number): boolean {
  if (words.length * 4 !== size) return false;
  for (let index = 0; index < words.length; index++)
    if (view.getUint32(at + 4 * index) !== words[index]) return false;
  return true;
}

/** Empty where nobody says who sent the error. */
function offender(octets: Uint8Array, at: number): string {
  const family = octets[at + FIELD.icmpFromFamily]!;
  return octets[at + FIELD.kind] === KIND.path && family !== 0
    ? readAddress(octets, at + FIELD.icmpFrom, family)
    : '';
}
