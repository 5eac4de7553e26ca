/** The header-only look at a datagram, before anything is parsed (RFC 1035 §4.1.1, RFC 8906 §3). */
import { FLAG, HEADER_OCTETS, OPCODE, opcodeOf, readHeader } from '../wire/header.ts';

/**
 * `drop`: a runt, or a response: answering could make two servers talk for ever. `notimp`: an opcode that we do not serve.
 */
export function screen(octets: Uint8Array): 'accept' | 'drop' | 'notimp' {
  if (octets.length < HEADER_OCTETS) return 'drop';
  const { flags } = readHeader(octets);
  if (flags & FLAG.QR) return 'drop';
  return opcodeOf(flags) === OPCODE.QUERY ? 'accept' : 'notimp';
}
