/** Versions of everything that a run depends on: a fingerprint is that of one release. */
import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { SEARCH_PATH } from '../test/support/namespace.ts';
import { ALL_SOFTWARE } from './resolvers/table.ts';

/** How each program says its version; all of them put it on a line of its own. */
const COMMANDS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  unbound: ['unbound', '-V'],
  bind: ['named', '-v'],
  knot: ['kresd', '-V'],
  powerdns: ['pdns_recursor', '--version'],
  dnsmasq: ['dnsmasq', '-v'],
  nft: ['nft', '--version'],
};

/** By name: the resolvers wanted, those behind them, and what the lab is made of. */
export function versionsOf(resolvers: readonly string[]): Record<string, string> {
  const behind = ALL_SOFTWARE.filter(({ name }) => resolvers.includes(name)).flatMap(
    (one) => one.behind ?? [],
  );
  const wanted = [...new Set([...[...resolvers, ...behind].map(programOf), 'nft'])];
  return {
    ...Object.fromEntries(wanted.flatMap((name) => (COMMANDS[name] ? [[name, ask(COMMANDS[name])]] : []))),
    Linux: release(),
    'Node.js': process.versions.node,
  };
}

/** Rows of one program are one: the first row names it. */
function programOf(name: string): string {
  const binary = ALL_SOFTWARE.find((one) => one.name === name)?.binary;
  return ALL_SOFTWARE.find((one) => one.binary === binary)?.name ?? name;
}

function ask([program, ...args]: readonly [string, ...string[]]): string {
  const { stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, PATH: SEARCH_PATH },
  });
  return (
    /\bv?(\d+\.\d+[\w.~+-]*)/.exec(`${stdout}${stderr}`.replace(/^\w+ \d+ [\d:]+ /gm, ''))?.[1] ?? 'unknown'
  );
}
