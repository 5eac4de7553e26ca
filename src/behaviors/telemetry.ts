/** Key-tag queries: what a validator says of its trust anchors for this zone (RFC 8145 §5). */
import { nullRecord } from '../wire/rdata/null.ts';
import type { Made, Signal } from '../zone/made.ts';
import { type Behavior, PLAIN, recordSet } from './behavior.ts';

const KEY_TAGS = /^_ta-[0-9a-f]{4}(-[0-9a-f]{4})*$/;

export const telemetry = {
  name: 'telemetry',
  code: 8,
  syntax: '_ta-<tag>',
  example: '_ta-9728',
  summary:
    'trust anchors that a validator has for this zone, as key tags of four hex digits joined by hyphens',
  expect: 'NULL without octets: resolvers ask this by themselves',
  references: ['RFC 8145 §5'],
  options: [],

  parse: () => undefined,
  claims: ([first = '', ...more]) =>
    KEY_TAGS.test(first) && more.length === 0 ? { n: 0, run: '' } : undefined,
  plan: ({ labels, made }) => ({
    ...PLAIN,
    // RFC 8145 §5.3.1: a denial that is kept would silence the next signal.
    answer: { kind: 'records', sets: [recordSet(nullRecord, [{ octets: new Uint8Array(0) }])] },
    signal: signalOf(
      labels[0]!
        .slice(4)
        .split('-')
        .map((tag) => Number.parseInt(tag, 16)),
      made,
    ),
  }),
} satisfies Behavior;

/** Which of the KSKs of a zone these key tags are. */
export function signalOf(tags: readonly number[], made: Made | undefined): Signal {
  const old = made?.oldTag !== undefined && tags.includes(made.oldTag);
  const fresh = made?.newTag !== undefined && tags.includes(made.newTag);
  return old && fresh ? 'old+new' : old ? 'old' : fresh ? 'new' : 'other';
}
