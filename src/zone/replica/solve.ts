/** Moduli that make the answer to DNSKEY as large as the root's although the zone has a longer name (RFC 3110 §2, RFC 5702 §2.1). */
import { dnskeyOctets, type ReplicaKey, ROOT_OCTETS } from './composition.ts';

/** Shorter moduli are refused by some validators. */
const LEAST_MODULUS = 128;

export interface Solution {
  /** As those of the composition, some with another modulus. */
  readonly keys: readonly ReplicaKey[];
  /** Of the root's answer, and of this one: equal unless nothing reaches the root's. */
  readonly rootOctets: number;
  readonly octets: number;
}

/**
 * Shortens the ZSKs first, youngest first, then KSKs that sign, oldest first, whose octets count twice (key and signature).
 * What stays full size is the same key in every replica.
 * @param apexOctets of the zone's name in wire form
 */
export function solve(keys: readonly ReplicaKey[], apexOctets: number): Solution {
  const rootOctets = dnskeyOctets(keys, ROOT_OCTETS);
  const moduli = keys.map(({ modulus }) => modulus);
  const rsa = [...keys.keys()].filter((index) => moduli[index]! > 0);
  const once = rsa.filter((index) => !keys[index]!.signsKeys).reverse();
  const twice = rsa.filter((index) => keys[index]!.signsKeys);
  let excess = dnskeyOctets(keys, apexOctets) - rootOctets;
  const shorten = (index: number, weight: number) => {
    const octets = Math.min(moduli[index]! - LEAST_MODULUS, Math.floor(excess / weight));
    moduli[index]! -= octets;
    excess -= octets * weight;
  };
  for (const index of once) shorten(index, 1);
  // KSKs that sign take two at a time: an odd rest is made even first.
  if (excess % 2 === 1 && once.length > 0 && twice.length > 0) {
    moduli[once[0]!]! += 1;
    excess += 1;
  }
  for (const index of twice) shorten(index, 2);
  const solved = keys.map((key, index) => ({ ...key, modulus: moduli[index]! }));
  return { keys: solved, rootOctets, octets: dnskeyOctets(solved, apexOctets) };
}
