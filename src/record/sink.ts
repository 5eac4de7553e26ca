/** RowSink: where the encoded rows of one thread go. Never blocks: a full one drops the row and counts it (DESIGN: observation). */

/** Octets of a slot; a row takes one, or two where its name or its options are long. */
export const SLOT_OCTETS = 256;

export interface RowSink {
  /** Stays the same for the life of the sink. */
  readonly octets: Uint8Array;
  readonly view: DataView;
  /** Number of the row that was reserved last: counts up by one a row, dropped ones included. */
  readonly seq: number;
  /**
   * Room for one row, in one piece.
   * @returns its offset in `octets`, or -1 where there is no room: counted as dropped
   */
  reserve(slots: 1 | 2): number;
  /** Everything reserved so far becomes visible to the reader; until then it may still be changed. */
  commit(): void;
}
