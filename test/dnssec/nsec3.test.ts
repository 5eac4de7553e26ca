/** The hashes and the chain of RFC 5155 Appendix A. */
import { describe, expect, it } from 'vitest';
import { coversHash, hashName } from '../../src/dnssec/nsec3.ts';
import { parseName } from '../../src/wire/name.ts';
import { formatBase32hex, parseBase32hex } from '../../src/zone/base32hex.ts';
import { hex } from '../support/hex.ts';

const PARAMETERS = { iterations: 12, salt: hex('aabbccdd') };
const HASHES = [
  ['example.', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
  ['a.example.', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
  ['ai.example.', 'gjeqe526plbf1g8mklp59enfd789njgi'],
  ['ns1.example.', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
  ['ns2.example.', 'q04jkcevqvmu85r014c7dkba38o0ji5r'],
  ['w.example.', 'k8udemvp1j2f7eg6jebps17vp3n8i58h'],
  ['*.w.example.', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
  ['x.w.example.', 'b4um86eghhds6nea196smvmlo4ors995'],
  ['y.w.example.', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc'],
  ['x.y.w.example.', '2vptu5timamqttgl4luu9kg21e0aor3s'],
  ['xx.example.', 't644ebqk9bibcna874givr6joj62mlhv'],
] as const;

it.each(HASHES)('%s', (name, hash) => {
  expect(formatBase32hex(hashName(parseName(name), PARAMETERS))).toBe(hash);
  expect(formatBase32hex(hashName(parseName(name.toUpperCase()), PARAMETERS))).toBe(hash);
});

describe('a span', () => {
  const of = (text: string) => parseBase32hex(text, 20)!;
  const sorted = HASHES.map(([, hash]) => hash).sort();

  it('covers what lies between its ends, and neither end', () => {
    // RFC 5155 Appendix B.1: the next closer name c.x.w.example.
    const [from, to] = [of('0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'), of('2t7b4g4vsa5smi47k61mv5bv1a22bojr')];
    expect(coversHash(from, to, of('0va5bpr2ou0vk0lbqeeljri88laipsfh'))).toBe(true);
    expect(coversHash(from, to, from)).toBe(false);
    expect(coversHash(from, to, to)).toBe(false);
    expect(coversHash(from, to, of('35mthgpgcu1qg68fab165klnsnk3dpvl'))).toBe(false);
  });

  it('that is the last goes round', () => {
    const [last, first] = [of(sorted.at(-1)!), of(sorted[0]!)];
    expect(coversHash(last, first, of('v'.repeat(32)))).toBe(true);
    expect(coversHash(last, first, of('0'.repeat(32)))).toBe(true);
    expect(coversHash(last, first, of(sorted[3]!))).toBe(false);
  });

  it('of a chain with one name covers all others', () => {
    const only = of(sorted[4]!);
    expect(coversHash(only, only, of(sorted[3]!))).toBe(true);
    expect(coversHash(only, only, only)).toBe(false);
  });
});
