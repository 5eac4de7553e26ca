import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { signedOctets } from '../../../src/dnssec/canonical.ts';
import { dsDigest } from '../../../src/dnssec/digest.ts';
import { generateKey, keyTag, revokedKeyTag, verify, type ZoneKey } from '../../../src/dnssec/key.ts';
import { latin1, nameKey, parseName } from '../../../src/wire/name.ts';
import { type Dnskey, dnskey } from '../../../src/wire/rdata/dnskey.ts';
import type { Ds } from '../../../src/wire/rdata/ds.ts';
import type { Rrsig } from '../../../src/wire/rdata/rrsig.ts';
import { txt } from '../../../src/wire/rdata/txt.ts';
import { type Rrset, rrset } from '../../../src/wire/rrset.ts';
import { Writer } from '../../../src/wire/writer.ts';
import type { ZoneFamily } from '../../../src/zone/made.ts';
import { ROLL_PHASES, type RollPhase } from '../../../src/zone/roll/phase.ts';
import { findProfile } from '../../../src/zone/roll/profile.ts';
import { buildZones, type Zone } from '../../../src/zone/zone.ts';
import { parseZoneFile, type ZoneFile } from '../../../src/zone/zone-file.ts';
import { MINIMAL_PLAN } from '../../support/responder.ts';

const ORIGIN = 'probe.test';
const SECRET = latin1('a secret that only tests have');
const NOW = Date.UTC(2026, 10, 28, 22, 5);
const START = NOW + 600_000;
const HOUR_MS = 3_600_000;
const DAY = 86_400;

let files: ZoneFile[];
let keys: ZoneKey[];
beforeAll(async () => {
  const nothing = {
    readMaster: async () => ({ text: '', file: '' }),
    readCases: async () => [],
  };
  files = [
    await parseZoneFile('label = ""\nsummary = "origin"\nalgorithm = 13', 'origin.toml', nothing),
    await parseZoneFile(readFileSync('zones/roll.toml', 'utf8'), 'zones/roll.toml', nothing),
  ];
  keys = [
    generateKey({ zone: `${ORIGIN}.`, algorithm: 13, flags: 257 }),
    generateKey({ zone: `roll.${ORIGIN}.`, algorithm: 15, flags: 257 }),
  ];
});

function rollsOf(secret = SECRET): ZoneFamily {
  const extras = { secret, reportChannel: false };
  const { zones } = buildZones(ORIGIN, files, MINIMAL_PLAN, keys, extras);
  return zones.find(({ label }) => label === 'roll')!.family!;
}

/** Name without the parent of the zone that a wish leads to. */
function mintedLabel(family: ZoneFamily, wish: string, now = NOW): string {
  const line = family.mint!(wish, now)!.find((text) => text.startsWith('zone: '))!;
  return line.slice('zone: '.length, -`.roll.${ORIGIN}.`.length);
}

const keySet = (zone: Zone): Rrset => zone.names.get(nameKey(zone.apex))!.get(dnskey.type)!;
const rdataOf = (key: Dnskey): Uint8Array => {
  const writer = new Writer('canonical', 600);
  dnskey.encode(writer, key);
  return writer.finish();
};
const keysOf = (zone: Zone) =>
  (keySet(zone).rdatas as readonly Dnskey[]).map((key) => {
    const rdata = rdataOf(key);
    return { flags: key.flags, rdata, tag: keyTag(rdata) };
  });

/** Tags of the keys of the zone whose signature over the set verifies; every signature names a key that is there. */
function verifiedBy(zone: Zone, set: Rrset, now: number): number[] {
  const rrsigs = zone.signer!.sign(set, Math.floor(now / 1000)).rdatas as readonly Rrsig[];
  return rrsigs.map(({ signature, ...rdata }) => {
    const key = keysOf(zone).find(({ tag }) => tag === rdata.keyTag)!;
    expect(verify(key.rdata, signedOctets(set, rdata), signature)).toBe(true);
    for (const { rdata: other } of keysOf(zone).filter(({ tag }) => tag !== key.tag))
      expect(verify(other, signedOctets(set, rdata), signature)).toBe(false);
    return key.tag;
  });
}

const txtAt = (zone: Zone): Rrset => rrset(txt, zone.apex, 5, [{ strings: [latin1('data')] }]);

/** When a phase of a profile with this start begins. */
function beginOf(name: string, phase: RollPhase, startAt: number): number {
  return startAt + (phase === 'init' ? 0 : findProfile(name)!.offsets[phase]) * 1000;
}

