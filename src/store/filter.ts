/** Filter: which observations a reader wants, and the text that an operator writes for it. */
import { isIP, SocketAddress } from 'node:net';
import { ConfigError } from '../config.ts';

export interface RowFilter {
  /** First moment wanted, milliseconds since the epoch. */
  readonly since?: number;
  /** First moment no longer wanted, milliseconds since the epoch. */
  readonly until?: number;
  /** One source address, as the server writes it. */
  readonly source?: string;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?<offset>Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A moment in milliseconds since the epoch: ISO 8601 (UTC unless it says otherwise), such milliseconds
 * themselves, or a duration before `now`.
 *
 * @param where the option's name, for the message
 * @throws {ConfigError} anything else
 */
export function parseMoment(text: string, where: string, now: number): number {
  const [, amount, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return now - Number(amount) * (UNIT_MS[unit] ?? 0);
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const iso = ISO_8601.exec(text);
  // Without an offset JavaScript would take a time of day, but not a date alone, as local time.
  const at =
    iso === null ? Number.NaN : Date.parse(iso.groups?.['offset'] || text.length === 10 ? text : `${text}Z`);
  if (Number.isNaN(at) || !hasDay(text)) {
    throw new ConfigError(
      `${where}: '${text}' is no moment; allowed are 2026-11-23T15:04:05Z, 2026-11-23, milliseconds since the epoch, or a duration such as 90m, 2h, 7d`,
    );
  }
  return at;
}

/** JavaScript takes February 30 for March 2. */
function hasDay(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00Z`).toISOString().startsWith(day);
}

/**
 * One source address in the form that the server writes.
 *
 * @throws {ConfigError} not an IPv4 or IPv6 address
 */
export function parseSource(text: string, where: string): string {
  const family = isIP(text);
  if (family === 0) {
    throw new ConfigError(
      `${where}: '${text}' is no address; allowed is one IPv4 or IPv6 address such as 192.0.2.7`,
    );
  }
  const { address } = new SocketAddress({ address: text, family: family === 6 ? 'ipv6' : 'ipv4' });
  return /^::ffff:([\d.]+)$/.exec(address)?.[1] ?? address; // RFC 4291 §2.5.5.2: an IPv4 address, and the server writes it so
}

/**
 * The filter options of a subcommand.
 *
 * @throws {ConfigError} the first that cannot be read, or an empty span of time
 */
export function parseFilter(options: Readonly<Record<string, unknown>>, now: number): RowFilter {
  const { since, until, source } = options;
  const filter = {
    ...(typeof since === 'string' && { since: parseMoment(since, '--since', now) }),
    ...(typeof until === 'string' && { until: parseMoment(until, '--until', now) }),
    ...(typeof source === 'string' && { source: parseSource(source, '--source') }),
  };
  if (filter.since !== undefined && filter.until !== undefined && filter.since >= filter.until) {
    throw new ConfigError(`--since ${String(since)} is not before --until ${String(until)}`);
  }
  return filter;
}
