/** Events as lines of a report: path errors, floods, lost rows. */

import { REASSEMBLY } from '../observe/path-kind.ts';
import { times } from '../observe/words.ts';
import type { Events, FloodFinding, LossFinding, PathFinding } from '../store/events.ts';

/** Lines of each list that people are shown; programs get all. */
const MOST_LINES = 10;

/** Blocks of lines; none where nothing of the sort happened. */
export function eventBlocks({ path_events, floods, losses }: Events): string[][] {
  return [
    block('Path errors (ICMP, which anybody can forge):', path_events, pathLine),
    block('Floods:', floods, floodLine),
    block('Rows that could not be kept; what they would have shown is missing above:', losses, lossLine),
  ].filter((lines) => lines.length > 0);
}

function block<T extends { readonly count: number }>(
  heading: string,
  findings: readonly T[],
  line: (finding: T) => string,
): string[] {
  if (findings.length === 0) return [];
  const rest = findings.slice(MOST_LINES);
  const more = rest.reduce((sum, { count }) => sum + count, 0);
  return [
    heading,
    ...findings.slice(0, MOST_LINES).map((finding) => `  ${line(finding)}`),
    ...(rest.length === 0 ? [] : [`  and ${more} in ${rest.length} more, all of them with --json`]),
  ];
}

function pathLine({ source, kind, count, mtu, from }: PathFinding): string {
  const most = mtu === null ? '' : `, smallest MTU ${mtu}`;
  const other = from === null || from === source ? undefined : from;
  if (kind === REASSEMBLY) {
    const says = other === undefined ? '' : `, says ${other}`;
    return `${source} gave up waiting for fragments ${times(count)}: dropped on the way${says}`;
  }
  const sender = other === undefined ? '' : `, from ${other}`;
  return `${source}: ${count} ${kind}${most}${sender}`;
}

function floodLine({ network, action, step, count }: FloodFinding): string {
  return `${count} ${count === 1 ? 'query' : 'queries'} of ${network} ${whatWasDone(action, step)}, counted only`;
}

function whatWasDone(action: string, step: string): string {
  if (action === 'refuse') return 'refused';
  if (action === 'answer') return `asked for ${step === 'gate' ? 'opening names' : 'tests of keys'} only`;
  return 'cut short by our limits';
}

function lossLine({ node, reason, count }: LossFinding): string {
  return `${node}: ${count} ${REASONS[reason]}`;
}

const REASONS: Readonly<Record<LossFinding['reason'], string>> = {
  ring: 'in the ring of a thread that was full',
  disk: 'refused by the disk',
  memory: 'in the memory before the disk, which was full',
  rate: 'above disk_budget',
};
