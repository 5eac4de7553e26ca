import { expect, it } from 'vitest';
import { withMember } from '../../src/export/json-member.ts';

const written = (document: readonly string[], value: readonly string[]) =>
  [...withMember(document, 'more', value)].join('');

it('adds a member at the end, in however many pieces the document and the value come', () => {
  const whole = `${JSON.stringify({ a: 1, list: [{ b: 2 }] }, null, 2)}\n`;
  const pieces = [whole.slice(0, 9), whole.slice(9, -3), whole.slice(-3)];
  for (const document of [[whole], pieces]) {
    const text = written(document, ['[1,', '\n    2', ']']);
    expect(JSON.parse(text)).toEqual({ a: 1, list: [{ b: 2 }], more: [1, 2] });
    expect(text).toMatch(/\],?\n {2}"more": \[1,\n {4}2\]\n\}\n$/);
  }
});

it('takes no brace inside the document for its end', () => {
  const document = ['{\n  "a": {\n}\n', ',\n  "b": 1', '\n}\n'];
  expect(written(document, ['2'])).toBe('{\n  "a": {\n}\n,\n  "b": 1,\n  "more": 2\n}\n');
});
