import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  denialNsec,
  NXNAME_TYPES,
  successor,
  successorOfSubtree,
  wildcardDenial,
} from '../../src/dnssec/denial.ts';
import {
  formatName,
  isWithin,
  labels,
  latin1,
  lower,
  type Name,
  nameKey,
  parentName,
  parseName,
  prepend,
  sameName,
} from '../../src/wire/name.ts';
import type { nsec } from '../../src/wire/rdata/nsec.ts';
import { anyLabel, anyName } from '../wire/arbitrary.ts';

/** Canonical order of names: labels from the right, as lower-cased unsigned octets (RFC 4034 §6.1). */
function compareNames(a: Name, b: Name): number {
  const [left, right] = [a, b].map((name) => labels(lower(name)).reverse()) as [Uint8Array[], Uint8Array[]];
  for (const [index, label] of left.entries()) {
    const other = right[index];
    if (!other) return 1;
    const order = Buffer.compare(label, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

it('the order of this test is that of the list in RFC 4034 §6.1', () => {
  const sorted = [
    'example.',
    'a.example.',
    'yljkjljk.a.example.',
    'Z.a.example.',
    'zABC.a.EXAMPLE.',
    'z.example.',
    '\\001.z.example.',
    '*.z.example.',
    '\\200.z.example.',
  ].map((text) => parseName(text));
  expect(sorted.toReversed().sort(compareNames).map(formatName)).toEqual(sorted.map(formatName));
});

const apex = parseName('probe.test.');

/** A name of exactly that many octets under the apex, whose first label is given. */
function padded(first: Uint8Array, octets: number): Name {
  let name: Name = apex;
  for (let left = octets - name.length - first.length - 1; left > 0; ) {
    // A label takes 2 octets at least: never leave 1.
    const take = left > 64 ? (left === 65 ? 63 : 64) : left;
    name = prepend('m'.repeat(take - 1), name);
    left -= take;
  }
  return prepend(first, name);
}

const ff = (octets: number) => new Uint8Array(octets).fill(0xff);
const text = (name: Name) => formatName(name);

describe('the successor of a name (RFC 4471 §3.1.2, absolute method)', () => {
  it('is \\000 in front of it, in lower case', () => {
    expect(text(successor(parseName('Foo.Probe.Test.'), apex))).toBe('\\000.foo.probe.test.');
    expect(text(successor(apex, apex))).toBe('\\000.probe.test.');
  });

  it('of 253 octets still has room for \\000', () => {
    const name = padded(latin1('abc'), 253);
    expect(successor(name, apex)).toEqual(prepend(Uint8Array.of(0), name));
  });

  it('of 254 octets is its first label with a NUL behind', () => {
    const name = padded(latin1('abc'), 254);
    expect(successor(name, apex)).toEqual(padded(Uint8Array.of(...latin1('abc'), 0), 255));
  });

  it.each([
    ['abc', 'abd'],
    ['ab\\255', 'ac'],
    ['ab\\255\\255', 'ac'],
    ['a@', 'a\\['], // past the capital letters, which are the small ones again
    ['a`', 'aa'],
    ['a\\254', 'a\\255'],
    ['az', 'a{'],
    ['aZ', 'a{'],
  ])('of 255 octets whose first label is %s begins with %s', (first, next) => {
    const [label] = labels(parseName(`${first}.`));
    const [raised] = labels(parseName(`${next}.`));
    const name = padded(label!, 255);
    const found = successor(name, apex);
    expect(labels(found)[0]).toEqual(raised);
    expect(parentName(found)).toEqual(lower(parentName(name)));
  });

  it('of 255 octets whose first label is all 0xff is one label up', () => {
    const name = padded(ff(3), 255);
    const parent = parentName(name);
    const [first] = labels(parent);
    const longer =
      first!.length < 63
        ? prepend(Uint8Array.of(...first!, 0), parentName(parent))
        : prepend(latin1(`${'m'.repeat(62)}n`), parentName(parent));
    expect(successor(name, apex)).toEqual(longer);
  });

  it('of the last name of all is the apex, where the zone begins again', () => {
    let last: Name = apex;
    while (last.length + 64 <= 255) last = prepend(ff(63), last);
    last = prepend(ff(255 - last.length - 1), last);
    expect(last).toHaveLength(255);
    expect(successor(last, parseName('PROBE.test.'))).toEqual(apex);
  });
});

describe('the successor of a cut', () => {
  it('is beside it: nothing below a delegation may be denied', () => {
    expect(text(successorOfSubtree(parseName('Child.probe.test.'), apex))).toBe('child\\000.probe.test.');
  });

  it('with a label of 63 octets is its last octet raised', () => {
    const name = prepend('x'.repeat(63), apex);
    expect(successorOfSubtree(name, apex)).toEqual(prepend(`${'x'.repeat(62)}y`, apex));
  });

  it('with a label of 63 octets of 0xff is the apex', () => {
    expect(successorOfSubtree(prepend(ff(63), apex), apex)).toEqual(apex);
  });
});

describe('in canonical order', () => {
  /** Names of every length, the longest among them. */
  const names = fc.oneof(
    anyName(apex, 1),
    fc.tuple(anyLabel, fc.integer({ min: 250, max: 255 })).map(([first, octets]) => padded(first, octets)),
    fc
      .tuple(fc.integer({ min: 1, max: 63 }).map(ff), fc.integer({ min: 252, max: 255 }))
      .map(([first, octets]) => padded(first, octets)),
    fc.tuple(anyLabel, anyName(apex, 1)).map(([, name]) => name),
  );

  /** Names that lie close behind `name`, if they exist at all: below it, and its longer, raised and cut siblings. */
  function neighbors(name: Name, label: Uint8Array): Name[] {
    const [first] = labels(name);
    const parent = parentName(name);
    const raised = first!.slice();
    raised[raised.length - 1]!++;
    const candidates: [Uint8Array, Name][] = [
      [Uint8Array.of(0), name],
      [Uint8Array.of(0, 0), name],
      [label, name],
      [label, parent],
      [Uint8Array.of(...first!, 0), parent],
      [Uint8Array.of(...first!, ...label), parent],
      [raised, parent],
      [first!.subarray(0, -1), parent],
    ];
    return candidates
      .filter(
        ([front, rest]) => front.length >= 1 && front.length <= 63 && front.length + 1 + rest.length <= 255,
      )
      .map(([front, rest]) => prepend(front, rest));
  }

  it('a successor is greater, or the apex; it is a name of the zone; and no name lies between', () => {
    fc.assert(
      fc.property(names, anyLabel, (name, label) => {
        const next = successor(name, apex);
        expect(next.length).toBeLessThanOrEqual(255);
        expect(isWithin(next, apex)).toBe(true);
        expect(nameKey(next)).toBe(nameKey(lower(next)));
        expect(next).toEqual(lower(next));
        const wraps = sameName(next, apex);
        if (!wraps) expect(compareNames(next, name)).toBeGreaterThan(0);
        for (const other of neighbors(name, label)) {
          const between = compareNames(other, name) > 0 && (wraps || compareNames(other, next) < 0);
          expect(between, text(other)).toBe(false);
        }
      }),
      { numRuns: 3000, interruptAfterTimeLimit: 8000 },
    );
  });

  it('the successor of a cut is the first name behind all names below the cut', () => {
    fc.assert(
      fc.property(
        names,
        fc.array(anyLabel, { minLength: 1, maxLength: 3 }),
        anyLabel,
        (cut, below, label) => {
          const next = successorOfSubtree(cut, apex);
          const wraps = sameName(next, apex);
          const deeper = below.reduce(
            (name, one) => (name.length + one.length + 1 <= 255 ? prepend(one, name) : name),
            cut,
          );
          if (!wraps) expect(compareNames(next, deeper)).toBeGreaterThan(0);
          expect(isWithin(next, cut)).toBe(false);
          for (const other of neighbors(cut, label).filter((one) => !isWithin(one, cut))) {
            const between = compareNames(other, cut) > 0 && (wraps || compareNames(other, next) < 0);
            expect(between, text(other)).toBe(false);
          }
        },
      ),
      { numRuns: 3000, interruptAfterTimeLimit: 8000 },
    );
  });
});

describe('the NSEC of a denial (RFC 9824 §3)', () => {
  type Nsec = ReturnType<typeof nsec.decode>;
  const host = parseName('host.probe.test.');

  it('at a name lists its types, RRSIG and NSEC, up to the next possible name', () => {
    const set = denialNsec(host, [1, 28], 300, 'name', apex);
    expect(set).toMatchObject({ owner: host, type: 47, ttl: 300 });
    const [{ nextName, types }] = set.rdatas as [Nsec];
    expect(text(nextName)).toBe('\\000.host.probe.test.');
    expect(types.toSorted((a, b) => a - b)).toEqual([1, 28, 46, 47]);
  });

  it('at a cut denies the cut alone', () => {
    const [{ nextName, types }] = denialNsec(host, [2], 300, 'cut', apex).rdatas as [Nsec];
    expect(text(nextName)).toBe('host\\000.probe.test.');
    expect(types.toSorted((a, b) => a - b)).toEqual([2, 46, 47]);
  });

  it('at a name that does not exist has the types RRSIG, NSEC and NXNAME', () => {
    expect(NXNAME_TYPES.toSorted((a, b) => a - b)).toEqual([46, 47, 128]);
  });
});

describe('the NSEC that denies a wildcard', () => {
  it('is owned by the name in front of it and ends at the one behind, so that it is no wildcard itself', () => {
    const set = wildcardDenial(parseName('*.Sub.probe.test.'), 300);
    expect(formatName(set.owner)).toBe('\\).sub.probe.test.');
    const [{ nextName, types }] = set.rdatas as [{ nextName: Uint8Array; types: number[] }];
    expect(formatName(nextName)).toBe('+.sub.probe.test.');
    expect([...types].sort()).toEqual([46, 47]);
  });
});
