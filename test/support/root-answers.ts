/** Octets of the root's DNSKEY answers by composition: of other servers with the root's real keys, or synthetic ones of their lengths. */

/** A zone of any name can have them to the octet. */
export const EXACT_ANSWERS = {
  k1k1zs: 736,
  k1k2zs: 883,
  k1k1zs1z: 1011,
  k1k1z: 864,
  k1k2z: 1139,
  k2k1z: 1139,
  k2k2z: 1414,
  k2kr1z: 1425,
  k3k2z: 1689,
  k2kr2z: 1700,
  k1k1ke1zm: 973,
  k1k1ke1zm1ze: 1052,
  k1k1ke1zm2ze: 1131,
  k1k1ke2zm1ze: 1263,
  k1k1ke2zm2ze: 1342,
  k1k1ke1z1ze: 1116,
  k1k1ke2z2ze: 1470,
} as const;

/** Sets without RSA: no name of ours is that small. */
export const SMALL_ANSWERS = { k1ke1ze: 280, k1ke2ze: 359 } as const;
