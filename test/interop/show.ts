/** What resolvers answered, kept for people: a table on stderr when PADZONE_SHOW is 1. */
import type { DigResult } from '../support/dig.ts';

export interface Shown {
  /** `bind 4096`: the resolver and the EDNS size that it offers. */
  readonly who: string;
  /** What was asked, as one types it for dig. */
  readonly question: string;
  readonly result: DigResult;
}

const WIDTH = 170;
/** Run ids and times say nothing to people. */
const RUN = /-n[0-7][0-9a-v]{9}/;
const TIME = / \d{4}-\d\d-\d\dT\S+Z/g;

/** One line an answer; fields in columns, the text cut at the edge of the page. */
export function formatShown(shown: readonly Shown[]): string {
  const lines = shown.map(({ who, question, result: { status, flags, answer } }) => {
    const links = answer.filter(({ type }) => type === 'CNAME').length;
    const ad = flags.has('ad') ? 'AD' : '-';
    return [who, question.replace(RUN, ''), status, ad, links === 0 ? '' : `${links} CNAME`, textOf(answer)];
  });
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const rows = lines.map((line) => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  return rows.map((row) => `${row.trimEnd().slice(0, WIDTH)}\n`).join('');
}

/** TXT without its quotes, other records by their TYPE; the order within a set is the resolver's whim. */
function textOf(answer: DigResult['answer']): string {
  return answer
    .filter(({ type }) => type !== 'CNAME')
    .map(({ type, rdata }) =>
      type === 'TXT' ? rdata.replaceAll('"', '').replace(TIME, '') : `${type} ${rdata}`,
    )
    .sort()
    .join(' | ');
}

/** Writes `text` where the reporter does not swallow it, when somebody wants to see. */
export function show(text: () => string): void {
  if (process.env['PADZONE_SHOW'] === '1') process.stderr.write(text());
}
