/** What is said of the TCP of one source, where other networks get through over TCP, or do not. */
import type { Observation } from '../../src/observe/observation.ts';
import { adviceOn, rowsOfTold, type Tell, trial } from './told.ts';

/** TC=1, asked for twice, and no TCP. */
export const tcTwice: Tell = ({ gate, tc }) => [gate(0), tc(0.1), tc(0.9)];
/** TC=1, and its answer over TCP arrived. */
export const overTcp: Tell = ({ gate, tc, tcp, receipt }) => {
  const sent = tcp(0.2, 1, { tcp_acked: true });
  return [gate(0), tc(0.1), sent, receipt(0.3, sent)];
};
/** TC=1, and TCP that ends before it asked. */
export const cut: Tell = ({ gate, tc, wordless }) => [gate(0), tc(0.1), wordless(0.5)];
/** TC=1, and an answer over TCP that is not acknowledged. */
export const unacked: Tell = ({ gate, tc, tcp }) => [gate(0), tc(0.1), tcp(0.2, 1, { tcp_acked: false })];
/** What `dig +tcp` asks. */
export const dig: Tell = ({ tcp }) => [tcp(0, 1, { rd: true, ad: true, tcp_acked: true })];

/** So many trials of one ending, an hour apart. */
export function hourly(often: number, tell: Tell, { from = 0, size = 4096, id = 1 } = {}): Observation[] {
  return Array.from({ length: often }, (_, n) => trial({ size, at: from + n, id: id + n }, tell)).flat();
}

interface Crowd {
  readonly networks?: number;
  /** After the start. */
  readonly hours?: readonly number[];
  readonly tell?: Tell;
  readonly size?: number;
  readonly changes?: Partial<Observation>;
}

/** Trials of other networks, `10.9.<n>.1`, that end well over TCP, in runs of their own and of another process. */
export function crowdOverTcp({
  networks = 5,
  hours = [0.5, 10, 20, 30, 40, 50],
  tell = overTcp,
  size = 4096,
  changes = {},
}: Crowd = {}): Observation[] {
  return hours.flatMap((at, round) =>
    Array.from({ length: networks }, (_, n) =>
      trial({ size, at, id: 0xd0000 + round * 100 + n }, tell).map((row) => ({
        ...row,
        src: `10.9.${n}.1`,
        boot: row.boot + 2,
        ...changes,
      })),
    ).flat(),
  );
}

/** What is advised to a source, where five other networks get through over TCP now and then. */
export function adviseOnTcp(...told: readonly (readonly [number, Tell, number])[]) {
  return adviceOn([...rowsOfTold(...told), ...crowdOverTcp()]);
}
