/** A sink that keeps nothing and counts nothing: recording is off. */
import { type RowSink, SLOT_OCTETS } from './sink.ts';

export function silentSink(): RowSink {
  const octets = new Uint8Array(2 * SLOT_OCTETS);
  return { octets, view: new DataView(octets.buffer), seq: 0, reserve: () => -1, commit: () => {} };
}
