/** Rules between settings: what cannot stand, and what `config check` warns of. */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { formatListen, formatPrefix, isLocal, isWildcard } from './address.ts';
import { ConfigError } from './error.ts';
import { type NameserverGroup, nameserversOf } from './nameservers.ts';
import type { Config } from './table.ts';

/** What keeps settings that are each right from standing together. */
export function problemsOf(config: Config): readonly ConfigError[] {
  const found: string[] = [];
  if (config.dnsListen.length === 0) found.push('dns_listen: is empty, want at least one address and port');
  const open = config.direct === 'open' && !config.forceOpen;
  for (const listen of open ? config.dnsListen.filter((at) => !isLocal(at)) : []) {
    found.push(
      `direct: "open" with dns_listen ${formatListen(listen)}, which is neither loopback nor private, ` +
        'lets forged queries flood anybody; use "gate", or force_open = true',
    );
  }
  if (config.nameservers.length > 0 && !config.nameservers.some(({ role }) => role === 'parent')) {
    found.push('nameservers: none has the role parent, so nothing answers for the origin');
  }
  return found.map((message) => new ConfigError(message));
}

/**
 * Refuses a node that would make a secret or keys of its own although other nodes answer for the same origin.
 *
 * @param keysExist whether the key folder holds the keys of the zones
 * @throws {ConfigError} with the commands that make and copy them
 */
export function checkFleet(config: Config, { keysExist }: { readonly keysExist: boolean }): void {
  const others = otherHosts(config);
  const secretExists = config.secret !== '' || existsSync(config.secretFile);
  if (others.length === 0 || (secretExists && keysExist)) return;
  const { secretFile, keysDir } = config;
  const lacks: string[] = [];
  const make: string[] = [];
  if (!secretExists) {
    lacks.push(`no ${secretFile}`);
    make.push(`(umask 077; mkdir -p ${keysDir}; openssl rand -hex 32 > ${secretFile})`);
  }
  if (!keysExist) {
    lacks.push(`no keys in ${keysDir}`);
    make.push(`padzone keys generate --zone ZONE for each signed zone`);
  }
  const files = config.secret === '' ? `${secretFile} ${keysDir}/K*` : `${keysDir}/K*`;
  throw new ConfigError(
    `nameservers: ${others.join(', ')} must share secret and keys with this node, which has ${lacks.join(' and ')}; ` +
      `from a node that has them: scp -p ${files} THIS-NODE:${keysDir}/ ; where none has them yet, ` +
      `make them once: ${make.join(' and ')}`,
  );
}

/** Name servers of the origin that do not all stand on this host, by name; empty when there is but one host. */
function otherHosts(config: Config): string[] {
  const parents = nameserversOf(config).filter(({ role }) => role === 'parent');
  const one = parents.length === 1 && parents.every(({ ipv4, ipv6 }) => ipv4.length < 2 && ipv6.length < 2);
  if (one) return [];
  const here = new Set(config.dnsListen.map(({ address }) => address));
  return parents
    .filter((at) => addressesOf(at).some((address) => !here.has(address)))
    .map(({ name }) => name);
}

function addressesOf({ ipv4, ipv6 }: Pick<NameserverGroup, 'ipv4' | 'ipv6'>): string[] {
  return [...ipv4, ...ipv6];
}

/** What the settings cost, one line each: legal, and measuring less or risking more than an operator may think. */
export function warningsOf(config: Config): readonly string[] {
  return [...sharedAddresses(config), ...missingAddresses(config), ...risks(config)];
}

function sharedAddresses(config: Config): string[] {
  const groups = nameserversOf(config);
  const of = (role: string) => groups.filter((group) => group.role === role).flatMap(addressesOf);
  const parents = new Set(of('parent'));
  const found: string[] = [];
  if (of('children').some((address) => parents.has(address))) {
    found.push('nameservers: one address serves parent and children: the zones v4 and v6 measure nothing');
  }
  const kind = new Set([...parents, ...of('children')]);
  if (of('hostile').some((address) => kind.has(address))) {
    found.push(
      'nameservers: one address serves the hostile zone and others: resolvers may avoid it for all of them',
    );
  }
  return found;
}

function missingAddresses(config: Config): string[] {
  const found: string[] = [];
  const listed = nameserversOf(config).flatMap(addressesOf);
  for (const [family, mark] of [
    ['IPv4', '.'],
    ['IPv6', ':'],
  ] as const) {
    if (listed.length > 0 && !listed.some((address) => address.includes(mark))) {
      found.push(`nameservers: no ${family} address, so nothing is measured over ${family}`);
    }
  }
  const wildcard = config.dnsListen.some(isWildcard);
  if (wildcard && config.nameservers.length === 0) {
    found.push('dns_listen: a wildcard says no address for the delegation; list them in nameservers');
  }
  const here = config.dnsListen.map(({ address }) => address);
  if (!wildcard && !listed.some((address) => here.includes(address))) {
    found.push('dns_listen: has no address of nameservers; the address a query arrives on decides its zone');
  }
  return found;
}

function risks(config: Config): string[] {
  const found: string[] = [];
  for (const prefix of config.allow.filter(({ length, family }) => length < (family === 4 ? 8 : 16))) {
    found.push(
      `allow: ${formatPrefix(prefix)} is wide; whoever forges an address in it can flood that address`,
    );
  }
  if (config.packetThreads > availableParallelism()) {
    found.push(
      `packet_threads: ${config.packetThreads} share ${availableParallelism()} processors and wait for each other`,
    );
  }
  if (config.record === 'off') found.push('record: off, so nothing is kept and nothing can be reported');
  if (config.udpPlainMax > config.udpMax) {
    found.push(`udp_plain_max: ${config.udpPlainMax} is above udp_max ${config.udpMax}`);
  }
  if (
    config.secret === '' &&
    existsSync(config.secretFile) &&
    (statSync(config.secretFile).mode & 0o077) !== 0
  ) {
    found.push(`secret_file: ${config.secretFile} can be read by others; chmod 600 it`);
  }
  return found;
}
