/** Sentinels and replicas of the root's keys: short blocks of a report for people, 80 columns wide, that stand before its tables. */
import { groupBy } from '../observe/group.ts';
import type { KeyFindings } from '../observe/key-findings.ts';
import { NEW_KSK, OLD_KSK } from '../observe/ksk.ts';
import type { ReplicaFinding } from '../observe/replica-trials.ts';
import { type EndResult, OTHER_ROOT, SENTINEL_CLASSES } from '../observe/sentinel.ts';
import { latestSentinels, type SentinelFinding, type SentinelState } from '../observe/sentinel-runs.ts';
import { capital } from '../observe/telling-words.ts';
import { plural } from '../observe/words.ts';
import { wrap } from './wrap.ts';

/** What people are shown of each list, and of sources in one line; programs get all. */
const MOST_SHOWN = 40;
const MOST_NAMED = 8;

/** Blocks of lines; none where there is nothing to say. @param isAdvising false where a list of what to do follows */
export function rootKeyBlocks({ sentinels, replicas }: KeyFindings, isAdvising = true): string[] {
  const blocks = [sentinelBlock(sentinels), replicaBlock(replicas)];
  return blocks.flatMap((lines) => {
    const shown = lines.filter(({ isAdvice }) => isAdvising || !isAdvice);
    return shown.length === 0 ? [] : [shown.map(({ text }) => text).join('\n')];
  });
}

interface Line {
  readonly text: string;
  readonly isAdvice?: true;
}

function adviceLine(advice: string | null): Line[] {
  return advice === null ? [] : [{ text: wrap(advice, '    > ', '      '), isAdvice: true }];
}

function sentinelBlock(found: readonly SentinelFinding[]): Line[] {
  if (found.length === 0) return [];
  const oldKeyOf = indexOldKey(found);
  const alike = groupBy(latestSentinels(found), ({ latest, before }) =>
    [latest.tag, latest.class, latest.advice, oldKeyOf(latest), ...before].join(' '),
  );
  const states = [...alike.values()].sort((a, b) => Number(isFine(a)) - Number(isFine(b)));
  return [
    {
      text: wrap(
        'Keys of the root, by sentinels (RFC 8509). That a name was refused is inferred: the client went on without it.',
      ),
    },
    ...states.slice(0, MOST_SHOWN).flatMap((own) => stateLines(own, oldKeyOf)),
    ...more(states.length - MOST_SHOWN),
    ...unjudged(found),
  ];
}

function isFine(own: readonly SentinelState[]): boolean {
  return own.every(({ latest }) => latest.advice === null);
}

/** @param own sources of which the same is known; @param oldKeyOf what became of the name for the key before */
function stateLines(own: readonly SentinelState[], oldKeyOf: OldKey): Line[] {
  const { latest, before } = own[0]!;
  const runs = own.reduce((sum, each) => sum + each.runs, 0);
  const named = own.slice(0, MOST_NAMED).map(({ source }) => source);
  const who = `${named.join(', ')}${own.length > MOST_NAMED ? ` and ${own.length - MOST_NAMED} more` : ''}`;
  const past = before.length === 0 ? '' : ` Before: ${before.join(', ')}.`;
  const meaning = capital(SENTINEL_CLASSES[latest.class!].meaning);
  const old = oldKeyOf(latest);
  const word = latest.class === 'Vold' && old === 'servfail' ? OTHER_ROOT : latest.word;
  return [
    {
      text: wrap(
        `${who}: ${latest.tag} ${word} (${latest.class}, ${plural(runs, 'run')}). ${meaning}${oldKeyText(latest, old)}.${past}`,
        isFine(own) ? '  ' : '! ',
        '    ',
      ),
    },
    ...adviceLine(latest.advice),
  ];
}

/** What became of the name with is-ta of the key before, where it was asked for in the same run and sentinels are known. */
type OldKey = (of: SentinelFinding) => EndResult | undefined;

function indexOldKey(found: readonly SentinelFinding[]): OldKey {
  const old = new Map(
    found.flatMap(({ tag, run, is_ta }) => (tag === OLD_KSK.tag ? [[run, is_ta] as const] : [])),
  );
  return ({ tag, run, class: name }) =>
    tag === NEW_KSK.tag && (name === 'Vnew' || name === 'Vold') ? (old.get(run) ?? undefined) : undefined;
}

/** Half a sentence. */
function oldKeyText({ class: name }: SentinelFinding, result: EndResult | undefined): string {
  if (result === 'answer')
    return name === 'Vold' ? `, but it trusts ${OLD_KSK.tag}` : `, and ${OLD_KSK.tag} as well`;
  if (result !== 'servfail') return '';
  return name === 'Vold'
    ? `, nor ${OLD_KSK.tag}: it has an anchor for this domain, or a root of its own`
    : `, and no more ${OLD_KSK.tag}`;
}

/** Said once: most such runs are a few lines of dig. */
function unjudged(found: readonly SentinelFinding[]): Line[] {
  const runs = [...groupBy(found, ({ run }) => run).values()];
  const open = runs.filter((own) => own.every(({ class: name }) => name === null)).length;
  if (open === 0) return [];
  return [
    {
      text: wrap(
        `${plural(open, 'more run')} cannot be judged from here: one of the names was not asked for, or nobody came back with the name in a text, as with dig by hand. What dig itself got does tell; \`padzone probe\` asks all of it.`,
        '  ',
        '  ',
      ),
    },
  ];
}

function replicaBlock(found: readonly ReplicaFinding[]): Line[] {
  if (found.length === 0) return [];
  const shown = found.filter(({ is_sure }) => is_sure);
  const failing = shown.filter(isUrgent);
  const lines = [...failing, ...shown.filter((each) => !isUrgent(each))].slice(0, MOST_SHOWN);
  const forged = found.length - shown.length;
  return [
    {
      text: wrap(
        "DNSKEY of the root's size, by trials of replicas. Who does not validate never asks for DNSKEY there.",
      ),
    },
    ...lines.flatMap(({ source, sentence, advice, ...each }, at) => [
      { text: wrap(`${source}: ${sentence}`, isUrgent(each) ? '! ' : '  ', '    ') },
      ...(isSaidNext({ source, advice }, lines[at + 1]) ? [] : adviceLine(advice)),
    ]),
    ...more(shown.length - MOST_SHOWN),
    ...(forged === 0
      ? []
      : [
          {
            text: wrap(
              `${plural(forged, 'more line')}, of sources that anybody may have made up; see --json`,
              '  ',
              '  ',
            ),
          },
        ]),
  ];
}

type Advised = Pick<ReplicaFinding, 'source' | 'advice'>;

function isSaidNext({ source, advice }: Advised, next: Advised | undefined): boolean {
  return next?.source === source && next.advice === advice;
}

function isUrgent({ class: name }: Pick<ReplicaFinding, 'class'>): boolean {
  return name === 'FAILS';
}

function more(left: number): Line[] {
  return left <= 0 ? [] : [{ text: `  and ${plural(left, 'more line')}; see --json` }];
}
