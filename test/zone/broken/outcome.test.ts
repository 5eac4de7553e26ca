import { describe, expect, it } from 'vitest';
import { judge, outcomeOf, outcomesIn, rightOutcomes } from '../../../src/zone/broken/outcome.ts';

const BOGUS = { expect: 'bogus', rcode: 'NOERROR', accepts: [], known: { unbound: 'secure' } } as const;
const VARIES = { expect: 'varies', rcode: 'NOERROR', accepts: ['secure', 'insecure'], known: {} } as const;

it.each([
  [{ rcode: 'NOERROR', ad: true }, 'secure'],
  [{ rcode: 'NXDOMAIN', ad: true }, 'other'],
  [{ rcode: 'NOERROR', ad: false }, 'insecure'],
  [{ rcode: 'SERVFAIL', ad: false }, 'servfail'],
  [{ rcode: 'REFUSED', ad: false }, 'other'],
  [{ ad: false }, 'timeout'],
] as const)('%j is %s', (reply, outcome) => {
  expect(outcomeOf(reply, 'NOERROR')).toBe(outcome);
});

it.each([
  [{ rcode: 'NXDOMAIN', ad: true }, 'secure'],
  [{ rcode: 'NXDOMAIN', ad: false }, 'insecure'],
  [{ rcode: 'NOERROR', ad: true }, 'other'],
  [{ rcode: 'SERVFAIL', ad: false }, 'servfail'],
] as const)('%j is %s where the name is not there', (reply, outcome) => {
  expect(outcomeOf(reply, 'NXDOMAIN')).toBe(outcome);
});

describe('judged', () => {
  it.each([
    ['SERVFAIL', false, 'expected', []],
    ['NOERROR', true, 'known', ['unbound']],
    ['NOERROR', false, 'differs', []],
    [undefined, false, 'differs', []],
  ] as const)('%s with AD %s for a bogus zone: %s', (rcode, ad, verdict, as) => {
    expect(judge(BOGUS, { rcode, ad })).toMatchObject({ verdict, as });
  });

  it('takes each of the outcomes that keep the rules', () => {
    expect(judge(VARIES, { rcode: 'NOERROR', ad: true }).verdict).toBe('expected');
    expect(judge(VARIES, { rcode: 'NOERROR', ad: false }).verdict).toBe('expected');
    expect(judge(VARIES, { rcode: 'SERVFAIL', ad: false }).verdict).toBe('differs');
  });

  it('takes silence where a zone fails whatever the reason', () => {
    expect(rightOutcomes({ expect: 'fails', rcode: 'NOERROR', accepts: [], known: {} })).toEqual([
      'servfail',
      'timeout',
    ]);
  });

  it('wants of a software what was measured in it', () => {
    expect(outcomesIn(BOGUS, 'unbound')).toEqual(['secure']);
    expect(outcomesIn(BOGUS, 'bind')).toEqual(['servfail']);
    expect(outcomesIn(BOGUS, 'dnsmasq')).toEqual(['servfail']);
  });
});
