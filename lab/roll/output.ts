/** Tables of a roll: who followed, in which phase, and when. */
import { ROLL_PHASES, type RollPhase } from '../../src/zone/roll/phase.ts';
import { alignColumns, markdownTable } from '../table.ts';
import { type JudgedRoll, statesText } from './judge.ts';
import { keyTagOf, type Rehearsal } from './rehearsal.ts';
import type { Sight } from './watch.ts';

const HEADINGS = [
  'resolver',
  ...ROLL_PHASES,
  'in hold-down',
  'verdict',
  'K2 seen',
  'K2 trusted',
  'by _ta',
  'K1 gone',
  'by _ta',
  'DNSKEY U/T',
  'anchors at the end',
];

const LEGEND = [
  'In each phase what users got: `AD` validated, `ok` without AD, `SF` SERVFAIL, `T` no reply, with the number of questions.',
  '`in hold-down` is what `padzone report` said a second before its end, when nobody can have taken the new key, `verdict` what it says in the end.',
  'Times in seconds after the start: by the files of the resolver (looked at every 2 s), and by what it told the servers',
  '(`_ta-` names, RFC 8145). DNSKEY fetches over UDP and TCP. SERVFAIL of Knot Resolver at the very beginning: with an empty cache it takes',
  'the DS of the parent, which matches nothing, for some 5 s.',
].join('\n');

export function rollText(rolls: readonly JudgedRoll[], rehearsal: Rehearsal): string {
  return [headline(rehearsal), alignColumns([HEADINGS, ...rowsOf(rolls, rehearsal)]).join('\n')].join('\n\n');
}

export function rollMarkdown(rolls: readonly JudgedRoll[], rehearsal: Rehearsal): string {
  return [
    headline(rehearsal),
    markdownTable(HEADINGS, rowsOf(rolls, rehearsal)),
    LEGEND,
    ...sentences(rolls),
  ].join('\n\n');
}

function headline({ profile, anchor }: Rehearsal): string {
  const times = ROLL_PHASES.flatMap((phase) =>
    phase === 'init' ? [] : `${phase} ${profile.offsets[phase]} s`,
  );
  return `Profile ${profile.name}: ${times.join(', ')}; DNSKEY TTL ${profile.ttl} s. K1 is ${keyTagOf(anchor)}.`;
}

function rowsOf(rolls: readonly JudgedRoll[], rehearsal: Rehearsal): string[][] {
  const oldTag = keyTagOf(rehearsal.anchor);
  return rolls.map(({ participant, watched: { sights, states }, pending, verdict, told, doneAt }) => [
    participant.name,
    ...ROLL_PHASES.map((phase) => countsIn(sights, phase)),
    pending.verdict ?? '-',
    verdict ?? '-',
    seconds(told.newKey),
    seconds(trustedAt(sights, oldTag)),
    seconds(told.both),
    seconds(doneAt),
    seconds(told.fresh),
    `${told.fetches.udp}/${told.fetches.tcp}`,
    statesText(states),
  ]);
}

const seconds = (at: number | undefined) => (at === undefined ? '-' : at.toFixed(1));

/** When another key than the old one was first an anchor. */
export function trustedAt(sights: readonly Sight[], oldTag: number): number | undefined {
  const isTrusted = ([tag, state]: readonly [string, string]) => Number(tag) !== oldTag && state === 'VALID';
  return sights.find(({ states }) => Object.entries(states).some(isTrusted))?.at;
}

function countsIn(sights: readonly Sight[], phase: RollPhase): string {
  const letters = sights.filter((sight) => sight.phase === phase).map(letterOf);
  const kinds = [...new Set(letters)];
  return kinds.map((kind) => `${kind} ${letters.filter((one) => one === kind).length}`).join(' ') || '-';
}

export function letterOf({ status, ad }: Pick<Sight, 'status' | 'ad'>): string {
  if (status === 'NOERROR') return ad ? 'AD' : 'ok';
  return { SERVFAIL: 'SF', TIMEOUT: 'T' }[status] ?? status;
}

function sentences(rolls: readonly JudgedRoll[]): string[] {
  const said = rolls.filter(({ sentence }) => sentence !== '');
  if (said.length === 0) return [];
  return [
    [
      'What `padzone report` says of each:',
      '',
      ...said.map(({ participant, sentence }) => `- ${participant.name}: ${sentence}`),
    ].join('\n'),
  ];
}
