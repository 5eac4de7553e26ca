/** Visits: trials of many sources, each a run of its own, told by when they were and how they ended. */
import type { Observation } from '../../src/observe/observation.ts';
import { SOURCE, story } from './rows.ts';

export interface Visit {
  /** Minutes after the start. */
  readonly at: number;
  readonly size: number;
  readonly end: 'arrived' | 'lost' | 'lost twice' | 'joined' | 'late';
  readonly src?: string;
  /** False where it comes with a proof of its own, and needs no opening answer. */
  readonly isOpened?: boolean;
  readonly dst?: string;
  readonly node?: string;
  readonly options?: string;
  readonly run?: string;
}

/** Who asks for the receipt of a visit that ended `joined`. */
export const MATE = '198.51.100.200';

/** Rows of all visits, with `seq` and `instance` that no two of them share. */
export function rowsOf(visits: readonly Visit[]): Observation[] {
  let seq = 0;
  return visits.flatMap((visit, number) =>
    tell(visit, number + 1).map((row) => {
      seq += 1;
      return { ...row, seq };
    }),
  );
}

function tell(visit: Visit, number: number): Observation[] {
  const {
    at,
    size,
    end,
    src = SOURCE,
    isOpened = true,
    dst = '192.0.2.1',
    node = 'ns1',
    options = '',
  } = visit;
  const { run = number.toString(16).padStart(12, '0') } = visit;
  const { gate, udp, receipt } = story({ size, run });
  const from = { src, dst, node, options, ip_version: src.includes(':') ? 6 : 4 } as const;
  const fragments = Math.ceil((size + 8) / (from.ip_version === 6 ? 1460 : 1480));
  const second = Math.round(at * 60);
  const instance = number * 10;
  const sent = udp(second + 1, instance, { ...from, fragments });
  const opening = isOpened ? [gate(second, { ...from, size, res_len: 250 })] : [];
  switch (end) {
    case 'arrived':
      return [...opening, sent, receipt(second + 2, sent, { node, dst })];
    case 'lost':
      return [...opening, sent];
    case 'lost twice':
      return [...opening, sent, udp(second + 2, instance + 1, { ...from, fragments })];
    case 'joined':
      return [
        ...opening,
        gate(second, { ...from, src: MATE }),
        sent,
        receipt(second + 2, sent, { node, dst, src: MATE, relation: 'relayed' }),
      ];
    case 'late':
      return [...opening, sent, receipt(second + 90, sent, { node, dst, relation: 'replay' })];
  }
}

/** Visits of other networks, `10.0.<n>.1`, that received the size. */
export function receivers(size: number, networks: number, changes: Partial<Visit> = {}): Visit[] {
  return Array.from({ length: networks }, (_, n) => ({
    at: n,
    size,
    end: 'arrived' as const,
    src: `10.0.${n}.1`,
    ...changes,
  }));
}

/** Answers of 512 octets that arrived, five minutes before each of so many `losses` and after the last. */
export function controls(often: number, changes: Partial<Visit> = {}): Visit[] {
  return Array.from({ length: often + 1 }, (_, n) => ({
    at: n * 10 - 5,
    size: 512,
    end: 'arrived' as const,
    ...changes,
  }));
}

/** So many losses of one size, ten minutes apart, each with an opening answer before it. */
export function losses(size: number, often: number, changes: Partial<Visit> = {}): Visit[] {
  return Array.from({ length: often }, (_, n) => ({ at: n * 10, size, end: 'lost' as const, ...changes }));
}
