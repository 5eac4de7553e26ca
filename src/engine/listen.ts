/** Where to listen: addresses of this host, and the links they stand on. */
import { readFileSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { ConfigError, formatListen } from '../config.ts';
import { mtuOf } from '../kernel/interface.ts';
import { openKernel } from '../kernel/library.ts';
import type { LocalAddress } from '../server/inbound.ts';
import { addressKey, parseAddress } from '../wire/address.ts';

/** A local address to listen on; never a wildcard: sockets of its own for each, so that answers leave from the address that was asked. */
export interface ListenAddress {
  readonly address: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly family: 4 | 6;
}

/** Wildcards as the addresses that this host has now, everything else as it is. */
export function expandWildcards(addresses: readonly ListenAddress[]): ListenAddress[] {
  return addresses.flatMap((one) => {
    if (one.address !== '0.0.0.0' && one.address !== '::') return [one];
    return Object.values(networkInterfaces())
      .flatMap((entries) => entries ?? [])
      .filter(({ family, scopeid }) => family === `IPv${one.family}` && (scopeid ?? 0) === 0)
      .map(({ address }) => ({ ...one, address }));
  });
}

/** What answering needs to know of an address. @param index place in the list of listen addresses */
export function localAddress(address: string, index: number): LocalAddress {
  return {
    text: address,
    key: addressKey(address),
    octets: parseAddress(address),
    index,
    linkMtu: linkMtu(address),
  };
}

/** The operator's way out of an address that cannot be had. */
export function cannotListen(wanted: ListenAddress, cause: Error): ConfigError {
  return new ConfigError(
    `dns_listen: ${formatListen(wanted)} cannot be had (${cause.message}); choose another with --dns-listen or PADZONE_DNS_LISTEN`,
    { cause },
  );
}

/** MTU in octets of the interface that has this address, 0 where the host does not say. */
export function linkMtu(address: string): number {
  const kernel = openKernel();
  if (!('missing' in kernel)) return mtuOf(kernel, parseAddress(address));
  const key = addressKey(address);
  const found = Object.entries(networkInterfaces()).find(([, entries]) =>
    entries?.some((entry) => owns(entry, key)),
  );
  try {
    return found ? Number(readFileSync(`/sys/class/net/${found[0]}/mtu`, 'utf8')) : 0;
  } catch {
    return 0;
  }
}

// A loopback interface has all of 127.0.0.0/8, whatever it lists.
function owns({ address, family, internal }: NetworkInterfaceInfo, key: string): boolean {
  const isLoopback = internal && family === 'IPv4' && key.startsWith('7f') && key.length === 8;
  return isLoopback || addressKey(address.replace(/%.*/, '')) === key;
}
