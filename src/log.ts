/** Log: one JSON line an event on standard output, with field names from one list. Never called per query. */
import { type DestinationStream, destination, pino } from 'pino';
import type { Config } from './config.ts';

/** THE LIST of field names and what each holds; pino adds level, time (milliseconds since the epoch), pid and msg. */
export const LOG_FIELDS = {
  node: 'name of this node; on every line',
  component: 'the part that speaks: udp, tcp, store, keys, http, …',
  zone: 'apex of a zone',
  address: 'local address',
  port: 'local port',
  transport: 'udp, tcp or tls',
  source: 'source address; only for events that are not per query',
  file: 'a file or folder',
  setting: 'key of a setting',
  keyTag: 'key tag (RFC 4034 Appendix B)',
  algorithm: 'DNSSEC algorithm number',
  qname: 'query name of an answer that failed',
  qtype: 'query TYPE of an answer that failed',
  count: 'how many',
  octets: 'how large',
  durationMs: 'how long, milliseconds',
  signal: 'signal that came in',
  version: 'version of padzone',
  reason: 'why, in a few words',
  err: 'an error: type, message, stack',
} as const;

export type LogFields = { readonly [name in keyof typeof LOG_FIELDS]?: unknown };

/** What the rest of padzone sees of the logger: the fields are those of the list. */
export interface Log {
  fatal(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  trace(fields: LogFields, message: string): void;
  /** A log whose every line has these fields too. */
  child(fields: LogFields): Log;
}

/**
 * A log at the level of the settings.
 *
 * @param to where lines go; standard output, written synchronously, unless a test says otherwise
 */
export function createLog(
  config: Pick<Config, 'logLevel' | 'node'>,
  to: DestinationStream = destination(1),
): Log {
  return pino({ level: config.logLevel, base: { pid: process.pid, node: config.node } }, to);
}
