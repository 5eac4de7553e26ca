/** Parquet columns: what each type of column is in a file, and how its values are encoded (Apache Parquet format, data pages of version 2). */
import { constants, gzipSync } from 'node:zlib';
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { FLAT_COLUMNS, type FlatColumn, type FlatType } from './columns.ts';
import type { Value } from './row-columns.ts';

/** One column of one row group. */
export interface Chunk {
  /** Its pages. */
  readonly octets: Uint8Array;
  /** Its entry in the footer, as if the pages stood at `at`. */
  readonly entry: ChunkEntry;
  readonly at: number;
}

export type ChunkEntry = ParquetWriter['row_groups'][number]['columns'][number];

/** Of texts that differ; numbers are packed as they are. */
export type TextCodec = 'GZIP' | 'UNCOMPRESSED';

type Encoded = Pick<ColumnSource, 'data' | 'encoding' | 'codec' | 'statistics'>;

interface ParquetType {
  /** The column in the schema of a file; null may stand in each. */
  schema(name: string): SchemaElement[];
  /** Values, all of this type, as the library takes them. */
  encode(values: Value[], texts: TextCodec): Encoded;
  /** One value, for a column that holds no other. */
  encodeOne(value: Value): Encoded;
}

const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;
const DELTA = { encoding: 'DELTA_BINARY_PACKED' } as const;
const DICTIONARY = { encoding: 'RLE_DICTIONARY' } as const;
const RUNS = { encoding: 'RLE' } as const;

const integers: ParquetType = {
  schema: (name) => [{ name, type: 'INT32', converted_type: 'INT_32', ...OPTIONAL }],
  encode: (values) => ({ data: values, ...DELTA }),
  encodeOne: (value) => ({ data: [value], ...DICTIONARY }),
};

const TYPES: Readonly<Record<FlatType, ParquetType>> = {
  INTEGER: integers,
  BIGINT: {
    schema: (name) => [{ name, type: 'INT64', converted_type: 'INT_64', ...OPTIONAL }],
    encode: (values) => ({ data: values.every(isSmall) ? values : values.map(toBigint), ...DELTA }),
    encodeOne: (value) => ({ data: [toBigint(value)], ...DICTIONARY }),
  },
  BOOLEAN: {
    schema: (name) => [{ name, type: 'BOOLEAN', ...OPTIONAL }],
    encode: (values) => ({ data: values, ...RUNS }),
    encodeOne: (value) => ({ data: [value], ...RUNS }),
  },
  VARCHAR: {
    schema: (name) => [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', ...OPTIONAL }],
    encode: encodeTexts,
    encodeOne: (value) => ({ data: [toOctets(value)], ...DICTIONARY }),
  },
  'INTEGER[]': {
    schema: (name) => [
      { name, converted_type: 'LIST', num_children: 1, ...OPTIONAL },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...integers.schema('element'),
    ],
    encode: integers.encode,
    encodeOne: integers.encodeOne,
  },
};

export const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: FLAT_COLUMNS.length },
  ...FLAT_COLUMNS.flatMap(({ name, type }) => TYPES[type].schema(name)),
];

/**
 * A column of different values.
 *
 * @param values at least one; handed over
 */
export function encodeChunk({ name, type }: FlatColumn, values: Value[], texts: TextCodec): Chunk {
  // Readers pick rows by time: bounds of other columns would cost a tenth more, and help nobody.
  return write(name, type, { ...TYPES[type].encode(values, texts), statistics: name === 'time' });
}

/** Rows of one page of a column that holds one value. */
const PAGE_ROWS = 4096;

/** A column that holds one value: of all its pages but the last, which are alike, one is encoded. */
export class ConstantColumn {
  private readonly name: string;
  private readonly type: FlatType;
  private readonly value: Encoded;
  private page: Chunk | undefined;
  private last: { readonly rows: number; readonly chunk: Chunk } | undefined;

  constructor({ name, type }: FlatColumn, value: Value) {
    this.name = name;
    this.type = type;
    this.value = TYPES[type].encodeOne(value);
  }

  /** @param rows at least one */
  chunk(rows: number): Chunk {
    if (this.last?.rows !== rows) this.last = { rows, chunk: this.encode(rows) };
    return this.last.chunk;
  }

