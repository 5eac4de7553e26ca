/** THE TABLE of cases, in the order that they run. */
import type { Case } from './case.ts';
import { denial } from './denial.ts';
import { logging, nodeServers, p1232, p4096, recording } from './one-name.ts';
import { tcpOne, tcpPipelined } from './tcp.ts';
import { unique } from './unique.ts';

export const CASES: readonly Case[] = [
  p1232,
  recording,
  unique,
  p4096,
  tcpOne,
  tcpPipelined,
  denial,
  logging,
  nodeServers,
];
