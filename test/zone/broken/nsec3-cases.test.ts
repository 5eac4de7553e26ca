/** Cases of NSEC3 beyond iterations: salts, and a zone below that the chain lists or leaves out (RFC 5155 §5, §6). */
import { describe, expect, it } from 'vitest';
import { RCODE } from '../../../src/wire/header.ts';
import { formatName, parseName, prepend } from '../../../src/wire/name.ts';
import type { Nsec3 } from '../../../src/wire/rdata/nsec3.ts';
import { parseType, typeText } from '../../../src/wire/rdata/table.ts';
import type { Rrset } from '../../../src/wire/rrset.ts';
import type { Statement } from '../../../src/zone/made.ts';
import { ask } from './validator.ts';
import { makeZones, NOON } from './zones.ts';

const zoneOf = makeZones();
const shown = (sets: readonly Rrset[]) =>
  sets.map(({ owner, type }) => `${formatName(owner).replace('.broken.probe.test.', '')} ${typeText(type)}`);
const askAt = (label: string, name: string, type: string) =>
  ask(zoneOf(label), parseName(`${name}${name && '.'}${label}.broken.probe.test.`), type, NOON);

it('NSEC3: names are hashed with the salt of the case, and each record says the one that it wants said', () => {
  const saltOf = (label: string, type: string) => {
    const { answer, authority } = askAt(
      label,
      type === 'NSEC3' ? 'www' : '',
      type === 'NSEC3' ? 'TXT' : type,
    );
    const set = [...answer, ...authority].find((one) => one.type === parseType(type));
    return Buffer.from((set!.rdatas[0] as Nsec3).salt).toString('hex');
  };
  expect(saltOf('nsec3-salt', 'NSEC3')).toBe('0123456789abcdef');
  expect(saltOf('nsec3-salt', 'NSEC3PARAM')).toBe('0123456789abcdef');
  expect(saltOf('nsec3-salt-param', 'NSEC3')).toBe('0123456789abcdef');
  expect(saltOf('nsec3-salt-param', 'NSEC3PARAM')).toBe('fedcba9876543210');
  expect(saltOf('nsec3-salt-255', 'NSEC3')).toHaveLength(2 * 255);
});

describe('a zone below', () => {
  const typesOf = ({ authority }: Statement) =>
    shown(authority).map((text) => text.replace(/^\w{32}\./, 'hash.'));

  it.each(['sub', 'www.sub', 'x.y.SUB'])(
    'is referred to for %s, with the proof that it has no DS',
    (name) => {
      const referral = askAt('nsec3-nods', name, 'A');
      expect(referral).toMatchObject({ rcode: RCODE.NOERROR, answer: [], referral: true });
      expect(typesOf(referral)).toEqual([
        'sub.nsec3-nods NS',
        'hash.nsec3-nods NSEC3',
        'hash.nsec3-nods RRSIG',
      ]);
    },
  );

  it('has no more said of its DS than that, with authority', () => {
    const denial = askAt('nsec3-nods', 'sub', 'DS');
    expect(denial.referral).toBeUndefined();
    expect(typesOf(denial)).toEqual([
      'nsec3-nods SOA',
      'nsec3-nods RRSIG',
      'hash.nsec3-nods NSEC3',
      'hash.nsec3-nods RRSIG',
    ]);
    const listed = denial.authority.find(({ type }) => type === parseType('NSEC3'))!.rdatas[0] as Nsec3;
    expect(listed.types).toEqual([parseType('NS')]);
  });

  it('is unsigned, and served where other zones are', () => {
    const [below] = [...zoneOf('nsec3-optout').children.values()];
    expect(formatName(below!.apex)).toBe('sub.nsec3-optout.broken.probe.test.');
    expect(below!.ds).toBeUndefined();
    expect(below!.addresses).not.toEqual(zoneOf('nsec3-optout').addresses);
    expect(shown(ask(below!, prepend('www', below!.apex), 'A', NOON).answer)).toEqual([
      'www.sub.nsec3-optout A',
    ]);
  });

  it('is not there in other cases', () => {
    expect(zoneOf('nsec3-optout-nodata').children.size).toBe(0);
    expect(askAt('nsec3-optout-nodata', 'www.sub', 'A').rcode).toBe(RCODE.NXDOMAIN);
  });
});
