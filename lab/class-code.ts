/** One letter for each class, so that a table of thousands of cells fits a screen: delivered in upper case, failed in lower case. */
import type { Found } from './expect-rules.ts';

export const CLASS_CODES: Readonly<Record<Found, string>> = {
  UDP_OK_WHOLE: 'W',
  UDP_OK_FRAG: 'F',
  UDP_OK_RETRY: 'R',
  UDP_OK_SMALLER: 'S',
  TC_TCP_OK: 'T',
  LOSS_TCP_OK: 'L',
  TC_TCP_STALL: 's',
  TC_TCP_BROKEN: 'b',
  TC_NO_TCP: 'n',
  LOSS_RETRY_FAIL: 'x',
  SILENT: '.',
  TCP_DIRECT: 'D',
  INDETERMINATE: '?',
  EXCLUDED: 'E',
  UNSEEN: '-',
};

/** `W UDP_OK_WHOLE, F UDP_OK_FRAG, …`, only those that occur. */
export function codeLegend(found: ReadonlySet<Found>): string {
  return Object.entries(CLASS_CODES)
    .filter(([name]) => found.has(name as Found))
    .map(([name, code]) => `${code} ${name}`)
    .join(', ');
}
