/** How many TCP connections may be open, and for how long without a query (RFC 7766 §6.2, RFC 9210 §6). */
import type { Config } from '../config.ts';

export interface TcpLimits {
  /** Open connections in all, and of one IPv4 address or IPv6 /64; shared by all listening sockets. */
  readonly connections: number;
  readonly perSource: number;
  /** Seconds. */
  readonly idle: number;
}

export function limitsOf({
  tcpConnections,
  tcpPerSource,
  tcpIdle,
}: Pick<Config, 'tcpConnections' | 'tcpPerSource' | 'tcpIdle'>): TcpLimits {
  return { connections: tcpConnections, perSource: tcpPerSource, idle: tcpIdle };
}
