import { expect, it } from 'vitest';
import { LastUsed } from '../../src/zone/last-used.ts';

it('keeps what was used last, makes what it has not, and never more than it may', () => {
  const kept = new LastUsed<object>(2);
  const made = (key: string) => kept.get(key, () => ({ key }));
  const [one, two] = [made('one'), made('two')];
  expect(made('one')).toBe(one);
  made('three');
  expect(['one', 'two', 'three'].map((key) => kept.has(key))).toEqual([true, false, true]);
  expect(made('two')).not.toBe(two);
  expect(['one', 'two', 'three'].map((key) => kept.has(key))).toEqual([false, true, true]);
});
