/** Error reports: a resolver tells an agent which name it could not resolve, and why, in a query name (RFC 9567 §6.1.1). */

export interface ErrorReport {
  /** QTYPEs of the failed query, at least one. */
  readonly qtypes: readonly number[];
  /** The failed name, lower case, with final dot. */
  readonly qname: string;
  /** INFO-CODE of the Extended DNS Error (RFC 8914 §4). */
  readonly infoCode: number;
}

const MARK = '_er';

/**
 * Reads `_er.<QTYPE>[-<QTYPE>…].<QNAME>.<INFO-CODE>._er`; undefined for all else, and so for the shorter names that resolvers which
 * minimise ask on the way (RFC 9156).
 * @param labels below the agent domain, from the left, lower case
 */
export function parseErrorReport(labels: readonly string[]): ErrorReport | undefined {
  const [first, types = '', ...rest] = labels;
  const code = rest.at(-2) ?? '';
  if (
    first !== MARK ||
    rest.at(-1) !== MARK ||
    !/^\d{1,5}(-\d{1,5})*$/.test(types) ||
    !/^\d{1,5}$/.test(code)
  )
    return undefined;
  const qtypes = types.split('-').map(Number);
  const infoCode = Number(code);
  if (infoCode > 0xffff || qtypes.some((qtype) => qtype > 0xffff)) return undefined;
  return { qtypes, qname: `${rest.slice(0, -2).join('.')}.`, infoCode };
}
