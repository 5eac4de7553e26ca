/** Group encoder: the columns of a row group, each as a chunk; most of them hold one value, and are encoded once for many groups. */
import { FLAT_COLUMNS, type FlatColumn } from './columns.ts';
import { type Chunk, ConstantColumn, encodeChunk, type TextCodec } from './parquet-column.ts';
import { type FlatName, type RowColumn, rowColumns, type Value } from './row-columns.ts';
import { COPIED_OCTETS, type RowGroup } from './row-group.ts';
import type { SegmentHead } from './segment-format.ts';

export class GroupEncoder {
  /** By column, the value that came last alone. */
  private readonly constants = new Map<string, { readonly key: string; readonly encoder: ConstantColumn }>();
  private readonly texts: TextCodec;

  constructor(texts: TextCodec) {
    this.texts = texts;
  }

  /** Chunks in the order of the columns. */
  encode(group: RowGroup, head: SegmentHead): Chunk[] {
    const sources = rowColumns(head);
    return FLAT_COLUMNS.map((column) => this.chunkOf(column, sources[column.name as FlatName], group));
  }

  private chunkOf(column: FlatColumn, { parts, read }: RowColumn, group: RowGroup): Chunk {
    if (group.isAlike(parts)) return this.constant(column, read(group, 0), group.length);
    const values: Value[] = [];
    for (let row = 0; row < group.length; row++) values.push(read(group, row * COPIED_OCTETS));
    // Names and addresses that differ in what no column shows: their zone, for one.
    return values.every((value) => value === values[0])
      ? this.constant(column, values[0]!, group.length)
      : encodeChunk(column, values, this.texts);
  }

  private constant(column: FlatColumn, value: Value, rows: number): Chunk {
    const key = JSON.stringify(value);
    const known = this.constants.get(column.name);
    if (known?.key === key) return known.encoder.chunk(rows);
    const encoder = new ConstantColumn(column, value);
    this.constants.set(column.name, { key, encoder });
    return encoder.chunk(rows);
  }
}
