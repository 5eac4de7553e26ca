/** A day of three resolvers: one well, one behind a firewall that drops fragments and TCP, one that recovers. */
import type { Observation } from '../../src/observe/observation.ts';
import { story } from './rows.ts';

export const WELL = '203.0.113.7';
export const BROKEN = '2001:db8::53';
export const RECOVERING = '198.51.100.53';

export function fleetRows(): Observation[] {
  return numbered(fleet());
}

/** The same among five other networks that receive over IPv6 what the broken one does not: then it is not our fault. */
export function fleetAmongOthers(): Observation[] {
  const others = [1, 2, 3, 4, 5].flatMap((n) =>
    run(`0000000000f${n}`, 4096, `2001:db8:${n}::53`, 400 + n, {}),
  );
  return numbered([...fleet(), ...others]);
}

function numbered(rows: readonly Observation[]): Observation[] {
  return rows.map((row, seq) => ({ ...row, seq }));
}

function fleet(): Observation[] {
  return [
    ...run('000000000001', 1232, WELL, 0, { edns_udp: 1232 }),
    ...run('000000000001', 4096, WELL, 60, { edns_udp: 1232 }),
    ...run('000000000002', 1232, BROKEN, 120, {}),
    ...lost('000000000002', BROKEN, 180),
    ...lost('000000000003', BROKEN, 900),
    ...run('000000000004', 1232, RECOVERING, 240, {}),
    ...recovered('000000000004', RECOVERING, 300),
  ];
}

function run(
  id: string,
  size: number,
  src: string,
  at: number,
  changes: Partial<Observation>,
): Observation[] {
  const { gate, udp, tc, tcp, receipt } = story({ size, run: id });
  const from = { src, ip_version: src.includes(':') ? 6 : 4, ...changes } as const;
  if ((from.edns_udp ?? 4096) < size) {
    const sent = tcp(at + 0.2, at, from);
    return [gate(at, from), tc(at + 0.1, from), sent, receipt(at + 0.3, sent)];
  }
  const sent = udp(at + 0.1, at, from);
  return [gate(at, from), sent, receipt(at + 0.2, sent)];
}

function lost(id: string, src: string, at: number): Observation[] {
  const { gate, udp } = story({ run: id });
  const from = { src, ip_version: 6 } as const;
  return [gate(at, from), ...[0.1, 0.9, 2.5].map((after) => udp(at + after, at + after * 10, from))];
}

function recovered(id: string, src: string, at: number): Observation[] {
  const { gate, udp, tcp, receipt } = story({ run: id });
  const sent = tcp(at + 0.8, at + 1, { src });
  return [gate(at, { src }), udp(at + 0.1, at, { src }), sent, receipt(at + 0.9, sent)];
}
