import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { signedOctets } from '../../../src/dnssec/canonical.ts';
import { dsDigest } from '../../../src/dnssec/digest.ts';
import { generateKey, verify, type ZoneKey } from '../../../src/dnssec/key.ts';
import { formatName, labels, labelText, latin1, nameKey, parseName } from '../../../src/wire/name.ts';
import { dnskey } from '../../../src/wire/rdata/dnskey.ts';
import type { Ds } from '../../../src/wire/rdata/ds.ts';
import type { Rrsig } from '../../../src/wire/rdata/rrsig.ts';
import { txt } from '../../../src/wire/rdata/txt.ts';
import { type Rrset, rrset } from '../../../src/wire/rrset.ts';
import { formatDs } from '../../../src/zone/ds-text.ts';
import type { ZoneFamily } from '../../../src/zone/made.ts';
import { COMPOSITIONS } from '../../../src/zone/replica/composition.ts';
import { buildZones, type Zone } from '../../../src/zone/zone.ts';
import { parseZoneFile, type ZoneFile } from '../../../src/zone/zone-file.ts';
import { MINIMAL_PLAN, NOON } from '../../support/responder.ts';

const ORIGIN = 'probe.test';
const SECRET = latin1('a secret that only tests have');
const RUN = '0123456789ab';
const PREFIX = 0x123456;
const NOW_SECONDS = NOON / 1000;

const nothing = { readMaster: async () => ({ text: '', file: '' }), readCases: async () => [] };
const fileOf = (text: string, file: string) => parseZoneFile(text, file, nothing);

let origin: ZoneFile;
let keys: ZoneKey[];
let family: ZoneFamily;
beforeAll(async () => {
  origin = await fileOf(readFileSync('zones/origin.toml', 'utf8'), 'zones/origin.toml');
  keys = [generateKey({ zone: `${ORIGIN}.`, algorithm: 15, flags: 257 })];
  family = familyOf(SECRET);
});

function familyOf(secret: Uint8Array): ZoneFamily {
  return buildZones(ORIGIN, [origin], MINIMAL_PLAN, keys, { secret, reportChannel: false }).origin.family!;
}

const find = (label: string, of = family): Zone => of.find(label, NOON)!;
const keySet = (zone: Zone): Rrset => zone.names.get(nameKey(zone.apex))!.get(dnskey.type)!;
const rrsigsOf = ({ rdatas }: Rrset) => rdatas as readonly Rrsig[];
/** Label of the replica that a trial leads to. */
const minted = (replica: string, prefixTag = PREFIX): string => {
  const [first, label] = labels(family.mintTrial!(replica, RUN, prefixTag, NOON)!).map(labelText);
  expect(first).toBe('live');
  return label!;
};

describe.each(COMPOSITIONS)('$label', ({ label, keys: composition }) => {
  const zoneOf = () => find(label);
  const signers = (set: Rrset) => {
    const { signer } = zoneOf();
    return rrsigsOf(signer!.sign(set, NOW_SECONDS)).map((rdata) => {
      const key = signer!.keys.find(({ keyTag }) => keyTag === rdata.keyTag)!;
      expect(verify(key.rdata, signedOctets(set, rdata), rdata.signature)).toBe(true);
      return composition[signer!.keys.indexOf(key)]!;
    });
  };

  it('has the flags and algorithms of its composition, and tags that differ', () => {
    const { signer } = zoneOf();
    expect(signer!.keys.map(({ flags, algorithm }) => [flags, algorithm])).toEqual(
      composition.map(({ isKsk, isRevoked, algorithm }) => [isRevoked ? 385 : isKsk ? 257 : 256, algorithm]),
    );
    expect(new Set(signer!.keys.map(({ keyTag }) => keyTag)).size).toBe(composition.length);
  });

  it('signs its keys as the root would, with signatures that verify', () => {
    expect(signers(keySet(zoneOf()))).toEqual(composition.filter(({ signsKeys }) => signsKeys));
  });

  it('signs data once with each algorithm, by no key that is revoked', () => {
    const { apex } = zoneOf();
    const by = signers(rrset(txt, apex, 0, [{ strings: [latin1('data')] }]));
    expect(by.map(({ algorithm }) => algorithm).sort()).toEqual(
      [...new Set(composition.map(({ algorithm }) => algorithm))].sort(),
    );
    expect(by.some(({ isRevoked }) => isRevoked)).toBe(false);
  });

  it('has a DS at the parent for each KSK that is not revoked, one of which signs the keys', () => {
    const zone = zoneOf();
    const digests = zone.ds!.rdatas as readonly Ds[];
    const wanted = composition.flatMap(({ isKsk, isRevoked }, index) =>
      isKsk && !isRevoked ? [zone.signer!.keys[index]!] : [],
    );
    expect(digests.map(({ keyTag }) => keyTag)).toEqual(wanted.map(({ keyTag }) => keyTag));
    for (const [index, { digest }] of digests.entries())
      expect(digest).toEqual(dsDigest(2, zone.apex, wanted[index]!.rdata));
    expect(signers(keySet(zone)).some(({ isRevoked }) => !isRevoked)).toBe(true);
  });
});

