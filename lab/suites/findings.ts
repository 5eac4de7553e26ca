/** What the suites about keys hand on: text for people, one JSON document, and their section of the page of results. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Lab } from '../contract.ts';
import { keepRows } from '../keep-rows.ts';
import { versionsOf } from '../versions.ts';
import type { SuiteOptions } from './options.ts';

const PAGE = join('docs', 'key-roll-results.md');
const HEAD = `# Key rolls, sentinels, broken zones: results of the lab

Written by \`npm run lab -- --suite NAME --results\`; do not edit. What the lab is: [lab/README.md](../lab/README.md).
`;

export interface SuiteFindings {
  /** Names the section. */
  readonly title: string;
  /** For a terminal. */
  readonly text: string;
  /** Markdown below the title. */
  readonly markdown: string;
  /** Of the findings, in JSON. */
  readonly document: object;
  /** What is not as expected, one line each. */
  readonly faults: readonly string[];
}

/** Says all of it, and writes what the options want while the lab still stands. @returns exit status */
export async function publishFindings(
  lab: Lab,
  { title, text, markdown, document, faults }: SuiteFindings,
  { json, rows, results }: Pick<SuiteOptions, 'json' | 'rows' | 'results'>,
  software: readonly string[],
): Promise<number> {
  const end = faults.length === 0 ? 'all as expected' : `${faults.length} not as expected`;
  console.log([text, ...faults.map((fault) => `! ${fault}`), end].join('\n\n'));
  const versions = versionsOf(software);
  if (json !== undefined)
    writeFileSync(resolve(json), `${JSON.stringify({ versions, faults, ...document }, null, 1)}\n`);
  if (rows !== undefined) await keepRows(lab, rows);
  if (results) {
    const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    const when = `Run on ${new Date().toISOString().slice(0, 10)}: ${end}. Versions: ${programs.join(', ')}.`;
    const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : HEAD;
    writeFileSync(PAGE, withSection(page, title, [when, markdown].join('\n\n')));
  }
  return faults.length === 0 ? 0 : 1;
}

/** The page with the section of that title replaced, or added as the last one. */
export function withSection(page: string, title: string, content: string): string {
  const section = `## ${title}\n\n${content.trim()}\n`;
  const [head = '', ...sections] = page.split(/^(?=## )/m);
  const at = sections.findIndex((one) => one.startsWith(`## ${title}\n`));
  const all = at < 0 ? [...sections, section] : sections.with(at, section);
  return [head, ...all].map((part) => `${part.trimEnd()}\n`).join('\n');
}
