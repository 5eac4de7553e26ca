/** Suite `replicas`: the root's DNSKEY answers of past and coming years through every resolver, and over paths without TCP. */
import type { Observation } from '../../src/observe/observation.ts';
import { parseName } from '../../src/wire/name.ts';
import { COMPOSITIONS } from '../../src/zone/replica/composition.ts';
import { type ReplicaRow, replicaRows } from '../../src/zone/replica/page.ts';
import type { EdnsSetting, Lab, LabResolver } from '../contract.ts';
import type { Add } from '../resolvers/resolver.ts';
import { RESOLVERS } from '../resolvers/table.ts';
import { letterOf } from '../roll/output.ts';
import { alignColumns, markdownTable } from '../table.ts';
import { openLab } from '../world.ts';
import { publishFindings, type SuiteFindings } from './findings.ts';
import { keyUsage, parseSuiteOptions } from './options.ts';
import type { Suite } from './suite.ts';

const DNSKEY = 48;
/** What a COOKIE adds to an answer (RFC 7873 §4): its option with both halves. */
const COOKIE_OCTETS = 28;
/** A resolver that gets no keys goes on for longer than anybody waits. */
const PATIENCE = '+timeout=8';

/** A trial is minted for one prefix: keys that are asked for over the other IP version come as to a stranger. */
const IPV4_ONLY: Add = () => ({ lines: '', isIpv4Only: true });

interface Column {
  readonly edns: EdnsSetting;
  readonly path: string;
  /** Labels of the replicas asked for; all where absent. */
  readonly only?: readonly string[];
}

/** Where answers pass, and where TCP does not: a steady state, a new key, a revoked one. */
const COLUMNS: readonly Column[] = [
  { edns: 4096, path: 'clean' },
  { edns: 1232, path: 'clean' },
  { edns: 1232, path: 'tcp53', only: ['k1k1z', 'k2k1z', 'k2kr1z'] },
];

export const replicas: Suite = {
  name: 'replicas',
  summary: "the root's DNSKEY answers: octets as sent, and who gets them",
  usage: keyUsage(),

  async run(args) {
    const options = parseSuiteOptions(
      args,
      RESOLVERS.map(({ name }) => name),
    );
    const lab = await openLab();
    try {
      const findings = await askAll(lab, options.resolvers);
      return await publishFindings(lab, findings, options, options.resolvers);
    } finally {
      await lab.close();
    }
  },
};

/** One replica through one resolver. */
interface Trial {
  readonly replica: ReplicaRow;
  readonly resolver: string;
  readonly edns: EdnsSetting;
  readonly path: string;
  readonly status: string;
  readonly ad: boolean;
  /** Addresses that its resolver asked from. */
  readonly sources: readonly string[];
  /** Answers to DNSKEY of the zone that was minted for it. */
  readonly answers: readonly Answer[];
}

interface Answer {
  readonly proto: string;
  /** Without the COOKIE. */
  readonly octets: number;
  readonly tc: boolean;
}

async function askAll(lab: Lab, names: readonly string[]): Promise<SuiteFindings> {
  const known = new Set(COMPOSITIONS.map(({ label }) => label));
  const rows = replicaRows(parseName(lab.origin)).filter(({ label }) => known.has(label));
  const asked = await Promise.all(
    names.flatMap((name) =>
      COLUMNS.map(async ({ edns, path, only }) => {
        const resolver = await lab.open({ resolver: name, edns, path, family: 4 }, IPV4_ONLY);
        const trials: Omit<Trial, 'answers'>[] = [];
        for (const replica of rows.filter(({ label }) => only?.includes(label) ?? true))
          trials.push({
            replica,
            resolver: name,
            edns,
            path,
            ...(await askTrial(resolver, replica, lab)),
          });
        return trials;
      }),
    ),
  );
  const answersOf = keyAnswers(await lab.rows());
  return findingsOf(
    rows,
    asked.flat().map((trial) => ({ ...trial, answers: answersOf(trial) })),
  );
}

