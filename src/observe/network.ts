/** Network: the prefix within which addresses count as one resolver. */

/** The /24 of an IPv4 address, the /48 of an IPv6 address, as text that is equal for equal prefixes. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address.split('.').slice(0, 3).join('.');
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...zeros, ...tail].slice(0, 3).join(':');
}
