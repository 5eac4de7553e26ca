/** Suite `sentinel`: what each resolver answers for and against a key of the root (RFC 8509). */
import { randomBytes } from 'node:crypto';
import { classifySentinel, type SentinelClass } from '../../src/observe/sentinel.ts';
import { judgeSentinels } from '../../src/observe/sentinel-runs.ts';
import { formatRun } from '../../src/zone/test-name.ts';
import { readAnchor } from '../../test/support/resolvers/anchor.ts';
import type { Lab, LabResolver } from '../contract.ts';
import { alignColumns, markdownTable } from '../table.ts';
import { openLab } from '../world.ts';
import { publishFindings, type SuiteFindings } from './findings.ts';
import { keyUsage, parseSuiteOptions } from './options.ts';
import type { Suite } from './suite.ts';

interface Asked {
  readonly name: string;
  /** Name in the table of resolvers. */
  readonly software: string;
  /** For a key that is an anchor, and for one that is none. */
  readonly loaded: SentinelClass;
  readonly unknown: SentinelClass;
}

const ASKED: readonly Asked[] = [
  { name: 'unbound', software: 'unbound', loaded: 'Vnew', unknown: 'Vold' },
  { name: 'bind', software: 'bind', loaded: 'Vnew', unknown: 'Vold' },
  { name: 'knot', software: 'knot', loaded: 'Vnew', unknown: 'Vold' },
  { name: 'powerdns', software: 'powerdns', loaded: 'Vind', unknown: 'Vind' },
  // It knows nothing of RFC 8509.
  { name: 'dnsmasq-validating', software: 'dnsmasq-validating', loaded: 'Vind', unknown: 'Vind' },
  // It hands on what the Unbound behind it says.
  { name: 'dnsmasq-forwarding', software: 'dnsmasq', loaded: 'Vnew', unknown: 'Vold' },
  { name: 'unbound-open', software: 'unbound-open', loaded: 'nonV', unknown: 'nonV' },
];

/** KSK-2024 and KSK-2017; the root of the lab has another key. */
const ROOT_TAGS = [38696, 20326];

export const sentinel: Suite = {
  name: 'sentinel',
  summary: 'RFC 8509: what each resolver says of keys of the root',
  usage: keyUsage(),

  async run(args) {
    const names = ASKED.map(({ name }) => name);
    const options = parseSuiteOptions(args, names);
    const chosen = ASKED.filter(({ name }) => options.resolvers.includes(name));
    const lab = await openLab();
    try {
      const findings = await askAll(lab, chosen);
      return await publishFindings(lab, findings, options, [
        ...new Set(chosen.map(({ software }) => software)),
      ]);
    } finally {
      await lab.close();
    }
  },
};

/** What one resolver said of one key. */
interface Answered {
  /** 12 hex digits. */
  readonly run: string;
  readonly tag: number;
  /** RCODE mnemonics. */
  readonly is: string;
  readonly not: string;
  readonly bogus: string;
  readonly class: SentinelClass;
  readonly expected: SentinelClass;
}

async function askAll(lab: Lab, chosen: readonly Asked[]): Promise<SuiteFindings> {
  const loaded = Number(readAnchor(lab.anchors[0] ?? '').ds[0]);
  const all = await Promise.all(
    chosen.map(async (one) => {
      const unit = { resolver: one.software, edns: 'default', path: 'clean', family: 'any' } as const;
      const resolver = await lab.open(unit);
      const answers: Answered[] = [];
      for (const tag of [loaded, ...ROOT_TAGS.filter((other) => other !== loaded)])
        answers.push(await askOf(resolver, lab.origin, tag, tag === loaded ? one.loaded : one.unknown));
      return { name: one.name, answers };
    }),
  );
  const concluded = new Map(judgeSentinels(await lab.rows()).map((finding) => [finding.run, finding.class]));
  const headings = ['resolver', 'key tag', 'is-ta', 'not-ta', 'bogus', 'class', 'by the servers', 'expected'];
  const rows = all.flatMap(({ name, answers }) =>
    answers.map((one) => [
      name,
      one.tag === loaded ? `${one.tag} (loaded)` : String(one.tag),
      one.is,
      one.not,
      one.bogus,
      one.class,
      concluded.get(one.run) ?? '-',
      one.expected,
    ]),
  );
  return {
    title: 'Sentinels of root keys',
    text: alignColumns([headings, ...rows]).join('\n'),
    markdown: markdownTable(headings, rows),
    document: { loaded, resolvers: all },
    faults: all.flatMap(({ name, answers }) =>
      answers.flatMap(({ run, tag, class: found, expected }) => [
        ...(found === expected ? [] : [`${name}, ${tag}: ${found}, want ${expected}`]),
        ...(concluded.get(run) === expected
          ? []
          : [`${name}, ${tag}: the servers conclude ${concluded.get(run) ?? 'nothing'}, want ${expected}`]),
      ]),
    ),
  };
}

async function askOf(
  resolver: LabResolver,
  origin: string,
  tag: number,
  expected: SentinelClass,
): Promise<Answered> {
  const run = randomBytes(6).toString('hex');
  const label = formatRun(run);
  const digits = String(tag).padStart(5, '0');
  const is = await askAddress(resolver, `root-key-sentinel-is-ta-${digits}.${label}.${origin}`);
  const not = await askAddress(resolver, `root-key-sentinel-not-ta-${digits}.${label}.${origin}`);
  const bogus = await askAddress(resolver, `live-${label}.bogus.${origin}`);
  // Ends the run: who asks for it has asked for all the others.
  await askAddress(resolver, `live-${label}.${origin}`);
  const found = classifySentinel({ isNew: wordOf(is), notNew: wordOf(not), bogus: wordOf(bogus) });
  return { run, tag, is, not, bogus, class: found, expected };
}

/** A client that got the address asks for the text as well, and follows the name in it. */
async function askAddress(resolver: LabResolver, name: string): Promise<string> {
  const { status } = await resolver.dig({ name, type: 'A' });
  if (status !== 'NOERROR') return status;
  const { texts } = await resolver.ask(name, 5_000);
  const proof = /(v[0-9a-v]{20,}\.[^" ]+)/.exec(texts.join(' '))?.[1];
  if (proof !== undefined) await resolver.ask(proof, 5_000);
  return status;
}

function wordOf(status: string): 'answer' | 'servfail' | 'other' {
  return status === 'NOERROR' ? 'answer' : status === 'SERVFAIL' ? 'servfail' : 'other';
}