  private encode(rows: number): Chunk {
    const pages: Chunk[] = [];
    if (rows >= PAGE_ROWS) {
      this.page ??= this.write(PAGE_ROWS);
      for (let count = Math.floor(rows / PAGE_ROWS); count > 0; count--) pages.push(this.page);
    }
    if (rows % PAGE_ROWS > 0) pages.push(this.write(rows % PAGE_ROWS));
    return joinPages(pages);
  }

  private write(rows: number): Chunk {
    const data = Array<unknown>(rows).fill(this.value.data[0]);
    return write(this.name, this.type, { ...this.value, data });
  }
}

/** One chunk of several, which hold the same value, uncompressed, in one page each. */
function joinPages(chunks: readonly Chunk[]): Chunk {
  const { entry, at, octets } = chunks[0]!;
  const meta = entry.meta_data!;
  const pageOf = ({ octets, entry, at }: Chunk) =>
    octets.subarray(Number(entry.meta_data!.data_page_offset) - at);
  const joined = Buffer.concat([octets, ...chunks.slice(1).map(pageOf)]);
  const values = chunks.reduce((sum, { entry }) => sum + entry.meta_data!.num_values, 0n);
  return {
    octets: joined,
    at,
    entry: {
      ...entry,
      meta_data: {
        ...meta,
        num_values: values,
        total_compressed_size: BigInt(joined.length),
        total_uncompressed_size: BigInt(joined.length),
        statistics: { ...meta.statistics, null_count: meta.statistics?.null_count === 0n ? 0n : values },
        encoding_stats: meta.encoding_stats!.map((stats) =>
          stats.page_type === 'DICTIONARY_PAGE' ? stats : { ...stats, count: chunks.length },
        ),
      },
    },
  };
}

function write(name: string, type: FlatType, encoded: Encoded): Chunk {
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [{ name: 'root', num_children: 1 }, ...TYPES[type].schema(name)],
    compressors: { GZIP: (octets) => gzipSync(octets, { level: constants.Z_BEST_SPEED }) },
    codec: 'UNCOMPRESSED',
  });
  const at = writer.offset;
  // One page: without an index a reader takes the whole of a chunk anyway. A writer without `flush` makes no promise.
  void file.write({ columnData: [{ name, ...encoded }], rowGroupSize: encoded.data.length, pageSize: 0 });
  return { octets: writer.getBytes().subarray(at), entry: file.row_groups[0]!.columns[0]!, at };
}

/** The library takes numbers of 32 bits as they are, and longer ones as bigint only. */
function isSmall(value: Value): boolean {
  return value === null || value === ((value as number) | 0);
}

function toBigint(value: Value): bigint | null {
  return value === null ? null : BigInt(value as number);
}

/** Texts that come again are numbered; of others a dictionary would be as long as the column. */
function encodeTexts(values: readonly Value[], codec: TextCodec): Encoded {
  const sample = values.filter((_, index) => index % SAMPLED === 0);
  if (new Set(sample).size > MOST_DISTINCT * sample.length)
    return { data: allToOctets(values), encoding: 'PLAIN', codec };
  const known = new Map<Value, Uint8Array | null>();
  const data = values.map((text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = toOctets(text);
    known.set(text, made);
    return made;
  });
  return { data, ...DICTIONARY, codec };
}

/** One text of so many tells how they repeat. */
const SAMPLED = 16;
const MOST_DISTINCT = 0.9;

/** All in one piece of memory: names and addresses are ASCII, so that a text has as many octets as characters. */
function allToOctets(values: readonly Value[]): (Uint8Array | null)[] {
  const text = values.join('');
  const octets = Buffer.from(text, 'utf8');
  if (octets.length !== text.length) return values.map(toOctets);
  let at = octets.byteOffset;
  return values.map((value) => {
    if (value === null) return null;
    const { length } = value as string;
    at += length;
    return new Uint8Array(octets.buffer, at - length, length);
  });
}

function toOctets(text: Value): Uint8Array | null {
  return text === null ? null : Buffer.from(text as string, 'utf8');
}
