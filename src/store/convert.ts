/** Converts binary segments into Parquet files: the one way from rows on disk to columns, for compaction and for readers. */
import { FIELD } from '../record/layout.ts';
import { GroupEncoder } from './group-encoder.ts';
import type { TextCodec } from './parquet-column.ts';
import type { ParquetFile } from './parquet-file.ts';
import { RowGroup } from './row-group.ts';
import type { SegmentHead } from './segment-format.ts';
import { unreadable } from './segment-list.ts';
import { readSegment } from './segment-read.ts';

/** Where the rows of a segment go. */
export interface Places {
  /** Number of the file that a row of this moment goes to, milliseconds since the epoch as the row has them; undefined leaves it out. */
  placeOf(time: number): number | undefined;
  /** That file, opened when it is asked for first. */
  fileOf(place: number): Promise<ParquetFile>;
}

export interface Converted {
  readonly rows: number;
  /** Pieces that left no row. */
  readonly torn: number;
}

/** Groups that are filled at a time: around midnight rows of two days come by turns. */
const MOST_GROUPS = 3;

/** One segment after the other; what they have in common is encoded once. */
export class Converter {
  private readonly encoder: GroupEncoder;
  private readonly spare: RowGroup[] = [];

  constructor(texts: TextCodec) {
    this.encoder = new GroupEncoder(texts);
  }

  /** @throws {ConfigError} the segment cannot be read; its cause has the code ENOENT where it is gone. Or as the files throw */
  async convert(path: string, { placeOf, fileOf }: Places): Promise<Converted> {
    const groups = new Map<number, RowGroup>();
    let rows = 0;
    let here: number | undefined;
    let group: RowGroup | undefined;

    const write = async (place: number, full: RowGroup, head: SegmentHead): Promise<void> => {
      const file = await fileOf(place);
      await file.append(this.encoder.encode(full, head), full.length);
      rows += full.length;
      groups.delete(place);
      full.clear();
      this.spare.push(full);
    };
    /** Room for a row of this place: the group that was begun first gives way. */
    const turn = async (place: number, head: SegmentHead): Promise<RowGroup> => {
      const begun = groups.get(place);
      if (begun && !begun.isFull) return begun;
      const [first] = groups;
      if (begun) await write(place, begun, head);
      else if (first && groups.size === MOST_GROUPS) await write(...first, head);
      const empty = this.spare.pop() ?? new RowGroup();
      groups.set(place, empty);
      return empty;
    };

    const { head, torn } = await readSegment(path, (octets, view, at, thread, head) => {
      const place = placeOf(view.getFloat64(at + FIELD.time, true));
      if (place === undefined) return;
      if (place === here && group && !group.isFull) {
        group.add(octets, view, at, thread);
        return;
      }
      return turn(place, head).then((found) => {
        here = place;
        group = found;
        group.add(octets, view, at, thread);
      });
    }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === undefined ? error : unreadable(path, error);
    });
    if (head) for (const [place, last] of [...groups]) await write(place, last, head);
    return { rows, torn };
  }
}
