/** THE TABLE of subcommands, in the order of the help. A row's file is loaded only when that subcommand runs. */
import type { Subcommand } from './subcommand.ts';

/** One row. `name` and `summary` are those of the subcommand itself; a test compares them. */
export interface SubcommandRow {
  /** One word, or a group and a word. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Subcommand>;
}

/** What stands behind the first word of two; `padzone config` alone shows it. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: 'Check, show and document the settings',
  keys: 'List, make and import DNSSEC keys',
  roll: 'Rehearse a key roll with zones that roll their key',
};

export const SUBCOMMANDS: readonly SubcommandRow[] = [
  {
    name: 'serve',
    summary: 'Answer queries and keep what they show',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'probe',
    summary: 'Ask for answers of several sizes through a resolver, and say which arrived and what to do next',
    load: async () => (await import('./probe.ts')).probe,
  },
  {
    name: 'selftest',
    summary: 'Ask another node of padzone as a resolver would, to find faults of the server side',
    load: async () => (await import('./selftest.ts')).selftest,
  },
  {
    name: 'report',
    summary: 'Say what each source address can receive, and what to change',
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'verdicts',
    summary: 'Make the verdicts again from exported rows, segments or data directories',
    load: async () => (await import('./verdicts.ts')).verdicts,
  },
  {
    name: 'export',
    summary: 'Write observations for other tools',
    load: async () => (await import('./export.ts')).exportObservations,
  },
  {
    name: 'compact',
    summary: 'Turn closed segments of observations into Parquet, one folder a day',
    load: async () => (await import('./compact.ts')).compact,
  },
  {
    name: 'keys list',
    summary: 'List the signing keys in the key directory',
    load: async () => (await import('./keys.ts')).keysList,
  },
  {
    name: 'keys generate',
    summary: 'Make a signing key for a zone',
    load: async () => (await import('./keys.ts')).keysGenerate,
  },
  {
    name: 'keys import',
    summary: 'Check BIND key files and copy them into the key directory',
    load: async () => (await import('./keys.ts')).keysImport,
  },
  {
    name: 'names',
    summary: 'Print the names that are answered, with options and zones, as Markdown',
    load: async () => (await import('./names.ts')).names,
  },
  {
    name: 'ds',
    summary: 'Print the DS records for the parent zone, or as trust anchors where the zone is the root',
    load: async () => (await import('./ds.ts')).ds,
  },
  {
    name: 'roll anchor',
    summary: 'Print the trust anchor of a zone that will roll its key, a fresh one unless you name it',
    load: async () => (await import('./roll.ts')).rollAnchor,
  },
  {
    name: 'roll status',
    summary: 'Say where a zone that rolls its key stands: phase, keys, next change',
    load: async () => (await import('./roll.ts')).rollStatus,
  },
  {
    name: 'roll calendar',
    summary: 'List the zones that roll by the clock and by the calendar, and what comes next in each',
    load: async () => (await import('./roll.ts')).rollCalendar,
  },
  {
    name: 'roll replicas',
    summary: "List the replicas of the root's DNSKEY answer: days, keys, octets",
    load: async () => (await import('./roll/replicas.ts')).rollReplicas,
  },
  {
    name: 'config check',
    summary: 'Print every problem and warning of the settings',
    load: async () => (await import('./config.ts')).configCheck,
  },
  {
    name: 'config show',
    summary: 'Print the settings in force, as a settings file',
    load: async () => (await import('./config.ts')).configShow,
  },
  {
    name: 'config docs',
    summary: 'Print the page that documents every setting',
    load: async () => (await import('./config.ts')).configDocs,
  },
];
