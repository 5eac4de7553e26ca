/** Telling words: how a story writes transports, EDNS sizes and times. */
import type { Observation } from './observation.ts';

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function transport(proto: Observation['proto']): string {
  return proto.toUpperCase();
}

export function edns({ edns_version, edns_udp }: Observation): string {
  return edns_version < 0 ? 'without EDNS' : `with EDNS ${edns_udp}`;
}

/** `57 ms`, `1.6 s`. */
export function duration(ms: number): string {
  if (ms < 1) return 'less than 1 ms';
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** `+1.600 s`, as times stand at the edge of a story. */
export function seconds(ms: number): string {
  return `+${(ms / 1000).toFixed(3)} s`;
}