const CASES = ['fast', 'fast-a15', 'fast-a8', 'standard', 'standard-a15', 'standard-a8', 'hour', 'calendar'];

/** The zones of a whole roll, a phase each, with the time at which each begins. */
function wholeRoll(family: ZoneFamily, wish: string) {
  const label = mintedLabel(family, wish);
  const profile = wish.split('-')[0]!;
  const startAt = { hour: Date.UTC(2026, 10, 28, 23), calendar: Date.UTC(2026, 10, 30) }[profile] ?? START;
  return ROLL_PHASES.map((phase) => {
    const at = beginOf(profile, phase, startAt);
    return { phase, at, zone: family.find(label, at)! };
  });
}

describe.each(CASES)('a roll of %s', (wish) => {
  const profile = findProfile(wish.split('-')[0]!)!;

  it('goes through its phases as RFC 5011 has it: keys, flags, and who signs', () => {
    const [init, prepub, rolled, revoked, removed] = wholeRoll(rollsOf(), wish).map(({ phase, at, zone }) => {
      expect(zone.made!.phase).toBe(phase);
      const shown = keysOf(zone).map(({ flags, tag }) => [flags, tag]);
      return {
        shown,
        keysSignedBy: verifiedBy(zone, keySet(zone), at),
        dataSignedBy: verifiedBy(zone, txtAt(zone), at),
        zone,
      };
    });
    const { oldTag, newTag } = init!.zone.made!;
    const old = keysOf(init!.zone)[0]!;
    const gone = revokedKeyTag(old.rdata);
    const data = init!.shown.at(-1)!;
    expect(data[0]).toBe(256);
    expect(init!.shown).toEqual([[257, oldTag], data]);
    for (const both of [prepub!, rolled!]) expect(both.shown).toEqual([[257, oldTag], [257, newTag], data]);
    expect(revoked!.shown).toEqual([[385, gone], [257, newTag], data]);
    expect(removed!.shown).toEqual([[257, newTag], data]);
    expect([init, prepub, rolled, revoked, removed].map((one) => one!.keysSignedBy)).toEqual([
      [oldTag],
      [oldTag],
      [newTag],
      [gone, newTag],
      [newTag],
    ]);
    for (const one of [init, prepub, rolled, revoked, removed]) {
      expect(one!.dataSignedBy).toEqual([data[1]]);
      expect(one!.zone.made).toMatchObject({ oldTag, newTag });
    }
    expect(new Set([oldTag, newTag, data[1], gone]).size).toBe(4);
  });

  it('has keys with the TTL of the profile', () => {
    for (const { zone } of wholeRoll(rollsOf(), wish)) expect(keySet(zone).ttl).toBe(profile.ttl);
  });

  it('lets nobody in who lacks the anchor: DS is there and matches no key', () => {
    for (const { zone } of wholeRoll(rollsOf(), wish)) {
      const [stray, ...more] = zone.ds!.rdatas as readonly Ds[];
      expect(more).toEqual([]);
      expect(stray!.algorithm).toBe(zone.signer!.keys[0]!.algorithm);
      expect(stray!.digest).toHaveLength(32);
      for (const { tag, rdata } of keysOf(zone)) {
        expect(stray!.keyTag).not.toBe(tag);
        expect(stray!.digest).not.toEqual(dsDigest(2, zone.apex, rdata));
      }
    }
  });

  it('is served alike by two servers, and other under another secret', () => {
    const [one, two] = [wholeRoll(rollsOf(), wish), wholeRoll(rollsOf(Uint8Array.from(SECRET)), wish)];
    for (const [index, { zone }] of one.entries()) {
      expect(keySet(two[index]!.zone)).toEqual(keySet(zone));
      expect(two[index]!.zone.ds).toEqual(zone.ds);
      expect(two[index]!.zone.made).toEqual(zone.made);
    }
    const other = wholeRoll(rollsOf(latin1('another secret of thirty octets')), wish);
    expect(keysOf(other[0]!.zone)[0]!.tag).not.toBe(keysOf(one[0]!.zone)[0]!.tag);
  });

  it('has signatures that no clock in a drill runs out of', () => {
    for (const { zone, at } of wholeRoll(rollsOf(), wish)) {
      const [rrsig] = zone.signer!.sign(keySet(zone), at / 1000).rdatas as readonly Rrsig[];
      expect(rrsig!.inception).toBeLessThanOrEqual(at / 1000 - DAY);
      if (profile.kind === 'weekly') {
        const startAt = at - beginOf(profile.name, zone.made!.phase as RollPhase, 0);
        expect(rrsig!.inception).toBeLessThanOrEqual(startAt / 1000 - DAY);
      }
      expect(rrsig!.expiration).toBeGreaterThanOrEqual(at / 1000 + 100 * DAY);
    }
  });

  it('says phase, times, keys and anchor, each line whole', () => {
    for (const { zone, phase } of wholeRoll(rollsOf(), wish)) {
      const { status, oldTag, newTag } = zone.made!;
      const line = (key: string) =>
        status!.find((text) => text.startsWith(`${key}: `))!.slice(key.length + 2);
      expect(line('zone')).toBe(zone.text);
      expect(line('phase')).toMatch(new RegExp(`^${phase} \\(`));
      expect(line('old key')).toContain(`tag ${oldTag}, `);
      expect(line('new key')).toContain(`tag ${newTag}, `);
      const which = phase === 'init' || phase === 'prepub' ? 'old' : 'new';
      const [owner, , type, flags, , , key] = line(`anchor (${which} key)`).split(' ');
      expect([owner, type, flags]).toEqual([zone.text, 'DNSKEY', '257']);
      const published = zone
        .signer!.keysFor(dnskey.type)
        .map(({ publicKey }) => Buffer.from(publicKey).toString('base64'));
      expect(published).toContain(key);
    }
  });
});

