/** docs/verdicts.md says what the tables in the code say. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatReportJson } from '../../src/export/report.ts';
import { OVERLAYS } from '../../src/observe/overlay.ts';
import { buildReport } from '../../src/observe/report.ts';
import { VERDICT_CLASSES } from '../../src/observe/verdict-class.ts';
import type { Rule } from '../../src/observe/verdict-rule.ts';
import { RULES } from '../../src/observe/verdict-rules.ts';
import type { Events } from '../../src/store/events.ts';
import { fleetRows } from '../observe/fleet.ts';
import { observation, START, story } from '../observe/rows.ts';

const page = readFileSync('docs/verdicts.md', 'utf8');

/** The lines of the table that follows a line of text. */
function tableAfter(text: string): string[] {
  const from = page.indexOf(text);
  expect(from, text).toBeGreaterThan(-1);
  const [, , ...lines] = page
    .slice(page.indexOf('\n|', from) + 1)
    .split('\n\n')[0]!
    .trimEnd()
    .split('\n');
  return lines;
}

/** The names in the first column. */
function fieldsAfter(text: string): string[] {
  return tableAfter(text).flatMap((line) =>
    [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  );
}

it('lists every class, its outcome and its meaning', () => {
  const classes = Object.entries(VERDICT_CLASSES).map(
    ([name, { outcome, meaning }]) => `| \`${name}\` | ${outcome} | ${meaning} |`,
  );
  expect(tableAfter('## Classes')).toEqual(classes);
});

it('lists every rule in order, its class, when it holds, and how sure it is', () => {
  const rules = (RULES as readonly Rule[]).map(({ name, class: verdict, when, confidence, unless }) => {
    const sure = unless === undefined ? confidence : `${confidence}; ${unless}`;
    return `| \`${name}\` | \`${verdict}\` | ${when} | ${sure} |`;
  });
  expect(tableAfter('## Rules')).toEqual(rules);
});

it('lists every overlay in order, and when it is seen', () => {
  expect(tableAfter('## Overlays')).toEqual(OVERLAYS.map(({ name, when }) => `| \`${name}\` | ${when} |`));
});

it('explains every field of the JSON document and no other', () => {
  const climb = observation({ seq: 999, step: 'ladder', proven: 512, run: '0123456789ab' });
  const farm = story({ size: 512, run: '000000000001' }).gate(9, { src: '192.0.2.99', seq: 998 });
  const manner = { cookie: 'valid' } as const;
  const rows = [...fleetRows(), climb, farm].map((row) => ({ ...row, ...manner }));
  const report = buildReport(rows, START + 7_200_000);
  const span = { first_at: START, last_at: START };
  const events: Events = {
    path_events: [{ source: '', kind: '', count: 1, mtu: null, from: null, ...span }],
    floods: [{ network: '', action: '', step: '', count: 1, ...span }],
    losses: [{ node: '', reason: 'disk', count: 1, ...span }],
  };
  const counters = { rows: 1, duplicates: 0, torn: 0 };
  const fleet = { configured: 1, unread: 0, nodes: [] };
  const document = { ...report, generatedAt: START, filter: {}, counters, place: '', fleet, events };
  const json = JSON.parse([...formatReportJson(document)].join(''));
  expect(fieldsAfter('## Fields')).toEqual(Object.keys(json));
  expect(fieldsAfter('Members of `rows`').sort()).toEqual(Object.keys(json.rows[0]).sort());
  expect(fieldsAfter('Members of `verdicts`').sort()).toEqual(Object.keys(json.verdicts[0]).sort());
  for (const list of ['ladder', 'limits', 'farms', 'software', 'path_events', 'floods', 'losses']) {
    const [, members] = tableAfter('## Fields')
      .find((line) => line.startsWith(`| \`${list}\``))!
      .split(`${list}\` | `);
    expect(members!.match(/`\w+`/g)!.slice(0, Object.keys(json[list][0]).length).sort()).toEqual(
      Object.keys(json[list][0])
        .map((name) => `\`${name}\``)
        .sort(),
    );
  }
});
