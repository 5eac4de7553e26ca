/** docs/observations.md says of the format of binary rows what the code does. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  ACTIONS,
  ARMS,
  COOKIES,
  EVENTS,
  EXCLUDED,
  FIELD,
  FLAGS,
  KIND,
  LOSSES,
  MARKS,
  MAX_OPTION_CODES,
  PROOFS,
  RELATIONS,
  STEPS,
} from '../../src/record/layout.ts';
import { SLOT_OCTETS } from '../../src/record/sink.ts';
import { KEPT_ROWS, KEPT_ROWS_PROVEN } from '../../src/store/flood.ts';
import { RECORDER_THREAD } from '../../src/store/recorder.ts';
import {
  BLOCK,
  BLOCK_OCTETS,
  FORMAT_VERSION,
  HEADER,
  HEADER_OCTETS,
} from '../../src/store/segment-format.ts';
import { SEGMENT_KINDS } from '../../src/store/segment-kind.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS } from '../../src/zone/receipt.ts';

const page = readFileSync('docs/observations.md', 'utf8');
/** Without its line breaks. */
const prose = page.replace(/\s*\n\s*/g, ' ');
const format = page.slice(page.indexOf('## Format of binary rows'));

/** Offsets by name, and what is said of each, in the table that follows some words. */
function fieldsAfter(words: string): { offsets: Record<string, number>; said: Record<string, string> } {
  const from = format.indexOf(words);
  expect(from, words).toBeGreaterThan(-1);
  const rows = [
    ...format
      .slice(from)
      .split('\n\n')[1]!
      .matchAll(/^\| (\d+) \| .*? \| `(\w+)`(.*?) \|$/gm),
  ];
  return {
    offsets: Object.fromEntries(rows.map(([, at, name]) => [name, Number(at)])),
    said: Object.fromEntries(rows.map(([, , name, text]) => [name, text])),
  };
}

it('the header, the blocks and the rows have the fields that the code has, at their offsets', () => {
  expect(fieldsAfter(`a header of ${HEADER_OCTETS} octets:`).offsets).toEqual(HEADER);
  expect(fieldsAfter(`a header of ${BLOCK_OCTETS} octets and rows`).offsets).toEqual(BLOCK);
  expect(fieldsAfter(`slots of ${SLOT_OCTETS} octets:`).offsets).toEqual(FIELD);
});

it('explains every number by its word', () => {
  const { said } = fieldsAfter('slots of');
  const numbered = (words: readonly string[], first = words[0]) =>
    `: ${[first, ...words.slice(1)].map((word, code) => `${code} ${word}`).join(', ')}`;
  expect(said['cookie']).toBe(numbered(COOKIES));
  expect(said['arm']).toBe(numbered(ARMS));
  expect(said['filler']).toBe(numbered(RECEIPT_FILLERS));
  expect(said['step']).toBe(numbered(STEPS));
  expect(said['proof']).toBe(numbered(PROOFS));
  expect(said['action']).toBe(numbered(ACTIONS));
  expect(said['excluded']).toBe(numbered(EXCLUDED, 'no'));
  expect(said['receiptProto']).toBe(numbered(RECEIPT_TRANSPORTS));
  expect(said['receiptRelation']).toBe(numbered(RELATIONS));
  expect(said['reason']).toBe(numbered(LOSSES, 'none'));
  expect(said['kind']).toBe(
    `: 0 filler, to be skipped; ${EVENTS.slice(1)
      .map((word, at) => `${at + 1} ${word}`)
      .join(', ')}`,
  );
  expect(Object.keys(KIND).slice(1)).toEqual(EVENTS.slice(1));
  expect([...said['flags']!.matchAll(/\d+/g)].map(Number)).toEqual([1, 6, ...Object.values(FLAGS).slice(1)]);
  expect([...said['marks']!.matchAll(/\d+/g)].map(Number)).toEqual([...Object.values(MARKS), 255]);
  expect(said['optionCount']).toContain(` ${MAX_OPTION_CODES}`);
});

it('names the version, the kinds of files, and how much of a flood is kept', () => {
  expect(format).toContain(`Version ${FORMAT_VERSION},`);
  expect(format).toContain(`${RECORDER_THREAD} wrote floods`);
  for (const { name } of SEGMENT_KINDS) expect(page).toContain(`<n>.${name}\``);
  expect(prose).toContain(`beyond ${KEPT_ROWS} rows of each (${KEPT_ROWS_PROVEN} where`);
});
