/** Follows CNAMEs to what stands behind them, as a resolver does (RFC 1034 §5.3.3). */
import { ask, type Exchange } from './ask.ts';
import { type Question, type Reply, sameName } from './message.ts';
import type { ServerAddress } from './server-address.ts';

/** Common resolvers give up between 8 and 16; our longest chain has 8. */
const MAX_CNAMES = 12;

export interface Chain {
  /** In the order asked; at least one. */
  readonly exchanges: readonly Exchange[];
  /** The TXT at the chain's end, line by line; absent when it was not reached, or is of another TYPE. */
  readonly texts?: readonly string[];
  /** Why the end was not reached, where the last exchange does not say it. */
  readonly failure?: string;
}

/**
 * Asks a question, and asks it of each CNAME target that an answer leaves open.
 *
 * Through a resolver that is one question; an authoritative server is asked once for each CNAME.
 */
export async function chase(server: ServerAddress, question: Question, timeoutMs: number): Promise<Chain> {
  const { name, type } = question;
  const exchanges: Exchange[] = [];
  let at = name;
  let cnames = 0;
  for (;;) {
    const exchange = await ask(server, { ...question, name: at }, timeoutMs);
    exchanges.push(exchange);
    if (exchange.reply?.rcode !== 'NOERROR') return { exchanges };
    const path = follow(exchange.reply, at);
    const end = path.at(-1) ?? at;
    const texts = exchange.reply.texts.filter(({ owner }) => sameName(owner, end)).map(({ text }) => text);
    if (texts.length > 0) return { exchanges, texts };
    if (exchange.reply.types.includes(type)) return { exchanges };
    if (path.length === 0) return { exchanges, failure: `the name has no ${type} record` };
    cnames += path.length;
    if (cnames > MAX_CNAMES) return { exchanges, failure: `more than ${MAX_CNAMES} CNAMEs in a row` };
    at = end;
  }
}

/** The CNAME targets from `name` on, in order; a chain that returns to itself is cut off. */
function follow(reply: Reply, name: string): string[] {
  const path: string[] = [];
  let at = name;
  while (path.length <= MAX_CNAMES) {
    const next = reply.cnames.find(({ owner }) => sameName(owner, at));
    if (next === undefined) break;
    at = next.target;
    path.push(at);
  }
  return path;
}
