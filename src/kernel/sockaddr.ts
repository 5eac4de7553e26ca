/** Socket addresses in octets: sockaddr_in and sockaddr_in6 of Linux (ip(7), ipv6(7)). */
import { AF } from './constants.ts';

/** Room for either family. */
export const SOCKADDR_OCTETS = 28;
/** Where port and address stand; the scope of a link-local IPv6 address follows at 24. */
export const SOCKADDR = { family: 0, port: 2, ipv4: 4, ipv6: 8 } as const;
const IPV4_OCTETS = 16;

/**
 * Writes an address of 4 or 16 octets and a port at `at`; the other fields become 0.
 * @returns its length: 16 or 28
 */
export function writeSockaddr(into: Uint8Array, at: number, address: Uint8Array, port: number): number {
  const isIpv4 = address.length === 4;
  const length = isIpv4 ? IPV4_OCTETS : SOCKADDR_OCTETS;
  into.fill(0, at, at + length);
  into[at] = isIpv4 ? AF.INET : AF.INET6;
  into[at + SOCKADDR.port] = port >> 8;
  into[at + SOCKADDR.port + 1] = port & 0xff;
  into.set(address, at + (isIpv4 ? SOCKADDR.ipv4 : SOCKADDR.ipv6));
  return length;
}

/** 4 or 6; 0 where neither stands there. */
export function familyAt(octets: Uint8Array, at: number): 0 | 4 | 6 {
  if (octets[at + 1] !== 0) return 0;
  if (octets[at] === AF.INET) return 4;
  return octets[at] === AF.INET6 ? 6 : 0;
}

export function portAt(octets: Uint8Array, at: number): number {
  return octets[at + SOCKADDR.port]! * 0x100 + octets[at + SOCKADDR.port + 1]!;
}

/** The address as 4 or 16 octets of its own. */
export function addressAt(octets: Uint8Array, at: number): Uint8Array {
  const isIpv4 = octets[at] === AF.INET;
  const start = at + (isIpv4 ? SOCKADDR.ipv4 : SOCKADDR.ipv6);
  return octets.slice(start, start + (isIpv4 ? 4 : 16));
}
