/** The page of results: how often verdicts are right, and what the resolvers were seen to do; written by the lab alone. */
import { groupBy } from '../src/observe/group.ts';
import { guessSoftware } from '../src/observe/software.ts';
import { type Found, isDelivered } from './expect-rules.ts';
import { mannerOf, triesOf } from './fingerprint.ts';
import type { JudgedCell } from './judge.ts';
import { type LabRun, unprovenOf } from './output.ts';
import { RESOLVERS } from './resolvers/table.ts';
import { markdownTable } from './table.ts';

/** Markdown, complete. */
export function formatResults(run: LabRun): string {
  return `${[
    '# Results of the lab',
    introduction(run),
    '## Confusion matrix',
    'Expected (from what is known of resolver and path) in rows, found in columns; cells counted. Where chance has its part, what the path let on and the client was told decides; a set where several classes are right.',
    confusion(run.cells),
    '## Right cells by path and resolver',
    byPath(run.cells),
    ...wrongCells(run.cells),
    ...lateCells(run.cells),
    '## What no server could know',
    'Right as far as it goes: the verdict says no more than the servers can see.',
    unknowable(run.cells),
    '## Software',
    'What `padzone report` guesses from the queries of each source address that asked for a measured answer.',
    guesses(run),
    '## Fingerprints',
    MANNER_LEGEND,
    manners(run),
    TRIES_LEGEND,
    ...tries(run),
  ].join('\n\n')}\n`;
}

function introduction({ cells, units, findings, startedAt, wallMs, versions }: LabRun): string {
  const right = cells.filter(({ faults }) => faults.length === 0).length;
  const delivered = findings.report.verdicts.filter(({ outcome }) => outcome === 'delivered').length;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Written by \`npm run lab -- --results\` on ${new Date(startedAt).toISOString().slice(0, 10)}; do not edit. ${units.length} fresh resolvers,`,
    `${cells.length} cells in ${Math.round(wallMs / 1000)} s: **${right} as expected**, ${cells.length - right} not. "Delivered" without proof:`,
    `**${unprovenOf(findings)}** of ${delivered} verdicts that say delivered. What the lab is: [lab/README.md](../lab/README.md); what the classes mean:`,
    `[verdicts.md](verdicts.md). Versions: ${programs.join(', ')}.`,
  ].join('\n');
}

function confusion(cells: readonly JudgedCell[]): string {
  const found = [...new Set(cells.map((cell) => cell.found))].sort();
  const rows = [...groupBy(cells, expectedText)].sort(byName);
  return markdownTable(
    ['expected \\ found', ...found],
    rows.map(([expected, group]) => [expected, ...found.map((name) => count(group, name))]),
  );
}

/** Single classes first, in order of name, then sets. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  const [isSet, isOtherSet] = [a, b].map((text) => text.includes(' '));
  if (isSet !== isOtherSet) return isSet ? 1 : -1;
  return a < b ? -1 : 1;
}

/** A set is named by its rule. */
function expectedText({ expectation: { classes, rule } }: JudgedCell): string {
  return classes.length === 1 ? (classes[0] ?? '') : `set (${rule})`;
}

function count(cells: readonly JudgedCell[], name: Found): string {
  const number = cells.filter(({ found }) => found === name).length;
  return number === 0 ? '' : String(number);
}

function byPath(cells: readonly JudgedCell[]): string {
  const resolvers = [...new Set(cells.map(({ resolver }) => resolver))];
  return markdownTable(
    ['path', ...resolvers],
    [...groupBy(cells, ({ path }) => path)].map(([path, group]) => [
      path,
      ...resolvers.map((name) => rightOf(group.filter(({ resolver }) => resolver === name))),
    ]),
  );
}

function rightOf(cells: readonly JudgedCell[]): string {
  return `${cells.filter(({ faults }) => faults.length === 0).length} of ${cells.length}`;
}

function wrongCells(cells: readonly JudgedCell[]): string[] {
  const wrong = cells.filter(({ faults }) => faults.length > 0);
  if (wrong.length === 0) return [];
  const rows = wrong.map((cell) => [...placeOf(cell), cell.faults.join('; ')]);
  return ['## Not as expected', markdownTable([...PLACE, 'what'], rows)];
}

function lateCells(cells: readonly JudgedCell[]): string[] {
  const late = cells.filter(({ isLate }) => isLate);
  if (late.length === 0) return [];
  return [
    '## Late answers',
    'Counted as right: ICMP "port unreachable" shows that an answer came when the resolver had given it up, on a busy machine.',
    markdownTable(
      [...PLACE, 'expected', 'found'],
      late.map((cell) => [...placeOf(cell), expectedText(cell), cell.found]),
    ),
  ];
}

