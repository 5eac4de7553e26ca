/** The address a probe asks, as an operator types it: IPv4, IPv6, [IPv6]:port, host:port. */
import { isIP } from 'node:net';
import { ConfigError } from '../../config.ts';

export interface ServerAddress {
  /** An IP address or a host name, without brackets. */
  readonly host: string;
  /** 1 to 65535; 53 when none was typed. */
  readonly port: number;
}

const DNS_PORT = 53;
const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i;

/**
 * Reads an address with an optional port.
 *
 * An IPv6 address with a port needs brackets (RFC 3986 §3.2.2): `::1:5300` is an address of its own.
 *
 * @throws {ConfigError} with what was typed and what is allowed
 */
export function parseServerAddress(typed: string): ServerAddress {
  if (isIP(typed) !== 0) return { host: typed, port: DNS_PORT };
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(typed);
  if (bracketed !== null) {
    const host = bracketed[1] ?? '';
    if (isIP(host) !== 6) throw new ConfigError(`${typed}: no IPv6 address stands in the brackets`);
    return { host, port: parsePort(bracketed[2], typed) };
  }
  const [host = '', port, ...more] = typed.split(':');
  if (more.length > 0)
    throw new ConfigError(`${typed}: not an address; write IPv6 with a port as [2001:db8::1]:53`);
  // Digits and dots alone are an IPv4 address with a mistake in it, not a host name.
  const isName = HOST_NAME.test(host) && !/^[\d.]+$/.test(host);
  if (isIP(host) !== 4 && !isName) {
    throw new ConfigError(`${typed}: not an IPv4 address, an IPv6 address or a host name`);
  }
  return { host, port: parsePort(port, typed) };
}

/** The same address in the form that `parseServerAddress` reads. */
export function formatServerAddress({ host, port }: ServerAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function parsePort(digits: string | undefined, typed: string): number {
  if (digits === undefined) return DNS_PORT;
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) throw new ConfigError(`${typed}: the port must be 1 to 65535`);
  return port;
}
