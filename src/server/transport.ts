/** Transport: what sockets owe to the answering core, and it to them. UDP, TCP and every packet engine keep this contract. */
import { readFileSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Facts } from '../record/facts.ts';
import { addressKey } from '../wire/address.ts';
import type { Respond } from './respond.ts';

/** A local address to listen on; never a wildcard: one socket an address, so that answers leave from the address that was asked. */
export interface ListenAddress {
  readonly address: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly family: 4 | 6;
}

/** What a transport calls. */
export interface Handler {
  /** Looked up for each message, so that a reload takes effect at once. */
  respond(): Respond;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Facts of each message answered or left in silence, and of connections refused. */
  record(facts: Facts): void;
  /** A socket failed to send or to accept; answers go on. */
  onTrouble(error: Error): void;
}

export interface Listening {
  /** With the port that the kernel chose. */
  readonly address: ListenAddress;
  /** Takes no new queries, finishes what is in flight, closes. */
  stop(): Promise<void>;
}

/** @throws {Error} with `code` EADDRINUSE, EACCES, … where the address cannot be had */
export type StartTransport = (address: ListenAddress, handler: Handler) => Promise<Listening>;

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

/** MTU in octets of the interface that has this address, 0 where the host does not say. */
export function linkMtu(address: string): number {
  const key = addressKey(address);
  const found = Object.entries(networkInterfaces()).find(([, entries]) =>
    entries?.some((entry) => owns(entry, key)),
  );
  if (!found) return 0;
  try {
    return Number(readFileSync(`/sys/class/net/${found[0]}/mtu`, 'utf8'));
  } catch {
    return 0;
  }
}

// A loopback interface has all of 127.0.0.0/8, whatever it lists.
function owns({ address, family, internal }: NetworkInterfaceInfo, key: string): boolean {
  const isLoopback = internal && family === 'IPv4' && key.startsWith('7f') && key.length === 8;
  return isLoopback || addressKey(address.replace(/%.*/, '')) === key;
}
