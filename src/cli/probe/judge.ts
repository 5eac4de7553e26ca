/** What one chain of answers shows, in plain words. */
import type { Chain } from './chase.ts';

/** What a probe asks for: a name at the origin, with the size its answer shall have. */
export interface Test {
  readonly label: string;
  readonly kind: 'me' | 'size' | 'ladder';
  /** Octets; only of kind `size`. */
  readonly size?: number;
}

export interface Finding extends Chain {
  readonly test: Test;
  readonly elapsedMs: number;
  /** RCODE of the last reply, or NO ANSWER. */
  readonly status: string;
  readonly transport: 'udp' | 'tcp';
  /** Octets of the last message received. */
  readonly octets: number | undefined;
  /** Octets of the largest message received: at padzone itself that is the measured answer. */
  readonly largest: number | undefined;
  /** The name server of the origin answered itself, no resolver. */
  readonly direct: boolean;
  /** What the receipt says about the measured answer: how padzone sent it, and how large. */
  readonly receipt: { readonly octets: number; readonly transport: 'udp' | 'tcp' } | undefined;
  /** What went wrong; absent when all is well. */
  readonly problem: string | undefined;
}

/** A receipt that another address of the same resolver brings, or that is brought twice, proves arrival as well. */
const RECEIPT = /\b(?:received|repeats an old receipt:) (\d+) octets over (UDP|TCP|TLS)\b/;
const LADDER_LIMIT = /\breply size limit is at least (\d+) bytes/;
const LADDER_EDNS_SIZE = /\bsent EDNS buffer size (\d+)/;
/** RFC 4035 §4.1: what a validating resolver must be able to receive over UDP. */
const LEAST_LIMIT = 1220;

/** INFO-CODEs that tell a resolver's operator something (RFC 8914 §4). */
const EXTENDED_ERRORS: Readonly<Record<number, string>> = {
  1: 'unsupported DNSKEY algorithm',
  5: 'DNSSEC indeterminate',
  6: 'DNSSEC bogus',
  7: 'signature expired',
  8: 'signature not yet valid',
  9: 'DNSKEY missing',
  10: 'RRSIGs missing',
  12: 'NSEC missing',
  13: 'cached error',
  15: 'blocked',
  18: 'prohibited',
  20: 'not authoritative',
  22: 'no reachable authority',
  23: 'network error',
};

/** Judges one chain; pure. */
export function judge(test: Test, chain: Chain, elapsedMs: number): Finding {
  const last = chain.exchanges.at(-1);
  const sizes = chain.exchanges.flatMap(({ octets }) => octets ?? []);
  return {
    ...chain,
    test,
    elapsedMs,
    status: last?.reply?.rcode ?? 'NO ANSWER',
    transport: last?.transport ?? 'udp',
    octets: sizes.at(-1),
    largest: sizes.length > 0 ? Math.max(...sizes) : undefined,
    direct: isDirect(chain),
    receipt: readReceipt(chain.texts),
    problem: unanswered(chain) ?? unexpected(test, chain, sizes),
  };
}

/** The size that the ladder of `rs` reached, in octets; undefined when the texts do not say. */
export function ladderLimit(texts: readonly string[] = []): number | undefined {
  return firstNumber(LADDER_LIMIT, texts);
}

/** The EDNS size with which padzone was asked for `rs`, in octets. */
export function ladderEdnsSize(texts: readonly string[] = []): number | undefined {
  return firstNumber(LADDER_EDNS_SIZE, texts);
}

function firstNumber(pattern: RegExp, texts: readonly string[]): number | undefined {
  const digits = texts.map((text) => pattern.exec(text)?.[1]).find((match) => match);
  return digits === undefined ? undefined : Number(digits);
}

/** Extended DNS Errors of the last reply, as ` (EDE 22 no reachable authority: text)`. */
function extendedErrors({ exchanges }: Chain): string {
  const errors = exchanges.at(-1)?.reply?.errors ?? [];
  if (errors.length === 0) return '';
  const said = errors.map(({ infoCode, extraText }) => {
    const name = EXTENDED_ERRORS[infoCode];
    return `EDE ${infoCode}${name ? ` ${name}` : ''}${extraText ? `: ${extraText}` : ''}`;
  });
  return ` (${said.join('; ')})`;
}

function readReceipt(texts: readonly string[] | undefined): Finding['receipt'] {
  const match = texts?.map((text) => RECEIPT.exec(text)).find((found) => found);
  if (!match) return undefined;
  return { octets: Number(match[1]), transport: match[2] === 'UDP' ? 'udp' : 'tcp' };
}

function unanswered(chain: Chain): string | undefined {
  const last = chain.exchanges.at(-1);
  const where = chain.exchanges.length > 1 ? ` at CNAME ${chain.exchanges.length - 1} of the chain` : '';
  if (last?.reply === undefined) return `${last?.failure ?? 'not asked'}${where}`;
  const { rcode } = last.reply;
  if (rcode !== 'NOERROR') return `answered ${rcode}${where}${extendedErrors(chain)}`;
  if (chain.failure !== undefined) return `${chain.failure}${where}${extendedErrors(chain)}`;
  return undefined;
}

/** An answer came; does it say what it should? */
function unexpected(test: Test, chain: Chain, measuredSeen: readonly number[]): string | undefined {
  if (test.kind === 'me') return undefined;
  if (test.kind === 'ladder') {
    const limit = ladderLimit(chain.texts);
    if (limit === undefined) return 'the answer holds no reply size limit';
    return limit < LEAST_LIMIT ? `the reply size limit is below ${LEAST_LIMIT} octets` : undefined;
  }
  const receipt = readReceipt(chain.texts);
  if (receipt === undefined) return 'the answer holds no receipt';
  // A resolver passes on its own message; only who asked padzone itself sees the measured answer.
  if (isDirect(chain) && !measuredSeen.includes(receipt.octets)) {
    return `padzone sent ${receipt.octets} octets, but no message of that size arrived: something on the path rewrites answers`;
  }
  return undefined;
}

function isDirect({ exchanges }: Chain): boolean {
  return exchanges.some(({ reply }) => reply?.aa === true && !reply.ra);
}
