/** The sizes one after the other, the smallest first: the table, and what to do about what got lost over UDP. */

import { isIPv6 } from 'node:net';
import { MOST_WHOLE } from '../../../observe/attempt.ts';
import type { Check, Scene } from '../check.ts';
import { type Outcome, offeredSize, outcomesOf, sourcesOf } from '../outcome.ts';
import { offerLess, SAFE_SIZE } from '../software.ts';
import { type Findings, trial, whyNot } from '../test.ts';
import { isTcpBad, smallBefore } from './tcp.ts';

export const sizes: Check = {
  name: 'sizes',

  tests: (plan) => plan.sizes.flatMap((size) => [smallBefore(plan, size), trial(plan, size)]),

  look(findings, scene) {
    const rows = outcomesOf(findings);
    const bad = rows.filter(isBad);
    if (bad.length === 0) return { state: 'good', text: summary(rows) };
    const advice = adviseLoss(rows, findings, scene);
    return { state: 'problem', text: summary(rows), ...(advice !== undefined && { advice: [advice] }) };
  },
};

export function isBad({ how, recovery }: Outcome): boolean {
  return how === 'nothing' || recovery !== 'none';
}

/** `up to 1232 octets over UDP; up to 4096 over TCP; nothing of: 2048`. */
export function summary(rows: readonly Outcome[]): string {
  const largest = (of: (row: Outcome) => boolean) => rows.findLast(of)?.size;
  const overUdp = largest(({ how }) => how !== 'tcp' && how !== 'nothing');
  const overTcp = largest(({ how }) => how === 'tcp');
  const lost = rows.filter(({ how }) => how === 'nothing').map(({ size }) => size);
  const recovered = rows.filter(({ recovery }) => recovery !== 'none').map(({ size }) => size);
  const parts = [
    ...(overUdp === undefined ? [] : [`up to ${overUdp} octets over UDP`]),
    ...(overTcp === undefined ? [] : [`up to ${overTcp} over TCP`]),
    ...(recovered.length === 0 ? [] : [`lost over UDP: ${recovered.join(', ')}`]),
    ...(lost.length === 0 ? [] : [`nothing of: ${lost.join(', ')}`]),
  ];
  return parts.join('; ');
}

/** Losses over UDP; what TCP does not bring is the matter of another check. */
function adviseLoss(rows: readonly Outcome[], findings: Findings, { software }: Scene): string | undefined {
  const lost = rows.filter((row) => isBad(row) && (row.how !== 'nothing' || row.notOffered === undefined));
  const [first] = lost;
  if (first === undefined) return adviseTcpOnly(rows, findings);
  const to = sourcesOf(findings).join(' and ') || 'the resolver';
  const what = describe(lost, to);
  const larger = rows.find((row) => row.size > first.size && !isBad(row) && row.how !== 'tcp');
  if (larger !== undefined)
    return `${what} But ${larger.size} octets did arrive over UDP, so size alone is not the cause. Run the probe again; if it repeats, look for packet loss or a rate limit on the way.`;
  if (first.size <= SAFE_SIZE)
    return `${what} A firewall that limits DNS to 512 octets, drops EDNS or drops long answers is the usual cause: lift its limit, and allow TCP to port 53.`;
  return `${what} ${remedy(first.size, findings, to)}, or ${offerLess(software)}.`;
}

/** By how answers of this size leave a server. */
function remedy(size: number, findings: Findings, to: string): string {
  if (size > MOST_WHOLE[4]) return `They leave in fragments: let IP fragments pass to ${to}`;
  return size > largestWhole(findings)
    ? `They leave in fragments over IPv6, in one packet over IPv4: let fragments and packets of 1500 octets pass to ${to}`
    : `They leave in one packet: some link of the path is too narrow for it, or a firewall drops long answers; let packets of 1500 octets pass to ${to}`;
}

/** For the IP versions that the resolver was seen to ask over, the smaller one where it uses both. */
export function largestWhole(findings: Findings): number {
  return sourcesOf(findings).some(isIPv6) ? MOST_WHOLE[6] : MOST_WHOLE[4];
}

function describe(lost: readonly Outcome[], to: string): string {
  const [missing, recovered] = [true, false].map((isMissing) =>
    lost.filter(({ how }) => (how === 'nothing') === isMissing),
  ) as [Outcome[], Outcome[]];
  const [first] = missing;
  if (first === undefined) return describeRecovered(recovered, to);
  const start = `Answers of ${octetsOf(lost)} octets over UDP do not reach ${to}`;
  return recovered.length === 0
    ? `${start}, and the resolver finds no other way.`
    : `${start}: those of ${octetsOf(recovered)} came another way after that, those of ${octetsOf(missing)} did not come (${whyNot(first.finding)}).`;
}

function describeRecovered(lost: readonly Outcome[], to: string): string {
  return lost.every(({ recovery }) => recovery === 'lost')
    ? `Answers of ${octetsOf(lost)} octets over UDP get lost on the way to ${to}; the resolver finds another way, but its users wait.`
    : `Answers of ${octetsOf(lost)} octets came over TCP although the resolver offers to take them over UDP: they get lost on the way to ${to}, or the server had to hold them back.`;
}

function octetsOf(rows: readonly Outcome[]): string {
  return rows.map(({ size }) => size).join(', ');
}

/** All that is missing was never offered over UDP. */
function adviseTcpOnly(rows: readonly Outcome[], findings: Findings): string | undefined {
  const lost = rows.filter(({ how }) => how === 'nothing').map(({ size }) => size);
  if (lost.length === 0 || isTcpBad(findings)) return undefined;
  return `Answers of ${lost.join(', ')} octets did not come although TCP works otherwise, and the resolver takes only ${offeredSize(findings)} over UDP. Run the probe again; if it repeats, look for lost TCP connections.`;
}
