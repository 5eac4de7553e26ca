/** Extended DNS Errors: THE TABLE of INFO-CODEs and what they are called (RFC 8914 §4 and later registrations). */

export const EXTENDED_ERRORS: Readonly<Record<number, string>> = {
  0: 'other error',
  1: 'unsupported DNSKEY algorithm',
  2: 'unsupported DS digest type',
  3: 'stale answer',
  4: 'forged answer',
  5: 'DNSSEC indeterminate',
  6: 'DNSSEC bogus',
  7: 'signature expired',
  8: 'signature not yet valid',
  9: 'DNSKEY missing',
  10: 'RRSIGs missing',
  11: 'no zone key bit set',
  12: 'NSEC missing',
  13: 'cached error',
  14: 'not ready',
  15: 'blocked',
  16: 'censored',
  17: 'filtered',
  18: 'prohibited',
  19: 'stale NXDOMAIN answer',
  20: 'not authoritative',
  21: 'not supported',
  22: 'no reachable authority',
  23: 'network error',
  24: 'invalid data',
  25: 'signature expired before it was valid',
  26: 'too early',
  27: 'unsupported NSEC3 iterations value',
  28: 'unable to conform to policy',
  29: 'synthesized',
  30: 'invalid query type',
};

/** `DNSKEY missing (EDE 9)`, `EDE 49152` where the number has no name. */
export function describeExtendedError(infoCode: number): string {
  const name = EXTENDED_ERRORS[infoCode];
  return name === undefined ? `EDE ${infoCode}` : `${name} (EDE ${infoCode})`;
}
