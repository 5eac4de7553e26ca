import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1, parseName } from '../../../src/wire/name.ts';
import { makeMac } from '../../../src/zone/mac.ts';
import {
  isOpen,
  listedHeads,
  mintLabel,
  parseHead,
  parseMinted,
  TRIAL_OCTETS,
} from '../../../src/zone/replica/label.ts';

const MINUTE_MS = 60_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const RUN = '0123456789ab';
const PREFIX = 0xabcdef;
const PARENT = parseName('probe.test');
const mac = makeMac(latin1('a secret that only tests have'), 'zone');
const mint = (head = 'k20270111', run = RUN, prefixTag = PREFIX, now = NOW) =>
  mintLabel(head, run, prefixTag, now, PARENT, mac);

describe('a label without a trial', () => {
  it('is a composition or a day', () => {
    expect(parseHead('k2k2z')).toMatchObject({ composition: { label: 'k2k2z' }, period: undefined });
    expect(parseHead('k20190111')).toMatchObject({
      composition: { label: 'k2kr1z' },
      period: { since: '2019-01-11', until: '2019-03-21' },
    });
    expect(parseHead('k20190215')?.composition.label).toBe('k2kr1z');
  });

  it.each(['k', 'kiosk', 'k20190229', 'k20200101', 'k2019011', 'k201901111', 'k2k2z-', '2k2z'])(
    'is not %j',
    (label) => {
      expect(parseHead(label)).toBeUndefined();
    },
  );

  it('stands in the list under a name that means what the list says', () => {
    for (const head of listedHeads()) expect(parseHead(head.head)).toEqual(head);
  });
});

describe('a minted label', () => {
  it('is read back, is as long as it is said to be, and fits into a label', () => {
    for (const { head } of listedHeads()) {
      const label = mint(head);
      expect(label).toHaveLength(head.length + TRIAL_OCTETS);
      expect(label.length).toBeLessThanOrEqual(63);
      expect(parseMinted(label, PARENT, mac)).toMatchObject({
        head,
        minted: { run: RUN, prefixTag: PREFIX },
      });
    }
  });

  it('is of no other secret, parent or make', () => {
    const label = mint();
    expect(parseMinted(label, PARENT, makeMac(latin1('another secret of tests'), 'zone'))).toBeUndefined();
    expect(parseMinted(label, parseName('other.test'), mac)).toBeUndefined();
    expect(parseMinted(label, parseName('PROBE.test'), mac)).toBeDefined();
  });

  it('cannot be changed in any character', () => {
    const label = mint();
    const changed = fc.record({
      at: fc.integer({ min: 0, max: label.length - 1 }),
      to: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz-'),
    });
    fc.assert(
      fc.property(changed, ({ at, to }) => {
        const other = label.slice(0, at) + to + label.slice(at + 1);
        if (other !== label) expect(parseMinted(other, PARENT, mac)).toBeUndefined();
      }),
    );
  });

  it('opens to its prefix for ten minutes', () => {
    const { minted } = parseMinted(mint(), PARENT, mac)!;
    const opens = (minutes: number, prefixTag = PREFIX) =>
      isOpen(minted, prefixTag, NOW + minutes * MINUTE_MS);
    expect([0, 1, 9, 10].map((minutes) => opens(minutes))).toEqual([true, true, true, true]);
    // Two octets of minutes would come round after 65,536.
    const late = [11, 60, 1440, 30_000, 65_536, 65_536 * 100];
    expect(late.filter((minutes) => opens(minutes))).toEqual([]);
    expect(opens(0, PREFIX + 1)).toBe(false);
  });

  it('opens on a node whose clock is a minute behind, and not further', () => {
    const { minted } = parseMinted(mint(), PARENT, mac)!;
    expect(isOpen(minted, PREFIX, NOW - MINUTE_MS)).toBe(true);
    expect(isOpen(minted, PREFIX, NOW - 2 * MINUTE_MS)).toBe(false);
  });
});
