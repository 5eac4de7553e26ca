/** The story of one source for its administrator, 80 columns wide, and as a member of `report --json`. */

import type { Fleet } from '../observe/fleet.ts';
import type { Story, TrialStory } from '../observe/story.ts';
import type { SummaryRow } from '../observe/summary.ts';
import { seconds } from '../observe/telling-words.ts';
import { plural } from '../observe/words.ts';
import { formatCounters, type ReadCounters } from '../store/read.ts';
import { fleetLines } from './fleet.ts';
import { withMember } from './json-member.ts';
import { rollStoryBlocks } from './key-roll.ts';
import { rootKeyBlocks } from './sentinels.ts';
import { sourceLines } from './source-lines.ts';
import { widest, wrap } from './wrap.ts';

export interface ExplainDocument {
  readonly story: Story;
  readonly counters: ReadCounters;
  /** What was read, as `Observations.place`. */
  readonly place: string;
  readonly fleet: Fleet;
}

/** Digits of the times at the edge: `+99.999 s`. */
const TIME_WIDTH = 9;

/** What happened, what follows from it, what is open, and what to do; a block each. */
export function formatStory({ story, counters, place, fleet }: ExplainDocument): string {
  const blocks = [
    [
      headline(story),
      ...fleetLines(
        fleet,
        story.trials.some(({ verdict }) => verdict.rule === 'node-unread'),
      ),
    ].join('\n'),
    ...story.trials.map(trialBlock),
    abilityBlock(story),
    knownBlock(story),
    ...rootKeyBlocks(story.keys, false),
    ...rollStoryBlocks(story.keys),
    adviceBlock(story),
    formatCounters(counters, place),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** The document of `report --json` with the story as one more member at its end: each trial on a line. */
export function withStory(document: Iterable<string>, story: Story): Generator<string> {
  const trials = story.trials.map((trial) => `\n    ${JSON.stringify(memberOf(trial))}`);
  return withMember(document, 'story', [`[${trials.join(',')}\n  ]`]);
}

function memberOf({ verdict, events, alike, alike_since }: TrialStory) {
  const { run, zone, size, options, arm, first_at } = verdict;
  return {
    ...{ run, zone, size, options, arm },
    class: verdict.class,
    first_at: new Date(first_at).toISOString(),
    alike,
    alike_since: alike_since === null ? null : new Date(alike_since).toISOString(),
    events: events.map(({ at, text }) => ({ after_ms: at - first_at, text })),
  };
}

function headline({ source, trials }: Story): string {
  const count = trials.reduce((sum, { alike }) => sum + 1 + alike, 0);
  const counted = count === trials.length ? '' : `, of those alike only the latest in full`;
  return wrap(
    `The story of ${source}: ${plural(count, 'trial')}${counted}. Times are seconds after the first query of a trial. ICMP can be forged: no verdict rests on it alone.`,
  );
}

function trialBlock({ verdict, events, alike, alike_since }: TrialStory): string {
  const { size, zone, options, arm, run, first_at } = verdict;
  const keys = [
    `zone ${zone}`,
    ...(options === '' ? [] : [`options ${options}`]),
    ...(arm === '' || arm === 'default' ? [] : [`arm ${arm}`]),
    ...(run === '' ? [] : [`run ${run}`]),
  ];
  const margin = ' '.repeat(TIME_WIDTH + 2);
  return [
    wrap(`${moment(first_at)} UTC, ${size} octets, ${keys.join(', ')}`, '', '  '),
    ...events.map(({ at, text }) => wrap(text, `${seconds(at - first_at).padStart(TIME_WIDTH)}  `, margin)),
    wrap(
      `${verdict.class} (${verdict.confidence} confidence, rule ${verdict.rule}): ${verdict.sentence}`,
      '  = ',
      '    ',
    ),
    ...verdict.overlays.map(({ sentence }) => wrap(sentence, '  + ', '    ')),
    ...(alike_since === null
      ? []
      : [
          wrap(
            `${alike} more of this size ended so before, since ${moment(alike_since).slice(0, 19)} UTC.`,
            '  + ',
            '    ',
          ),
        ]),
  ].join('\n');
}

function abilityBlock({ report: { rows } }: Story): string {
  if (rows.length === 0) return '';
  const width = widest(rows.map(({ size }) => String(size)));
  const lines = rows.map((row) => {
    const { size, options, arm, ability, reason } = row;
    const keys = [options, arm === 'default' ? '' : arm].filter((key) => key !== '').join(', ');
    const label = `  ${String(size).padStart(width)}  `;
    const text = `${keys === '' ? '' : `(${keys}) `}${ABILITY_WORDS[ability]}: ${reason}${overTcp(row)}.`;
    return wrap(text, label, ' '.repeat(label.length));
  });
  return ['What it can receive over UDP, by octets, and what is missing to decide:', ...lines].join('\n');
}

const ABILITY_WORDS: Readonly<Record<SummaryRow['ability'], string>> = {
  CAN: 'yes',
  CANNOT: 'no',
  FLAKY: 'sometimes',
  UNKNOWN: 'open',
  NEVER_OFFERED: 'not tried',
};

function overTcp({ tcp }: SummaryRow): string {
  return tcp === 0 ? '' : `; over TCP it arrived ${tcp === 1 ? 'once' : `${tcp} times`}`;
}

function knownBlock({ report }: Story): string {
  const { software } = report;
  const lines = sourceLines(report).map((line) => wrap(line, '  ', '    '));
  const manner =
    software === undefined
      ? wrap('its software: the manner of its queries does not tell', '  ', '    ')
      : wrap(software.because, '    ', '    ');
  return ['What else shows:', ...lines, manner].join('\n');
}

function adviceBlock({ report: { advice } }: Story): string {
  const lines = advice.map(({ text, isUrgent }) => wrap(text, isUrgent ? '  ! ' : '  > ', '    '));
  return lines.length === 0 ? '' : ['What to do:', ...lines].join('\n');
}

/** `2026-11-28 18:50:36.731`. */
function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 23).replace('T', ' ');
}
