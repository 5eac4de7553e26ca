/** KSKs of the root: the one that signs, the one before it, and the days on which one follows the other (IANA, root-anchors.xml). */

export interface Ksk {
  readonly tag: number;
  readonly name: string;
}

export const NEW_KSK: Ksk & { readonly ds: string; readonly signsSince: string } = {
  tag: 38_696,
  name: 'KSK-2024',
  /** RDATA of its DS record in presentation form. */
  ds: '38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16',
  /** As scheduled; from that day on it signs alone. */
  signsSince: '2026-10-11',
};

export const OLD_KSK: Ksk & { readonly revokedOn: string } = {
  tag: 20_326,
  name: 'KSK-2017',
  /** As scheduled. */
  revokedOn: '2027-01-11',
};

/** `20326 (KSK-2017)`. */
export function kskText({ tag, name }: Ksk): string {
  return `${tag} (${name})`;
}