describe('a zone', () => {
  it('is the same object each time, in any year', () => {
    expect(find('k2kr1z')).toBe(family.find('k2kr1z', 0));
  });

  it('by a day is that of its composition, and says so', () => {
    const status = find('k20190215').made!.status!;
    expect(status[0]).toContain('k2kr1z');
    expect(status[1]).toBe('in the root zone 2019-01-11..2019-03-21 (published): KSK-2010 revoked');
    expect(status[2]).toBe('answer to DNSKEY with DO=1: 1425 octets, as at the root; 28 more with a COOKIE');
    expect(status).toHaveLength(6);
  });

  it('that cannot be as small as the root says so', () => {
    expect(find('k1ke1ze').made!.status!.join('\n')).toMatch(/\d+ octets; 280 at the root, which no key/);
  });

  it.each(['k', 'kiosk', 'k20200101', 'k2k2z-n0123456789-g0123456789abcdef', 'k2k2z-n0123456789'])(
    'is not at %j',
    (label) => {
      expect(family.find(label, NOON)).toBeUndefined();
    },
  );

  it('shares its full-size keys with the others, whose names differ', () => {
    const [one, two] = [find('k2k2z').signer!.keys[0]!, find('k3k2z').signer!.keys[0]!];
    expect(two.rdata).toEqual(one.rdata);
    expect([one.zone, two.zone]).toEqual([`k2k2z.${ORIGIN}.`, `k3k2z.${ORIGIN}.`]);
  });
});

describe('a trial', () => {
  it('leads to a zone of its own that carries run and prefix', () => {
    const zone = find(minted('k20270111'));
    expect(zone.made!.run).toBe(RUN);
    expect(zone.made!.opensTo!(PREFIX, NOON)).toBe(true);
    expect(zone.made!.opensTo!(PREFIX + 1, NOON)).toBe(false);
    expect(zone.made!.dnskeyOctets).toBe(1425);
  });

  it('is forged by nobody who lacks the secret', () => {
    const foreign = familyOf(latin1('another secret of the tests'));
    expect(foreign.find(minted('k2k2z'), NOON)).toBeUndefined();
  });

  it('is one of a replica that there is', () => {
    for (const label of ['k20230111', 'k9k9z', 'kiosk', minted('k2k2z')])
      expect(family.mintTrial!(label, RUN, PREFIX, NOON), label).toBeUndefined();
  });

  it('of a plain replica opens to nobody', () => {
    expect(find('k2k2z').made!.opensTo!(0, NOON)).toBe(false);
  });
});

it('two nodes with one secret serve the same keys and DS', () => {
  const other = familyOf(SECRET);
  const label = minted('k1k1ke2zm2ze');
  for (const name of ['k1k1z', 'k1k1ke2zm2ze', 'k20270111', label]) {
    expect(keySet(find(name, other)).rdatas).toEqual(keySet(find(name)).rdatas);
    expect(find(name, other).ds).toEqual(find(name).ds);
  }
});

it('the calendar names every composition and the days on which the size changed', () => {
  const { calendar } = family;
  for (const { label } of COMPOSITIONS)
    expect(calendar!.some((line) => line.startsWith(`${label}:`))).toBe(true);
  expect(calendar).toContain(
    'k20270111 k2kr1z 2027-01-11..2027-03-21 (scheduled): KSK-2017 revoked; 1425 octets, TCP at 1232',
  );
  expect(Math.max(...calendar!.map((line) => line.length))).toBeLessThanOrEqual(255);
});

describe('labels of the family', () => {
  const build = async (label: string, records = '') => {
    const file = await fileOf(`label = "${label}"\nsummary = "one"`, `zones/${label}.toml`);
    const master = { text: records, file: 'zones/origin.zone' };
    return buildZones(ORIGIN, [records === '' ? origin : { ...origin, master }, file], MINIMAL_PLAN, keys, {
      secret: SECRET,
      reportChannel: false,
    });
  };

  it('are free for no zone file', async () => {
    await expect(build('k2k2z')).rejects.toThrow(
      "zones/k2k2z.toml: label 'k2k2z' is taken: the origin makes replicas there",
    );
    await expect(build('k20190111')).rejects.toThrow("label 'k20190111' is taken");
  });

  it('are free for no static record', async () => {
    await expect(build('other', 'k2k2z 60 IN TXT "x"\n')).rejects.toThrow(
      "zones/origin.zone: name 'k2k2z' is taken: the origin makes replicas there",
    );
  });

  it('do not take what only begins like them', async () => {
    const { zones } = await build('kiosk');
    expect(zones.map(({ apex }) => formatName(apex))).toEqual([`${ORIGIN}.`, `kiosk.${ORIGIN}.`]);
  });
});

describe('replica in a zone file', () => {
  const root = (text: string) => fileOf(`label = ""\nsummary = "root"\n${text}`, 'zones/origin.toml');

  it('gives the zone those keys at their full size, without CDS', async () => {
    const extras = { secret: SECRET, reportChannel: false };
    const { origin: zone } = buildZones('.', [await root('replica = "k2kr1z"')], MINIMAL_PLAN, [], extras);
    expect(zone.signer!.keys.map(({ flags, publicKey }) => [flags, publicKey.length])).toEqual([
      [385, 260],
      [257, 260],
      [256, 260],
    ]);
    expect([...zone.names.get(nameKey(parseName('.')))!.keys()].sort((a, b) => a - b)).toEqual([2, 6, 48]);
    // No anchor is made of a revoked key.
    expect(formatDs(zone).map(({ keyTag }) => keyTag)).toEqual([zone.signer!.keys[1]!.keyTag]);
  });

  it.each([
    ['replica = "k2k"', 'zones/origin.toml:3: replica: "k2k": want a replica of the root'],
    ['replica = "k2k2z"\nalgorithm = 8', 'zones/origin.toml:4: algorithm: the keys of a replica are'],
  ])('is refused as %j', async (text, message) => {
    await expect(root(text)).rejects.toThrow(message);
  });
});
