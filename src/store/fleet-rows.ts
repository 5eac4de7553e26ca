/** Rows that say which nodes wrote them and at which addresses those were asked (observe/fleet.ts). */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Config, nameserversOf } from '../config.ts';
import type { NameServer } from '../observe/fleet.ts';
import { quote } from './duckdb.ts';

/** The addresses that each node was asked at for names of the origin, by the name of the node; reads the table `observations`. */
export async function readHeard(
  connection: DuckDBConnection,
  origin: string,
): Promise<Map<string, Set<string>>> {
  const apex = origin === '.' ? '.' : `${origin}.`;
  const isOfOrigin = `(zone = ${quote(apex)} OR ends_with(zone, ${quote(origin === '.' ? '.' : `.${apex}`)}))`;
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT node, dst FROM observations WHERE event = 'query' AND ${isOfOrigin}`,
  );
  const heard = new Map<string, Set<string>>();
  for (const [node, address] of reader.getRowsJS().map((row) => row.map(String)))
    heard.set(`${node}`, (heard.get(`${node}`) ?? new Set()).add(`${address}`));
  return heard;
}

/** The name servers of the origin itself; those of its child zones stand on the same hosts. */
export function serversOf(config: Config): NameServer[] {
  const here = new Set(config.dnsListen.map(({ address }) => address));
  return nameserversOf(config)
    .filter(({ role }) => role === 'parent')
    .map(({ name, ipv4, ipv6 }) => {
      const addresses = [...ipv4, ...ipv6];
      return { name, addresses, isHere: addresses.every((address) => here.has(address)) };
    });
}
