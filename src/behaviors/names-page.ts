/** The page of names, made from the tables: `docs/names.md` and `padzone names` are this text. */
import { MAX_TEST_LABEL, OPTION_TABLE, RUN_SUMMARY, RUN_SYNTAX } from '../zone/test-name.ts';
import type { Behavior } from './behavior.ts';
import { BEHAVIORS } from './table.ts';

export interface NamedZone {
  readonly label: string;
  readonly summary: string;
}

/** Markdown. */
export function namesPage(zones: readonly NamedZone[]): string {
  const tests = BEHAVIORS.map(({ syntax, example, zone, summary, expect, references }: Behavior) => [
    `\`${syntax}\``,
    `\`${example}${zone === undefined ? '' : `.${zone}.<origin>`}\``,
    summary,
    expect,
    references.join(', '),
  ]);
  const takers = (field: string) =>
    BEHAVIORS.filter(({ options }) => (options as readonly string[]).includes(field))
      .map(({ syntax }) => `\`${syntax}\``)
      .join(' ');
  const options = OPTION_TABLE.map(({ syntax, example, summary, field, hostile }) => [
    `\`${syntax}\``,
    `\`s1232-${example}\``,
    summary,
    takers(field),
    hostile ? 'hostile zone' : field === 'arm' ? 'on Linux, over UDP' : 'everywhere',
  ]);
  const run = [`\`${RUN_SYNTAX}\``, '`s1232-n0abcdefghi`', RUN_SUMMARY, 'all', 'everywhere'];
  const zoneRows = zones.map(({ label, summary }) => [
    label === '' ? 'the origin' : `\`${label}\``,
    `\`s1232.${label === '' ? '' : `${label}.`}<origin>\``,
    summary,
  ]);
  return `# Names

Made by \`npm run docs\` from the tables in the code. Letters in any case; the case of the query is echoed. One label holds one test:
\`<test>[-<option>…]\`, at most ${MAX_TEST_LABEL} octets. What is not listed does not exist (NXDOMAIN); a wrong option is NXDOMAIN with an
Extended DNS Error that names it.

## Tests

${table(['name', 'example', 'what it is', 'what a resolver that works gets', 'see'], tests)}

N is the number of octets of the DNS message as it leaves, header to last octet, with OPT, cookie and signatures. If it exceeds what the
query allows over UDP (512 without EDNS, else its EDNS size, at most \`udp_max\`) the answer over UDP is TC=1, and N octets over TCP. Where
N is below the smallest message for that name, the smallest goes out and the row says \`size_miss\`.

At \`s<N>\`, \`rs\` and gates every QTYPE gets the CNAME, but NSEC, RRSIG and ANY.

## Options

${table(['option', 'example', 'what it does', 'for', 'where'], [...options, run])}

A run id may also stand as a label of its own: \`s1232.n0abcdefghi.<origin>\`.

## Zones

${table(['zone', 'example', 'what it is'], zoneRows)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
