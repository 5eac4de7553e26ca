import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Behavior } from '../../src/behaviors/behavior.ts';
import { BEHAVIORS, findBehavior } from '../../src/behaviors/table.ts';
import { isReservedLabel } from '../../src/server/trial-name.ts';
import {
  formatRun,
  isSpareLabel,
  MAX_TEST_LABEL,
  NO_OPTIONS,
  OPTION_TABLE,
  type OptionField,
  packOptions,
  parseRun,
  parseTestLabel,
  type TestLabel,
  unpackOptions,
} from '../../src/zone/test-name.ts';
import { readZoneFiles } from '../../src/zone/zone-file.ts';

function parsed(label: string, hostile = false): TestLabel {
  const found = parseTestLabel(label, hostile);
  if ('error' in found) throw new Error(found.error);
  return found;
}

function refusal(label: string, hostile = false): string {
  const found = parseTestLabel(label, hostile);
  return 'error' in found ? found.error : 'was taken';
}

describe('a label', () => {
  it('is a test, its options in any order, and a run', () => {
    expect(parsed('s4096-tc-ttl60-n0123456789-ftxt')).toEqual({
      test: 's4096',
      options: { ...NO_OPTIONS, tc: 1, ttl: 60, filler: 1 },
      given: ['tc', 'ttl', 'filler'],
      run: parseRun('n0123456789'),
    });
    expect(parsed('me')).toEqual({ test: 'me', options: NO_OPTIONS, given: [], run: '' });
  });

  it('may have 42 octets and no more, so that a gate can carry what it says', () => {
    expect(MAX_TEST_LABEL).toBe(42);
    expect(parsed('x'.repeat(42)).test).toHaveLength(42);
    expect(refusal('x'.repeat(43))).toBe('label of 43 octets, at most 42');
  });

  it('leaves a test that nobody knows to the table of behaviors', () => {
    expect(parsed('nonsense-tc').test).toBe('nonsense');
    expect(findBehavior('nonsense')).toBeUndefined();
  });
});

describe.each(OPTION_TABLE)('option $syntax', ({ example, field, value, hostile }) => {
  const label = `s512-${example}`;

  it('sets one field of the plan', () => {
    const number = typeof value === 'number' ? value : Number(example.replace(/\D/g, ''));
    const { options, given } = parsed(label, true);
    expect(given).toEqual([field]);
    expect(options).toEqual({ ...NO_OPTIONS, [field]: number });
  });

  it(hostile ? 'is refused outside the hostile zone' : 'is taken in every zone', () => {
    if (hostile) expect(refusal(label)).toBe(`option '${example}' only under the hostile zone`);
    else expect(parsed(label)).toEqual(parsed(label, true));
  });

  it('is refused twice', () => {
    expect(refusal(`${label}-${example}`, true)).toBe(`option '${example}' conflicts with one before it`);
  });

  it('is matched whole, never as a prefix', () => {
    for (const near of [`${example}x`, `x${example}`, ` ${example}`, `${example}.`])
      expect(refusal(`s512-${near}`, true)).toBe(`unknown option '${near}'`);
  });
});

describe('options', () => {
  it.each([
    ['s512-fadd-ftxt', 'ftxt'],
    ['s512-ftxt-fadd', 'fadd'],
    ['s512-noudp-notcp', 'notcp'],
    ['s512-badsig-nosig', 'nosig'],
    ['s512-d1-d2', 'd2'],
    ['s512-ttl0-ttl1', 'ttl1'],
  ])('that exclude one another conflict: %s', (label, last) => {
    expect(refusal(label, true)).toBe(`option '${last}' conflicts with one before it`);
  });

  it.each([
    ['s512-ttl256', "option 'ttl256' is over 255"],
    ['s512-d8001', "option 'd8001' is over 8000"],
    ['s512-d999999', "option 'd999999' is over 8000"],
    ['s512-d9999999', "unknown option 'd9999999'"],
    ['s512-ttl', "unknown option 'ttl'"],
    ['s512-ttl07', "unknown option 'ttl07'"],
    ['s512-d-1', "unknown option 'd'"],
    ['s512-d1e3', "unknown option 'd1e3'"],
    ['s512-', "unknown option ''"],
    ['s512--tc', "unknown option ''"],
    ['s512-nope', "unknown option 'nope'"],
    ['s512-TC', "unknown option 'TC'"],
    ['s512-n0123456789-n0123456789', "second run id 'n0123456789'"],
    ['s512-n8123456789', "unknown option 'n8123456789'"],
    ['s512-n012345678', "unknown option 'n012345678'"],
    ['s512-\u00e9', "unknown option '?'"],
  ])('are refused: %s', (label, why) => {
    expect(refusal(label, true)).toBe(why);
  });

  it('name a wrong option in 20 characters at most', () => {
    expect(refusal(`s512-${'x'.repeat(30)}`)).toBe(`unknown option '${'x'.repeat(20)}'`);
  });

  const anyOptions = fc.record({
    tc: fc.nat(1),
    filler: fc.nat(2),
    arm: fc.nat(3),
    silent: fc.nat(2),
    fault: fc.nat(3),
    delayMs: fc.nat(8000),
    ttl: fc.nat(255),
  } satisfies Record<OptionField, unknown>);

  it('fit into the 40 bits of a gate and come back', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const packed = packOptions(options);
        expect(packed).toBeLessThan(2 ** 40);
        expect(Number.isSafeInteger(packed)).toBe(true);
        expect(unpackOptions(packed)).toEqual(options);
      }),
    );
    expect(packOptions(NO_OPTIONS)).toBe(0);
  });

  it('have fields wide enough for every value of the table', () => {
    for (const { field, value } of OPTION_TABLE) {
      const largest = typeof value === 'number' ? value : value.max;
      expect(unpackOptions(packOptions({ ...NO_OPTIONS, [field]: largest })), field).toEqual({
        ...NO_OPTIONS,
        [field]: largest,
      });
    }
  });
});

