/** Where a probe asks: the addresses behind what an operator typed, or the resolvers of this system. */
import dns from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ConfigError } from '../../config.ts';
import { parseServerAddress, type ServerAddress } from './server-address.ts';

/**
 * All addresses of a host, the one that this system prefers first; an address is its own.
 *
 * @throws {ConfigError} for a wrong address, and where a name has none
 */
export async function addressesOf(typed: string): Promise<ServerAddress[]> {
  const { host, port } = parseServerAddress(typed);
  if (isIP(host) !== 0) return [{ host, port }];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => ({ host: address, port }));
  } catch (cause) {
    throw new ConfigError(`${host}: no address found for this name`, { cause });
  }
}

/**
 * The resolvers of this system, in the order in which it would ask them.
 *
 * @throws {ConfigError} where it has none
 */
export function systemResolvers(): ServerAddress[] {
  const servers = dns.getServers().map(parseServerAddress);
  if (servers.length === 0)
    throw new ConfigError('this system knows no resolver: name one, `padzone probe ADDRESS`');
  return servers;
}
