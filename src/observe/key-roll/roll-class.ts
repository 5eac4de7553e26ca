/** Key-roll classes: THE TABLE of what the rows show of one source address and one key roll (RFC 5011). */

/** `isUrgent`: breaks for users at the next roll, or did at this one. */
export const ROLL_CLASSES = {
  FOLLOWS: {
    word: 'follows',
    meaning:
      'it validates, and changed its trust anchors by itself: took the new key when its hold-down was over, or dropped the revoked one',
    isUrgent: false,
  },
  HOLDS: {
    word: 'holds (pending)',
    meaning: 'it has seen the new key and still lists the old one alone; the hold-down is not over',
    isUrgent: false,
  },
  STATIC_ANCHOR: {
    word: 'static anchor',
    meaning:
      'it validates, and kept the old key alone when it had had the time to take the new one, or both when the old one was revoked and gone',
    isUrgent: true,
  },
  NO_TELEMETRY: {
    word: 'validating, no telemetry',
    meaning:
      'it validates and never says with which keys, as PowerDNS Recursor does, which cannot follow: its anchor is static, or it fails',
    isUrgent: true,
  },
  NOT_VALIDATING: {
    word: 'not validating',
    meaning: 'clients get through it what a validator refuses, or it never asks for the keys',
    isUrgent: false,
  },
  FAILS_OPEN: {
    word: 'fails open',
    meaning: 'it validated before the roll; since then clients get what it can no longer validate',
    isUrgent: true,
  },
  TRANSPORT_FAILED: {
    word: 'transport failure',
    meaning:
      'DNSKEY was larger than what it takes over UDP, above all at the revoke phase where it is largest, and no TCP followed',
    isUrgent: true,
  },
  UNKNOWN: {
    word: 'unknown',
    meaning: 'the rows do not decide; the sentence says what is missing',
    isUrgent: false,
  },
} as const satisfies Record<
  string,
  { readonly word: string; readonly meaning: string; readonly isUrgent: boolean }
>;

export type RollClass = keyof typeof ROLL_CLASSES;