async function askTrial(resolver: LabResolver, { label }: ReplicaRow, { origin }: Lab) {
  const name = `trial-${label}.${origin}`;
  const { status, flags } = await resolver.dig({ name, type: 'TXT', args: ['+dnssec', PATIENCE] });
  return { status, ad: flags.has('ad'), sources: resolver.sources };
}

/** Answers to DNSKEY of the zones that were minted for a trial: each resolver has addresses of its own. */
function keyAnswers(rows: readonly Observation[]): (trial: Pick<Trial, 'replica' | 'sources'>) => Answer[] {
  const fetches = rows.filter(({ qtype, edns_do }) => qtype === DNSKEY && edns_do);
  return ({ replica, sources }) =>
    fetches
      .filter(({ src, zone }) => sources.includes(src) && zone.startsWith(`${replica.label}-n`))
      .map(({ proto, res_len, tc, cookie }) => ({
        proto,
        octets: res_len - (cookie === 'none' ? 0 : COOKIE_OCTETS),
        tc,
      }));
}

/** Fits into a datagram at what the resolver offers, so that no TCP is needed. */
const fits = ({ trialOctets }: ReplicaRow, edns: EdnsSetting) =>
  trialOctets <= (edns === 'default' ? 1232 : edns);

function findingsOf(rows: readonly ReplicaRow[], trials: readonly Trial[]): SuiteFindings {
  const columns = [...new Set(trials.map(columnText))];
  const headings = ['replica', 'root', 'trial', 'as sent', ...columns];
  const table = rows.map((replica) => {
    const own = trials.filter((trial) => trial.replica === replica);
    return [
      replica.label,
      String(replica.rootOctets),
      String(replica.trialOctets),
      [...new Set(own.flatMap(wholeOctets))].join(' '),
      ...columns.map((column) =>
        own
          .filter((trial) => columnText(trial) === column)
          .map(cellText)
          .join(),
      ),
    ];
  });
  return {
    title: "Replicas of the root's DNSKEY answers",
    text: [alignColumns([headings, ...table]).join('\n'), LEGEND].join('\n\n'),
    markdown: [LEGEND, markdownTable(headings, table)].join('\n\n'),
    document: { trials: trials.map(({ replica, ...rest }) => ({ replica: replica.label, ...rest })) },
    faults: trials.flatMap((trial) =>
      faultsOf(trial).map((fault) => `${trial.replica.label}, ${columnText(trial)}: ${fault}`),
    ),
  };
}

const LEGEND =
  'Octets of the answer to DNSKEY: at the root, as meant for the zone of a trial, and as the servers sent it (without COOKIE). Behind each resolver its EDNS size, `-` where TCP to port 53 is dropped: `AD`, `ok` or `SF` at the client, and over what the keys came, U or T.';

const columnText = ({ resolver, edns, path }: Trial) => `${resolver} ${edns}${path === 'tcp53' ? '-' : ''}`;

const wholeOctets = ({ answers }: Trial) => answers.flatMap(({ tc, octets }) => (tc ? [] : [octets]));

function cellText(trial: Trial): string {
  const ways = trial.answers.flatMap(({ tc, proto }) => (tc ? [] : [proto === 'udp' ? 'U' : 'T']));
  return `${letterOf(trial)} ${[...new Set(ways)].join('') || '-'}`;
}

function faultsOf(trial: Trial): string[] {
  const { replica, path, edns, status, ad } = trial;
  const whole = wholeOctets(trial);
  const wrong = whole.filter((octets) => octets !== replica.trialOctets);
  const passes = path === 'clean' || fits(replica, edns);
  const isSecure = status === 'NOERROR' && ad;
  return [
    ...(passes && whole.length === 0 ? ['no answer to DNSKEY left whole'] : []),
    ...[...new Set(wrong)].map((octets) => `DNSKEY of ${octets} octets, meant ${replica.trialOctets}`),
    ...(isSecure === passes
      ? []
      : [`${status}${ad ? ' with AD' : ''}, want ${passes ? 'NOERROR with AD' : 'a failure'}`]),
  ];
}