describe('a minted zone', () => {
  it('is found by nobody who does not know the secret, nor under another profile, start or algorithm', () => {
    const family = rollsOf();
    const label = mintedLabel(family, 'fast');
    expect(family.find(label, NOW)?.label).toBe(label);
    expect(rollsOf(latin1('another secret of thirty octets')).find(label, NOW)).toBeUndefined();
    for (const forged of [
      label.replace('a13', 'a15'),
      label.replace('20261128', '20261127'),
      label.replace('fast', 'standard'),
      `${label}0`,
      'fast',
      'calendar',
      'new-fast',
      '2026-12-01',
    ])
      expect(family.find(forged, NOW)).toBeUndefined();
  });

  it('says when it starts, ten minutes from now, and what to paste', () => {
    const family = rollsOf();
    const lines = family.mint!('fast-a15', NOW + 999)!;
    const label = mintedLabel(family, 'fast-a15', NOW + 999);
    const zone = family.find(label, NOW)!;
    const [{ rdata, tag } = { rdata: new Uint8Array(), tag: 0 }] = keysOf(zone);
    const key = Buffer.from(rdata.subarray(4)).toString('base64');
    const digest = Buffer.from(dsDigest(2, parseName(zone.text), rdata))
      .toString('hex')
      .toUpperCase();
    expect(label).toMatch(/^fast-20261128221500-a15-/);
    expect(lines).toEqual([
      `zone: ${zone.text}`,
      'profile: fast, DNSKEY TTL 2 s, hold-down 8 s',
      'start: 2026-11-28T22:15:00Z, prepub 2026-11-28T22:15:08Z, rolled 2026-11-28T22:15:24Z, revoked 2026-11-28T22:15:36Z, removed 2026-11-28T22:15:50Z',
      `anchor (old key): ${zone.text} IN DNSKEY 257 3 15 ${key}`,
      `anchor (old key): ${zone.text} IN DS ${tag} 15 2 ${digest}`,
      `go on: padzone roll status ${zone.text} (or ask TXT status.${zone.text})`,
    ]);
  });

  it.each(['', 'slow', 'fast-a14', 'fast-a', 'fast-15', 'hour-a15', 'calendar-a8', 'fast-a13-x'])(
    'is not had for the wish "%s"',
    (wish) => {
      expect(rollsOf().mint!(wish, NOW)).toBeUndefined();
    },
  );

  it('follows a clock that steps back and forth', () => {
    const family = rollsOf();
    const label = mintedLabel(family, 'fast');
    const times = fc.array(fc.integer({ min: START - 20_000, max: START + 70_000 }), {
      minLength: 2,
      maxLength: 20,
    });
    fc.assert(
      fc.property(times, (steps) => {
        for (const now of steps) {
          const begun = [8, 24, 36, 50].filter((second) => now - START >= second * 1000).length;
          expect(family.find(label, now)!.made!.phase).toBe(ROLL_PHASES[begun]);
        }
      }),
    );
  });

  it('is the same object as long as its phase lasts, and when that comes back', () => {
    const family = rollsOf();
    const label = mintedLabel(family, 'fast');
    const prepub = family.find(label, START + 8000);
    expect(family.find(label, START + 23_999)).toBe(prepub);
    expect(family.find(label, START + 24_000)).not.toBe(prepub);
    expect(family.find(label, START + 8001)).toBe(prepub);
  });

  it('is forgotten when a thousand others were asked for since, and made again alike', () => {
    const family = rollsOf();
    const [kept, lost, ...more] = Array.from({ length: 1001 }, (_, index) =>
      mintedLabel(family, 'fast-a15', NOW + index * 1000),
    );
    const [first, second] = [family.find(kept!, NOW), family.find(lost!, NOW)];
    family.find(kept!, NOW);
    for (const label of more) family.find(label, NOW);
    expect(family.find(kept!, NOW)).toBe(first);
    expect(family.find(lost!, NOW)).not.toBe(second);
    expect(keySet(family.find(lost!, NOW)!)).toEqual(keySet(second!));
  });
});

