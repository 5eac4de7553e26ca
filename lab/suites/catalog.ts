/** Suite `catalog`: the zones that are broken on purpose through every resolver, against what a validator should do (RFC 4035 §5). */
import { resolve } from 'node:path';
import { type CaseFile, GROUPS, readCaseFiles } from '../../src/zone/broken/case-file.ts';
import {
  judge,
  OUTCOMES,
  type Outcome,
  outcomeOf,
  outcomesIn,
  rightOutcomes,
  VALIDATORS,
  type Validator,
} from '../../src/zone/broken/outcome.ts';
import type { Lab, LabResolver } from '../contract.ts';
import { alignColumns, markdownTable } from '../table.ts';
import { Turns } from '../turns.ts';
import { openLab } from '../world.ts';
import { publishFindings, type SuiteFindings } from './findings.ts';
import { keyUsage, parseSuiteOptions } from './options.ts';
import type { Suite } from './suite.ts';

const FOLDER = resolve('zones', 'broken');
/** Label of the zone that they are cut out of. */
const PARENT = 'broken';
/** Rows in the table of resolvers: a forwarder would say what the validator behind it says. */
const SOFTWARE: Readonly<Record<Validator, string>> = {
  unbound: 'unbound',
  bind: 'bind',
  knot: 'knot',
  powerdns: 'powerdns',
  dnsmasq: 'dnsmasq-validating',
};
const NAMES = VALIDATORS.map((validator) => SOFTWARE[validator]);
/** Questions to one resolver at the same time. */
const AT_ONCE = 4;
/** A client that waits longer has no use for the answer. */
const PATIENCE = '+timeout=10';

export const catalog: Suite = {
  name: 'catalog',
  summary: 'zones that are broken on purpose: what each resolver makes of them',
  usage: keyUsage(),

  async run(args) {
    const options = parseSuiteOptions(args, NAMES);
    const cases = inOrder(await readCaseFiles(FOLDER));
    const lab = await openLab();
    try {
      const findings = await askAll(lab, cases, options.resolvers);
      return await publishFindings(lab, findings, options, options.resolvers);
    } finally {
      await lab.close();
    }
  },
};

/** By group, those that fail in transport last: a resolver leaves a server alone that failed it. */
function inOrder(cases: readonly CaseFile[]): CaseFile[] {
  return [...cases].sort((one, other) => GROUPS.indexOf(one.group) - GROUPS.indexOf(other.group));
}

/** `fits`: as the rules want. `known`: against them, and as this software is known to do. `differs`: neither. */
type Fit = 'fits' | 'known' | 'differs';

interface Cell {
  readonly resolver: string;
  readonly outcome: Outcome;
  readonly fit: Fit;
}

interface Row {
  readonly one: CaseFile;
  readonly cells: readonly Cell[];
}

async function askAll(
  lab: Lab,
  cases: readonly CaseFile[],
  names: readonly string[],
): Promise<SuiteFindings> {
  const columns = await Promise.all(
    names.map(async (resolver) => {
      const opened = await lab.open({ resolver, edns: 'default', path: 'clean', family: 'any' });
      return askCases(opened, resolver, cases, lab.origin);
    }),
  );
  const rows = cases.map((one, index) => ({ one, cells: columns.map((cells) => cells[index]!) }));
  const headings = ['case', 'group', 'expected', ...names];
  const table = rows.map(({ one, cells }) => [
    one.label,
    one.group,
    expectedText(one),
    ...cells.map(({ outcome, fit }) => `${LETTERS[outcome]}${MARKS[fit]}`),
  ]);
  return {
    title: 'Catalog of broken zones',
    text: [alignColumns([headings, ...table]).join('\n'), LEGEND].join('\n\n'),
    markdown: [LEGEND, markdownTable(headings, table), ...notes(rows)].join('\n\n'),
    document: {
      cases: rows.map(({ one: { label, group, expect, accepts, known }, cells }) => ({
        label,
        group,
        expect,
        accepts,
        known,
        outcomes: Object.fromEntries(cells.map(({ resolver, outcome }) => [resolver, outcome])),
      })),
    },
    faults: rows.flatMap(({ one, cells }) =>
      cells.flatMap(({ resolver, outcome, fit }) =>
        fit === 'differs' ? [`${one.label} through ${resolver}: ${outcome}, want ${expectedText(one)}`] : [],
      ),
    ),
  };
}

/** One after the other where a failure of transport could color the next. */
async function askCases(
  resolver: LabResolver,
  name: string,
  cases: readonly CaseFile[],
  origin: string,
): Promise<Cell[]> {
  const turns = new Turns(AT_ONCE);
  const ask = (one: CaseFile) => turns.take(() => askCase(resolver, name, one, origin));
  const quick = await Promise.all(cases.filter(({ group }) => group !== 'transport').map(ask));
  const slow: Cell[] = [];
  for (const one of cases.filter(({ group }) => group === 'transport')) slow.push(await ask(one));
  return [...quick, ...slow];
}

async function askCase(resolver: LabResolver, name: string, one: CaseFile, origin: string): Promise<Cell> {
  const { name: below, type } = one.asks;
  const asked = `${below}.${one.label}.${PARENT}.${origin}`;
  const { status, flags } = await resolver.dig({ name: asked, type, args: ['+dnssec', PATIENCE] });
  const validator = VALIDATORS.find((each) => SOFTWARE[each] === name)!;
  const reply = { rcode: status === 'TIMEOUT' ? undefined : status, ad: flags.has('ad') };
  return { resolver: name, outcome: outcomeOf(reply, one.rcode), fit: fitOf(one, reply, validator) };
}

function fitOf(one: CaseFile, reply: Parameters<typeof judge>[1], validator: Validator): Fit {
  const { outcome, verdict } = judge(one, reply);
  if (verdict === 'expected') return 'fits';
  return outcomesIn(one, validator).includes(outcome) ? 'known' : 'differs';
}

const expectedText = (one: CaseFile) =>
  one.expect === 'varies' ? rightOutcomes(one).join(' or ') : one.expect;

const LETTERS: Readonly<Record<Outcome, string>> = {
  secure: 'AD',
  insecure: 'ok',
  servfail: 'SF',
  timeout: 'T',
  other: '?',
};
const MARKS: Readonly<Record<Fit, string>> = { fits: '', known: ' ~', differs: ' !' };
const LEGEND = `${OUTCOMES.map((outcome) => `\`${LETTERS[outcome]}\` ${outcome}`).join(', ')}. \`~\` is against the rules and known of this software, \`!\` is neither.`;

function notes(rows: readonly Row[]): string[] {
  const known = rows.filter(({ cells }) => cells.some(({ fit }) => fit === 'known'));
  if (known.length === 0) return [];
  const lines = known.map(({ one, cells }) => {
    const who = cells
      .filter(({ fit }) => fit === 'known')
      .map(({ resolver, outcome }) => `${resolver} ${outcome}`);
    return `- \`${one.label}\` (${one.summary}): ${who.join(', ')}; the rules want ${expectedText(one)}. ${one.notes ?? ''}`.trimEnd();
  });
  return ['Known differences:', lines.join('\n')];
}
