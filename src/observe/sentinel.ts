/** Sentinel: what end results for three names say of a resolver and a key of the root (RFC 8509 §3). */

/** What a client got: an address, SERVFAIL, or something else. */
export type EndResult = 'answer' | 'servfail' | 'other';

export interface SentinelResults {
  /** For `root-key-sentinel-is-ta-<tag of the new key>`. */
  readonly isNew: EndResult;
  /** For `root-key-sentinel-not-ta-<tag of the new key>`. */
  readonly notNew: EndResult;
  /** For a name that no validator answers. */
  readonly bogus: EndResult;
}

/** THE TABLE, in the order of RFC 8509 §3. `word` is what an operator is told. */
export const SENTINEL_CLASSES = {
  Vnew: { word: 'READY', meaning: 'it validates, knows sentinels, and trusts the key' },
  Vold: { word: 'NOT_READY', meaning: 'it validates, knows sentinels, and does not trust the key' },
  Vind: {
    word: 'UNKNOWN',
    meaning: 'it validates and does not know sentinels: this tells nothing about its keys',
  },
  nonV: { word: 'NOT_VALIDATING', meaning: 'it does not validate: the roll does not concern it' },
  other: { word: 'MIXED', meaning: 'several resolvers, a forwarder, or a failure of another kind' },
} as const satisfies Record<string, { readonly word: string; readonly meaning: string }>;

/** Said in place of NOT_READY where it is known not to trust the key before either. */
export const OTHER_ROOT = 'OTHER_ROOT';

export type SentinelClass = keyof typeof SENTINEL_CLASSES;

const CLASS_OF: Readonly<Record<string, SentinelClass>> = {
  'answer servfail servfail': 'Vnew',
  'servfail answer servfail': 'Vold',
  'answer answer servfail': 'Vind',
  'answer answer answer': 'nonV',
};

export function classifySentinel({ isNew, notNew, bogus }: SentinelResults): SentinelClass {
  return CLASS_OF[`${isNew} ${notNew} ${bogus}`] ?? 'other';
}