describe('hour', () => {
  const family = () => rollsOf();
  it('hands its new key to the next hour, with tags that tell the keys apart', () => {
    const rolls = family();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800_000 }), (hour) => {
        const end = rolls.find('hour', hour * HOUR_MS + HOUR_MS - 1)!;
        const begin = rolls.find('hour', (hour + 1) * HOUR_MS)!;
        expect(keySet(begin)).toEqual(keySet(end));
        expect(begin.made!.oldTag).toBe(end.made!.newTag);
        expect(begin.made!.newTag).not.toBe(begin.made!.oldTag);
        const revoked = rolls.find('hour', hour * HOUR_MS + 2_400_000)!;
        const tags = [...keysOf(revoked).map(({ tag }) => tag), begin.made!.oldTag, begin.made!.newTag];
        expect(new Set(tags).size).toBe(4);
      }),
      { numRuns: 30 },
    );
  });

  it('is minted as the zone that is there, with the anchor of this phase', () => {
    const rolls = family();
    const anchorAt = (now: number) =>
      rolls.mint!('hour', now)!
        .find((line) => line.includes(' IN DNSKEY '))!
        .split(': ')[1];
    const hour = Date.UTC(2026, 10, 28, 22);
    expect(anchorAt(hour)).toBe(anchorAt(hour + 1_799_999));
    expect(anchorAt(hour + 1_800_000)).not.toBe(anchorAt(hour));
    expect(anchorAt(hour + 1_800_000)).toBe(anchorAt(hour + HOUR_MS));
  });
});

describe('calendar', () => {
  it.each([
    ['a Saturday', '2026-11-28T22:05:00Z', '2026-11-30'],
    ['a Monday', '2026-11-30T00:00:00Z', '2026-11-30'],
    ['two days before the new key', '2026-12-05T00:00:00Z', '2026-11-30'],
    ['a second later', '2026-12-05T00:00:01Z', '2026-12-07'],
  ])('is minted as the zone that has the old key alone for two days more: on %s', (_, now, label) => {
    expect(mintedLabel(rollsOf(), 'calendar', Date.parse(now))).toBe(label);
  });

  it('is minted as a zone that serves the old key alone, at any time, and rolls first of those', () => {
    const { prepub } = findProfile('calendar')!.offsets;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 * DAY }), (second) => {
        const now = NOW + second * 1000;
        const rolls = rollsOf();
        const label = mintedLabel(rolls, 'calendar', now);
        const left = (Date.parse(label) - now) / 1000 + prepub;
        expect(left).toBeGreaterThanOrEqual(2 * DAY);
        expect(left).toBeLessThan(9 * DAY);
        for (const at of [now, now + 2 * DAY * 1000 - 1]) {
          const zone = rolls.find(label, at)!;
          expect(zone.made!.phase).toBe('init');
          expect(keysOf(zone).filter(({ flags }) => flags === 257)).toHaveLength(1);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('serves every Monday of a year, and no other day', () => {
    const rolls = rollsOf();
    const days = Array.from({ length: 800 }, (_, day) => NOW + (day - 400) * DAY * 1000);
    const served = days.filter((day) => rolls.find(new Date(day).toISOString().slice(0, 10), NOW));
    expect(new Set(served.map((day) => new Date(day).getUTCDay()))).toEqual(new Set([1]));
    expect(served).toHaveLength(105);
  });
});
