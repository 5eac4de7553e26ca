/** Addresses as operators write them: `127.0.0.1:5300`, `[::1]:5300`, `192.0.2.0/24` (RFC 5952 §6, RFC 4632 §3.1). */
import { BlockList, isIP, SocketAddress } from 'node:net';

export type Family = 4 | 6;

/** Where to listen. The IPv6 address is in the short form of RFC 5952, without brackets. */
export interface Listen {
  readonly address: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly family: Family;
}

/** An address prefix; octets right of `length` bits may be set and mean nothing. */
export interface Prefix {
  readonly address: string;
  /** 0..32 or 0..128 bits. */
  readonly length: number;
  readonly family: Family;
}

/** The address in its one canonical form, or undefined where it is none. Zone ids (`%eth0`) are refused. */
export function parseAddress(text: string): { address: string; family: Family } | undefined {
  const family = isIP(text);
  if (family === 4) return { address: text, family };
  if (family !== 6 || text.includes('%')) return undefined;
  return { address: new SocketAddress({ address: text, family: 'ipv6' }).address, family };
}

export function parseListen(text: string): Listen | undefined {
  const [, bracketed, bare, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? bare ?? '');
  const port = Number(digits);
  if (!address || (address.family === 6) !== (bracketed !== undefined) || port > 65_535) return undefined;
  return { ...address, port };
}

export function formatListen({ address, port, family }: Listen): string {
  return family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A bare address is the prefix that holds only itself. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, before = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(before);
  if (!address) return undefined;
  const most = address.family === 4 ? 32 : 128;
  const length = digits === undefined ? most : Number(digits);
  return length <= most ? { ...address, length } : undefined;
}

export function formatPrefix({ address, length }: Prefix): string {
  return `${address}/${length}`;
}

export function isWildcard({ address }: Pick<Listen, 'address'>): boolean {
  return address === '0.0.0.0' || address === '::';
}

const LOCAL = new BlockList();
LOCAL.addSubnet('127.0.0.0', 8, 'ipv4');
LOCAL.addAddress('::1', 'ipv6');
// RFC 1918 §3, RFC 3927 §2.1, RFC 4193 §3.1, RFC 4291 §2.5.6. Not 100.64.0.0/10: a provider's customers stand there.
LOCAL.addSubnet('10.0.0.0', 8, 'ipv4');
LOCAL.addSubnet('172.16.0.0', 12, 'ipv4');
LOCAL.addSubnet('192.168.0.0', 16, 'ipv4');
LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LOCAL.addSubnet('fc00::', 7, 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');

/** True for loopback, private and link-local addresses; a wildcard is none of them. */
export function isLocal({ address, family }: Pick<Listen, 'address' | 'family'>): boolean {
  return LOCAL.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
