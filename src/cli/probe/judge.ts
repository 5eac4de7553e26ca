/** What one chain of answers shows, in plain words. */
import { EXTENDED_ERRORS } from '../../wire/extended-error.ts';
import type { Chain } from './chase.ts';
import type { ExtendedError } from './message.ts';
import type { Finding, Test } from './test.ts';
import { readReceipt } from './texts.ts';

/** Judges one chain; pure. Times are milliseconds since the epoch. */
export function judge(test: Test, chain: Chain, startedAt: number, endedAt: number): Finding {
  const last = chain.exchanges.at(-1);
  const sizes = chain.exchanges.flatMap(({ octets }) => octets ?? []);
  return {
    ...chain,
    test,
    startedAt,
    elapsedMs: endedAt - startedAt,
    status: last?.reply?.rcode ?? 'NO ANSWER',
    transport: last?.transport ?? 'udp',
    octets: sizes.at(-1),
    largest: sizes.length > 0 ? Math.max(...sizes) : undefined,
    direct: isDirect(chain),
    receipt: readReceipt(chain.texts),
    problem: unanswered(chain) ?? unexpected(test, chain, sizes),
  };
}

/** Extended DNS Errors as ` (EDE 22 no reachable authority: text)`; empty where there are none. */
export function describeErrors(errors: readonly ExtendedError[]): string {
  if (errors.length === 0) return '';
  const said = errors.map(({ infoCode, extraText }) => {
    const name = EXTENDED_ERRORS[infoCode];
    return `EDE ${infoCode}${name ? ` ${name}` : ''}${extraText ? `: ${extraText}` : ''}`;
  });
  return ` (${said.join('; ')})`;
}

function unanswered(chain: Chain): string | undefined {
  const last = chain.exchanges.at(-1);
  const where = chain.exchanges.length > 1 ? ` at CNAME ${chain.exchanges.length - 1} of the chain` : '';
  if (last?.reply === undefined) return `${last?.failure ?? 'not asked'}${where}`;
  const { rcode } = last.reply;
  if (rcode !== 'NOERROR') return `answered ${rcode}${where}${describeErrors(last.reply.errors)}`;
  if (chain.failure !== undefined) return `${chain.failure}${where}${describeErrors(last.reply.errors)}`;
  return undefined;
}

/** An answer came; does it say what it should? */
function unexpected({ size }: Test, chain: Chain, measuredSeen: readonly number[]): string | undefined {
  if (size === undefined) return undefined;
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
