/** Parquet file: row groups written one after another, then the footer that finds them; memory holds one group. */
import { type FileHandle, open } from 'node:fs/promises';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type Chunk, type ChunkEntry, SCHEMA } from './parquet-column.ts';

export class ParquetFile {
  private readonly handle: FileHandle;
  private readonly writer = new ByteWriter();
  private readonly file = new ParquetWriter({ writer: this.writer, schema: SCHEMA });

  private readonly trouble: Trouble;

  private constructor(handle: FileHandle, trouble: Trouble) {
    this.handle = handle;
    this.trouble = trouble;
  }

  /**
   * @param trouble what to throw, here and later, when the system refuses
   * @throws {Error} also where there is such a file
   */
  static async create(path: string, trouble: Trouble): Promise<ParquetFile> {
    return new ParquetFile(await open(path, 'wx', 0o640).catch(thrower(trouble)), trouble);
  }

  /** @param chunks one for each column, in order, of `rows` rows */
  async append(chunks: readonly Chunk[], rows: number): Promise<void> {
    const { file, writer } = this;
    const start = writer.offset;
    const columns = chunks.map(({ octets, entry, at }) => {
      const moved = moveEntry(entry, writer.offset - at);
      writer.appendBytes(octets);
      return moved;
    });
    file.row_groups.push({
      columns,
      num_rows: BigInt(rows),
      total_byte_size: columns.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n),
      total_compressed_size: BigInt(writer.offset - start),
    });
    file.num_rows += BigInt(rows);
    await this.flush();
  }

  /** Writes the footer, without which there is no Parquet file. */
  async finish(): Promise<void> {
    await this.file.finish();
    await this.flush();
  }

  async close(): Promise<void> {
    await this.handle.close().catch(thrower(this.trouble));
  }

  private async flush(): Promise<void> {
    const octets = this.writer.getBytes();
    for (let at = 0; at < octets.length; ) {
      const { bytesWritten } = await this.handle.write(octets, at).catch(thrower(this.trouble));
      at += bytesWritten;
    }
    this.writer.index = 0;
  }
}

type Trouble = (cause: unknown) => Error;

export function thrower(trouble: Trouble): (cause: unknown) => never {
  return (cause) => {
    throw trouble(cause);
  };
}

/** The entry of a chunk whose pages stand `by` octets further on. */
function moveEntry({ meta_data, file_offset }: ChunkEntry, by: number): ChunkEntry {
  const { data_page_offset, dictionary_page_offset } = meta_data!;
  const offset = BigInt(by);
  return {
    file_offset: file_offset + offset,
    meta_data: {
      ...meta_data!,
      data_page_offset: data_page_offset + offset,
      ...(dictionary_page_offset !== undefined && {
        dictionary_page_offset: dictionary_page_offset + offset,
      }),
    },
  };
}
