import { expect, it } from 'vitest';
import {
  COMPOSITIONS,
  dnskeyOctets,
  findComposition,
  ROOT_OCTETS,
} from '../../../src/zone/replica/composition.ts';
import { EXACT_ANSWERS, SMALL_ANSWERS } from '../../support/root-answers.ts';

it('gives the octets that were measured, for every composition', () => {
  expect(
    Object.fromEntries(COMPOSITIONS.map(({ label, keys }) => [label, dnskeyOctets(keys, ROOT_OCTETS)])),
  ).toEqual({ ...EXACT_ANSWERS, ...SMALL_ANSWERS });
});

it.each([
  ['k1k1z', ['k1 signs', 'z1']],
  ['k2k2z', ['k1 signs', 'k2', 'z1', 'z2']],
  ['k2kr1z', ['k1 revoked signs', 'k2 signs', 'z1']],
  ['k3k2z', ['k1 signs', 'k2', 'k3', 'z1', 'z2']],
  ['k1k1zs1z', ['k1 signs', 'zs1', 'z1']],
  ['k1k1ke2zm2ze', ['k1 signs', 'ke1 signs', 'zm1', 'zm2', 'ze1', 'ze2']],
])('reads %s as its keys, oldest first', (label, keys) => {
  const found = findComposition(label)!.keys.map(({ role, isRevoked, signsKeys }) =>
    [role, isRevoked && 'revoked', signsKeys && 'signs'].filter(Boolean).join(' '),
  );
  expect(found).toEqual(keys);
});

it.each(['', 'k', 'k1z', 'k9k9z', 'K1K1Z', 'k1k1z ', 'kiosk'])('knows no %j', (label) => {
  expect(findComposition(label)).toBeUndefined();
});

it('tells the keys of a composition apart by their roles, which is what they are derived from', () => {
  for (const { keys } of COMPOSITIONS) expect(new Set(keys.map(({ role }) => role)).size).toBe(keys.length);
});
