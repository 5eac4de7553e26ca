/** The section of docs/verdicts.md on key rolls says what the tables in the code say. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keyMembers } from '../../../src/export/key-roll.ts';
import { findKeys } from '../../../src/observe/key-findings.ts';
import { ROLL_CLASSES } from '../../../src/observe/key-roll/roll-class.ts';
import type { RollRule } from '../../../src/observe/key-roll/roll-rule.ts';
import { ROLL_RULES } from '../../../src/observe/key-roll/roll-rules.ts';
import { REPLICA_CLASSES } from '../../../src/observe/replica-trials.ts';
import { SENTINEL_CLASSES } from '../../../src/observe/sentinel.ts';
import { observation, RUN } from '../rows.ts';
import { AFTER, unboundFollows } from './rolls.ts';

const page = readFileSync('docs/verdicts.md', 'utf8');
const section = page.slice(page.indexOf('\n## Key rolls\n'), page.indexOf('\n## Population\n'));

/** The lines of the table that begins with these headings. */
function tableOf(head: string, after = ''): string[] {
  const from = section.indexOf(`\n${head}\n`, section.indexOf(after));
  expect(from, head).toBeGreaterThan(-1);
  const [, ...lines] = section
    .slice(from + 1)
    .split('\n\n')[0]!
    .trimEnd()
    .split('\n');
  return lines.slice(1);
}

function fieldsAfter(text: string): string[] {
  return tableOf('| field | what |', text)
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!))
    .sort();
}

it('lists every class, its word and its meaning', () => {
  expect(tableOf('| class | in words | meaning |')).toEqual(
    Object.entries(ROLL_CLASSES).map(([name, { word, meaning }]) => `| \`${name}\` | ${word} | ${meaning} |`),
  );
});

it('lists every rule in order, its class, when it holds, and how sure it is', () => {
  const rules = (ROLL_RULES as readonly RollRule[]).map(
    ({ name, class: found, when, confidence, unless }) =>
      `| \`${name}\` | \`${found}\` | ${when} | ${unless === undefined ? confidence : `${confidence}; ${unless}`} |`,
  );
  expect(tableOf('| rule | class | holds when | confidence |')).toEqual(rules);
});

it('lists the classes of sentinels with their words', () => {
  expect(tableOf('| sentinel | word | meaning |')).toEqual(
    Object.entries(SENTINEL_CLASSES).map(
      ([name, { word, meaning }]) => `| \`${name}\` | \`${word}\` | ${meaning} |`,
    ),
  );
});

it('lists the classes of replicas with their meanings', () => {
  expect(tableOf('| class | the last trial that shows anything |')).toEqual(
    Object.entries(REPLICA_CLASSES).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
  );
});

it('explains every member and no other', () => {
  const rows = [
    ...unboundFollows(),
    observation({ behavior: 'sentinel', run: RUN, qtype: 1, qname: 'root-key-sentinel-is-ta-38696.n0.a.' }),
    observation({ behavior: 'replica', qtype: 48, size: 1425, run: RUN, zone: 'k20270111-n0-g0.a.' }),
    observation({ behavior: 'error-report', zone: 'er.a.', qname: '_er.1.a.6._er.er.a.' }),
  ];
  const { keyRoll, sentinels, replicas, errorReports } = keyMembers(findKeys(rows, AFTER));
  const membersOf = (value: unknown) => Object.keys(value as object).sort();
  expect(fieldsAfter('Members of `keyRoll`')).toEqual(membersOf(keyRoll[0]));
  const { phases } = keyRoll[0] as unknown as { phases: readonly unknown[] };
  expect(fieldsAfter('Members of `phases`')).toEqual(membersOf(phases[0]));
  expect(fieldsAfter('Members of `sentinels`')).toEqual(membersOf(sentinels[0]));
  expect(fieldsAfter('Members of `replicas`')).toEqual(membersOf(replicas[0]));
  expect(fieldsAfter('Members of `errorReports`')).toEqual(membersOf(errorReports[0]));
});
