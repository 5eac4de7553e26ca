/** IP addresses between text and octets (RFC 4291 §2.2, RFC 5952). */
import { isIPv4, isIPv6 } from 'node:net';
import { WireError } from './error.ts';

/** 4 octets. */
export function parseIpv4(text: string): Uint8Array {
  if (!isIPv4(text)) throw new WireError('TEXT', 0, `'${text}' is not an IPv4 address`);
  return Uint8Array.from(text.split('.'), Number);
}

/** 16 octets; a zone index is refused. */
export function parseIpv6(text: string): Uint8Array {
  if (!isIPv6(text) || text.includes('%')) throw new WireError('TEXT', 0, `'${text}' is not an IPv6 address`);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const hexadecimal = dotted ? dotted[1]! + embedded(dotted[2]!) : text;
  const [left = '', right] = hexadecimal.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

function embedded(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = parseIpv4(ipv4);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** 4 or 16 octets; an IPv4-mapped IPv6 address becomes 4, because it is IPv4 on the wire. */
export function parseAddress(text: string): Uint8Array {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  return isIPv4(mapped ?? text) ? parseIpv4(mapped ?? text) : parseIpv6(text);
}

/** The same key for every spelling of an address. */
export function addressKey(text: string): string {
  return Buffer.from(parseAddress(text)).toString('hex');
}
