/** What keeps the lab from running here. */
import { existsSync } from 'node:fs';
import { findProgram } from '../test/support/processes.ts';
import { ALL_SOFTWARE, RESOLVERS } from './resolvers/table.ts';
import { MAIN } from './servers.ts';

/** Debian's package of every program but the resolvers. */
const PACKAGES = {
  dig: 'bind9-dnsutils',
  'dnssec-keygen': 'bind9-utils',
  'dnssec-signzone': 'bind9-utils',
  ethtool: 'ethtool',
  ip: 'iproute2',
  nft: 'nftables',
  nsd: 'nsd',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  sysctl: 'procps',
  unshare: 'util-linux',
} as const;

/**
 * Why a lab with these resolvers cannot be opened, in one line; `undefined` when it can.
 *
 * @param resolvers names in the table of resolvers, those of the matrix when not given
 */
export function labProblem(
  resolvers: readonly string[] = RESOLVERS.map(({ name }) => name),
): string | undefined {
  if (process.platform !== 'linux') return `the lab needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'the lab needs root, for network namespaces and port 53 in them';
  if (!existsSync(MAIN)) return `the lab lacks ${MAIN}: npm run build`;
  const wanted = ALL_SOFTWARE.filter(({ name }) => resolvers.includes(name));
  const behind = wanted.flatMap((one) => ALL_SOFTWARE.filter(({ name }) => name === one.behind));
  const needs = [...wanted, ...behind].map((one) => [one.binary, one.package] as const);
  const missing = [...Object.entries(PACKAGES), ...needs].filter(
    ([program]) => findProgram(program) === undefined,
  );
  if (missing.length === 0) return undefined;
  const programs = [...new Set(missing.map(([program]) => program))].join(', ');
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  return `the lab lacks ${programs} (Debian: apt-get install ${packages})`;
}