const PLACE = ['path', 'resolver', 'EDNS', 'IP', 'size'];

function placeOf({ path, resolver, edns, family, size }: JudgedCell): string[] {
  return [path, resolver, edns, family, size].map(String);
}

function unknowable(cells: readonly JudgedCell[]): string {
  const hidden = cells.filter(
    ({ expectation, found }) =>
      expectation.unknowable !== undefined && (!isDelivered(found) || found !== expectation.classes[0]),
  );
  const groups = groupBy(hidden, ({ path, resolver, found, expectation }) =>
    [path, resolver, found, expectation.rule].join('|'),
  );
  return markdownTable(
    ['path', 'resolver', 'cells', 'found', 'why'],
    [...groups.values()].flatMap(([first, ...rest]) =>
      first === undefined
        ? []
        : [
            [
              first.path,
              first.resolver,
              String(1 + rest.length),
              first.found,
              `${first.expectation.reason}; ${first.expectation.unknowable}`,
            ],
          ],
    ),
  );
}

/** What the servers see of a forwarder is the resolver behind it. */
function seenAs(resolver: string): string {
  return RESOLVERS.find(({ name }) => name === resolver)?.behind ?? resolver;
}

function guesses({ units, findings }: LabRun): string {
  const rows = [...groupBy(units, ({ unit }) => unit.resolver)].map(([resolver, group]) => {
    const sources = group
      .flatMap((each) => each.sources)
      .map((source) => findings.rowsFrom(source))
      .filter((seen) => seen.some(({ step }) => step === 'measured'));
    const names = sources.map((seen) => guessSoftware(seen)?.software ?? 'none');
    const right = names.filter((name) => name === seenAs(resolver)).length;
    const none = names.filter((name) => name === 'none').length;
    return [
      resolver,
      seenAs(resolver),
      ...[names.length, right, none, names.length - right - none].map(String),
    ];
  });
  return markdownTable(
    ['resolver', 'what servers see', 'source addresses', 'right', 'no guess', 'wrong'],
    rows,
  );
}

const MANNER_LEGEND = [
  'All queries of each over all paths but those that change them (`noedns-strip`). EDNS sizes over UDP and TYPEs at opening names with the most',
  'frequent first; MSS as the servers saw it, less the time stamps.',
].join('\n');

function manners({ units, findings }: LabRun): string {
  const usual = units.filter(({ unit }) => !unit.path.includes('noedns'));
  const rows = [...groupBy(usual, ({ unit }) => unit.resolver)].map(([resolver, group]) => {
    const seen = group.flatMap(({ sources }) => sources).flatMap((source) => [...findings.rowsFrom(source)]);
    const { edns, types, cookie, cd, mixedCase, mss } = mannerOf(seen);
    return [
      resolver,
      edns.slice(0, 6).join(' '),
      types.join(' '),
      cookie,
      cd,
      mixedCase,
      mss.slice(0, 4).join(' '),
    ];
  });
  return markdownTable(['resolver', 'EDNS', 'TYPEs', 'COOKIE', 'CD=1', 'mixed case', 'MSS'], rows);
}

const TRIES_LEGEND = [
  'Tries for one measured name: `U4096` over UDP with that EDNS size, seconds since the first, TYPE in brackets where it is not TXT, `tc` where',
  'TC=1 was sent. Two servers, so a try may go to the other one.',
].join('\n');

/** Cells that show what each does about a loss. */
const TELLING: readonly { readonly title: string; readonly path: string; readonly edns: number }[] = [
  { title: 'Fragments dropped, EDNS 4096', path: 'frag', edns: 4096 },
  { title: 'Fragments and TCP dropped, EDNS 4096', path: 'frag+tcp53', edns: 4096 },
  { title: 'TCP dropped, EDNS 1232', path: 'tcp53', edns: 1232 },
  { title: 'TCP reset, EDNS 1232', path: 'tcp53-rst', edns: 1232 },
  { title: 'Packets above 1280 octets dropped, EDNS 1232', path: 'mtu1280', edns: 1232 },
];

function tries({ cells, findings }: LabRun): string[] {
  return TELLING.flatMap(({ title, path, edns }) => {
    const telling = cells.filter((cell) => cell.path === path && cell.edns === edns && cell.size === 4096);
    const rows = telling.map(({ resolver, family, run }) => [
      resolver,
      `IPv${family}`,
      triesOf(findings.rowsOf(run)) || 'none',
    ]);
    return rows.length === 0
      ? []
      : [`### ${title}, 4096 octets`, markdownTable(['resolver', 'IP', 'tries'], rows)];
  });
}
