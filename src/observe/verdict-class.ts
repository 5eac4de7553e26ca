/** Verdict classes: THE TABLE of what a trial can show, in the order of the design. */

/** `delivered`: the size arrived. `failed`: it did not, and we know why. `open`: nothing follows for or against. */
export type Outcome = 'delivered' | 'failed' | 'open';

export const VERDICT_CLASSES = {
  EXCLUDED: {
    outcome: 'open',
    meaning:
      'this server withheld or spoiled an answer, or closed TCP at its limits: silence may be our doing',
  },
  UDP_OK_WHOLE: { outcome: 'delivered', meaning: 'left in one packet over UDP, and arrived' },
  UDP_OK_FRAG: { outcome: 'delivered', meaning: 'left in fragments over UDP, and arrived' },
  UDP_OK_RETRY: { outcome: 'delivered', meaning: 'arrived over UDP, but not at the first try' },
  UDP_OK_SMALLER: {
    outcome: 'delivered',
    meaning: 'lost over UDP; arrived after a query with a smaller EDNS size',
  },
  TC_TCP_OK: { outcome: 'delivered', meaning: 'TC=1 over UDP, then arrived over TCP' },
  LOSS_TCP_OK: { outcome: 'delivered', meaning: 'lost over UDP, then arrived over TCP' },
  TC_TCP_STALL: { outcome: 'failed', meaning: 'TC=1, asked over TCP, and the answer was not acknowledged' },
  TC_TCP_BROKEN: { outcome: 'failed', meaning: 'TC=1, and the TCP connection ended before a query came' },
  TC_NO_TCP: {
    outcome: 'failed',
    meaning: 'TC=1 over UDP, asked again or known to have arrived, and never asked over TCP',
  },
  LOSS_RETRY_FAIL: {
    outcome: 'failed',
    meaning: 'asked again over UDP or TCP, and no answer shows a sign of arrival',
  },
  SILENT: { outcome: 'open', meaning: 'sent over UDP, not asked again, and nothing more was heard' },
  TCP_DIRECT: { outcome: 'open', meaning: 'asked over TCP without a try over UDP before it' },
  INDETERMINATE: { outcome: 'open', meaning: 'the rows do not decide' },
} as const satisfies Record<string, { readonly outcome: Outcome; readonly meaning: string }>;

export type VerdictClass = keyof typeof VERDICT_CLASSES;
