/** Binary rows for tests: slots in a sink, and whole segments. */
import type { Observation } from '../../src/observe/observation.ts';
import { encodeRow, slotsOf } from '../../src/record/encode.ts';
import { SEQ_OF_THREAD } from '../../src/record/layout.ts';
import { makeRing, ringReader, ringSink } from '../../src/record/ring.ts';
import type { RowSink } from '../../src/record/sink.ts';
import { BlockBuffer } from '../../src/store/block-buffer.ts';
import { encodeHead } from '../../src/store/segment-format.ts';

/** A run of slots as a ring hands it over. */
export interface Run {
  readonly octets: Uint8Array;
  readonly from: number;
  readonly slots: number;
}

/** What `write` leaves in a sink. */
export function runOf(write: (sink: RowSink) => void): Run {
  const memory = makeRing(4096);
  const sink = ringSink(memory, 0);
  write(sink);
  sink.commit();
  let run: Run = { octets: sink.octets, from: 0, slots: 0 };
  ringReader(memory).take((octets, _view, from, slots) => {
    run = { octets, from, slots };
  });
  return run;
}

/** Rows of queries, numbered as they say. */
export function runOfRows(rows: readonly Observation[]): Run {
  return runOf((sink) => {
    for (const row of rows)
      encodeRow(row, sink.octets, sink.view, sink.reserve(slotsOf(row)), row.seq % SEQ_OF_THREAD);
  });
}

/** A segment of one process; rows of one thread after each other share a block. */
export function segmentOf(rows: readonly Observation[], { node, boot } = rows[0]!): Uint8Array {
  const buffer = new BlockBuffer(() => 0);
  for (const row of rows) {
    const { octets, from, slots } = runOfRows([row]);
    buffer.append(Math.floor(row.seq / SEQ_OF_THREAD), octets, from, slots, 1);
  }
  return Buffer.concat([encodeHead({ node, boot, openedAt: 0 }), ...buffer.take().parts]);
}