describe('run ids', () => {
  it('come back for any 48 bits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (octets) => {
        const run = Buffer.from(octets).toString('hex');
        const token = formatRun(run);
        expect(token).toMatch(/^n[0-7][0-9a-v]{9}$/);
        expect(parseRun(token)).toBe(run);
      }),
    );
  });

  it('come back from any token', () => {
    const character = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuv');
    const token = fc.tuple(fc.nat(7), fc.array(character, { minLength: 9, maxLength: 9 }));
    fc.assert(
      fc.property(token, ([digit, rest]) => {
        const text = `n${digit}${rest.join('')}`;
        expect(formatRun(parseRun(text)!)).toBe(text);
      }),
    );
  });

  it.each([
    ['n0000000000', '000000000000'],
    ['n0000000001', '000000000001'],
    ['n7vvvvvvvvv', 'ffffffffffff'],
  ])('%s is %s', (token, run) => {
    expect(parseRun(token)).toBe(run);
    expect(formatRun(run)).toBe(token);
  });

  it.each([
    '',
    'n',
    'n8000000000',
    'n000000000',
    'n00000000000',
    'n000000000w',
    'N0000000000',
    'x0000000000',
  ])('%j is none', (token) => {
    expect(parseRun(token)).toBeUndefined();
  });
});

/** Zones in which some behavior claims names: the origin, the agent's, one that was made. */
const KINDS = [
  { isAgent: false, hasFamily: true, made: undefined },
  { isAgent: true, hasFamily: false, made: undefined },
  {
    isAgent: false,
    hasFamily: false,
    made: { phase: '' as const, run: '', status: [] },
  },
];

describe('behaviors', () => {
  it.each(BEHAVIORS)('$syntax alone claims $example', (behavior) => {
    const labels = behavior.example.split('.');
    const takes = ({ parse, claims }: Behavior) =>
      KINDS.some((kind) => claims?.(labels, kind)) || parse(behavior.example) !== undefined;
    expect(BEHAVIORS.filter(takes)).toEqual([behavior]);
  });

  it.each([
    ['s511', undefined],
    ['s512', 512],
    ['s65535', 65_535],
    ['s65536', undefined],
    ['s0512', undefined],
    ['s512 ', undefined],
    ['s+512', undefined],
    ['s5e3', undefined],
    ['s', undefined],
    ['p512', 512],
    ['rs1', undefined],
    ['mee', undefined],
    ['helpme', undefined],
    ['\u0660\u0661\u0662', undefined],
  ])('%j means %s', (test, n) => {
    expect(findBehavior(test)?.n).toBe(n);
  });
});

describe('labels that no zone may take', () => {
  it.each([
    ...BEHAVIORS.filter(({ claims }) => !claims).map(({ example }) => example),
    '_ta-9728',
    'root-key-sentinel-not-ta-00042',
    'new-fast',
    'trial-k20270111',
    's512-tc',
    's65535',
    'p1400',
    'o',
    'oooo',
    'n0123456789',
    `g${'0'.repeat(61)}`,
    `r${'v'.repeat(61)}o`,
  ])('%s is one', (label) => {
    expect(isReservedLabel(label)).toBe(true);
  });

  it('the shipped zones take none of them', async () => {
    for (const { label } of await readZoneFiles('zones')) expect(isReservedLabel(label), label).toBe(false);
  });
});

it.each([
  ['o', true],
  ['ooo', true],
  ['', false],
  ['oop', false],
  ['O', false],
])('%j as the spare label of a name: %s', (label, expected) => {
  expect(isSpareLabel(label)).toBe(expected);
});
