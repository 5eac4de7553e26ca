/** Pours chunks of text into a stream, no faster than it takes them. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Leaves `out` open; that the reader of a pipe has seen enough (`| head`) is no failure of ours. */
export async function pour(
  chunks: Iterable<string> | AsyncIterable<string>,
  out: NodeJS.WritableStream,
): Promise<void> {
  try {
    await pipeline(Readable.from(chunks), out, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
