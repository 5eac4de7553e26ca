/** Advice on EDNS: who sends it over TCP and never over UDP has it taken away there (RFC 6891 §6.2.6). */
import type { SourceAdvice } from './advice.ts';
import type { Observation } from './observation.ts';
import { times } from './words.ts';

/** A resolver that met a loss may leave EDNS out for a query or two. */
const OFTEN = 3;

/** @param queries of one source */
export function adviseEdns(queries: readonly Observation[]): SourceAdvice[] {
  const udp = queries.filter(({ proto }) => proto === 'udp');
  const overTcp = queries.filter((row) => row.proto !== 'udp' && hasEdns(row)).length;
  if (overTcp === 0 || udp.length < OFTEN || udp.some(hasEdns)) return [];
  const text = `All of its ${udp.length} queries over UDP came without EDNS, and it sent EDNS over TCP (${times(overTcp)}): something on the way takes EDNS away over UDP, as some firewalls do, or the resolver gave it up there. So nothing above 512 octets is sent to it over UDP, and its users wait for TCP. Let EDNS pass.`;
  return [{ isUrgent: false, text }];
}

function hasEdns({ edns_version }: Observation): boolean {
  return edns_version >= 0;
}
