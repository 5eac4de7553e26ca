/** EDNS options in queries and answers: THE TABLE of those that we understand; all others are ignored (RFC 6891 §6.1.2). */
import { OPTION } from '../wire/edns-option.ts';
import { latin1 } from '../wire/name.ts';
import type { Edns } from '../wire/query.ts';
import type { EdnsOption } from '../wire/rdata/opt.ts';
import { isCookieLength } from './cookie.ts';

export interface OptionContext {
  readonly node: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Seconds after which we close an idle connection. */
  readonly tcpIdle: number;
  /** The COOKIE option of this answer, absent where the query had none. */
  cookie(): Uint8Array | undefined;
}

interface EdnsOptionRow {
  readonly code: number;
  readonly mnemonic: string;
  readonly reference: string;
  /** Whether the data in a query has a form that the RFC allows; FORMERR if not. */
  accepts(octets: number, transport: OptionContext['transport']): boolean;
  /** Data of the option in the answer, undefined where it is left out. */
  answer(context: OptionContext): Uint8Array | undefined;
}

const EDNS_OPTIONS: readonly EdnsOptionRow[] = [
  {
    code: OPTION.NSID,
    mnemonic: 'NSID',
    reference: 'RFC 5001',
    accepts: () => true,
    answer: ({ node }) => latin1(node),
  },
  {
    code: OPTION.COOKIE,
    mnemonic: 'COOKIE',
    reference: 'RFC 7873 §5.2',
    accepts: isCookieLength,
    answer: ({ cookie }) => cookie(),
  },
  {
    code: OPTION.TCP_KEEPALIVE,
    mnemonic: 'edns-tcp-keepalive',
    reference: 'RFC 7828 §3.2',
    // Over UDP it must be ignored, whatever it holds.
    accepts: (octets, transport) => transport === 'udp' || octets === 0 || octets === 2,
    answer: ({ transport, tcpIdle }) => (transport === 'udp' ? undefined : hundredsOfMs(tcpIdle)),
  },
];

/** The first option whose data breaks its RFC, undefined where all are well formed. */
export function malformedOption(edns: Edns, transport: OptionContext['transport']): string | undefined {
  for (const { code, data } of edns.options) {
    const row = EDNS_OPTIONS.find((known) => known.code === code);
    if (row && !row.accepts(data.length, transport))
      return `${row.mnemonic} of ${data.length} octets (${row.reference})`;
  }
  return undefined;
}

/** Options of the answer, each at most once, in the order of the table. */
export function answerOptions(edns: Edns, context: OptionContext): EdnsOption[] {
  const asked = new Set(edns.options.map(({ code }) => code));
  return EDNS_OPTIONS.flatMap(({ code, answer }) => {
    const data = asked.has(code) ? answer(context) : undefined;
    return data ? [{ code, data }] : [];
  });
}

function hundredsOfMs(seconds: number): Uint8Array {
  const units = Math.min(seconds * 10, 0xffff);
  return Uint8Array.of(units >> 8, units & 0xff);
}
