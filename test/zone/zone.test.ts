import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateKey, type SigningKey, type ZoneKey } from '../../src/dnssec/key.ts';
import { formatKeyFiles, keyFileBase } from '../../src/dnssec/key-file.ts';
import { addressKey } from '../../src/wire/address.ts';
import { formatName, labels, latin1, nameKey, parseName } from '../../src/wire/name.ts';
import { a } from '../../src/wire/rdata/a.ts';
import { aaaa } from '../../src/wire/rdata/aaaa.ts';
import { cdnskey } from '../../src/wire/rdata/cdnskey.ts';
import { cds } from '../../src/wire/rdata/cds.ts';
import { cname } from '../../src/wire/rdata/cname.ts';
import { dnskey } from '../../src/wire/rdata/dnskey.ts';
import type { Ds } from '../../src/wire/rdata/ds.ts';
import { ns } from '../../src/wire/rdata/ns.ts';
import { soa } from '../../src/wire/rdata/soa.ts';
import { txt } from '../../src/wire/rdata/txt.ts';
import type { Rrset } from '../../src/wire/rrset.ts';
import { formatDs } from '../../src/zone/ds-text.ts';
import { buildZones, type NameServer, type Zone, type ZoneTree } from '../../src/zone/zone.ts';
import { readZoneFiles, type ZoneFile } from '../../src/zone/zone-file.ts';
import { testFolder } from '../support/folder.ts';
import { toHex } from '../support/hex.ts';
import { findProgram, skipFor } from '../support/processes.ts';
import { FULL_PLAN, MINIMAL_PLAN, testKeys } from '../support/responder.ts';

const FOLDER = testFolder('zone');
const ORIGIN = 'probe.test';

let files: readonly ZoneFile[];
let keys: readonly ZoneKey[];
let tree: ZoneTree;
beforeAll(async () => {
  files = await readZoneFiles('zones');
  keys = await testKeys(ORIGIN);
  tree = buildZones(ORIGIN, files, FULL_PLAN, keys);
});

const zoneOf = (label: string, of: ZoneTree = tree): Zone => of.zones.find((zone) => zone.label === label)!;
const setOf = (zone: Zone, owner: string, type: number): Rrset | undefined =>
  zone.names.get(nameKey(parseName(owner)))?.get(type);
const hostsOf = ({ ns: set }: Zone) =>
  (set.rdatas as readonly { nsdname: Uint8Array }[]).map(({ nsdname }) => formatName(nsdname));
const addressesOf = (zone: Zone, owner: string) =>
  [a.type, aaaa.type].flatMap((type) =>
    ((setOf(zone, owner, type)?.rdatas ?? []) as readonly { address: Uint8Array }[]).map(({ address }) =>
      toHex(address),
    ),
  );

describe('the tree', () => {
  it('has the origin first, and every other zone below it', () => {
    expect(tree.zones[0]).toBe(tree.origin);
    expect(tree.zones).toHaveLength(files.length);
    for (const zone of tree.zones.slice(1)) {
      expect(zone.parent).toBe(tree.origin);
      expect(formatName(zone.apex)).toBe(`${zone.label}.${ORIGIN}.`);
      expect(tree.origin.children.get(nameKey(zone.apex))).toBe(zone);
    }
  });

  it('knows every address of the set', () => {
    const listed = FULL_PLAN.flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6]).map(addressKey);
    expect(tree.addresses).toEqual(new Set(listed));
  });

  it('is the same for an origin with and without its final dot', () => {
    expect(nameKey(buildZones(`${ORIGIN}.`, files, FULL_PLAN, keys).origin.apex)).toBe(
      nameKey(tree.origin.apex),
    );
  });
});

describe('name servers', () => {
  it.each([
    ['', ['ns1.probe.test.']],
    ['a13', ['nsc.probe.test.']],
    ['x', ['nsx.probe.test.']],
    ['bogus', ['nsx.probe.test.']],
    ['v4', ['nsc-v4.probe.test.']],
    ['v6', ['nsc-v6.probe.test.']],
  ])('of the zone %j are those of its role: %j', (label, hosts) => {
    expect(hostsOf(zoneOf(label))).toEqual(hosts);
  });

  it('of one role serve every zone where the operator lists no other', () => {
    const one = buildZones(ORIGIN, files, [FULL_PLAN[0]!], keys);
    for (const label of ['', 'a13', 'x']) expect(hostsOf(zoneOf(label, one))).toEqual(['ns1.probe.test.']);
    expect(hostsOf(zoneOf('v4', one))).toEqual(['ns1-v4.probe.test.']);
  });

  it('may be two, each in every NS set of its role', () => {
    const second: NameServer = { name: 'ns2.probe.test', role: 'parent', ipv4: ['127.0.0.9'], ipv6: [] };
    const two = buildZones(ORIGIN, files, [...FULL_PLAN, second], keys);
    expect(hostsOf(two.origin)).toEqual(['ns1.probe.test.', 'ns2.probe.test.']);
    expect(hostsOf(zoneOf('a13', two))).toEqual(['nsc.probe.test.']);
  });

  it('of the zones v4 and v6 have addresses of that family only, under names of their own', () => {
    expect(addressesOf(tree.origin, 'nsc-v4.probe.test.')).toEqual(['7f000002']);
    expect(addressesOf(tree.origin, 'nsc-v6.probe.test.')).toEqual(['20010db8000000000000000000000002']);
    expect(addressesOf(tree.origin, 'nsc.probe.test.')).toEqual([
      '7f000002',
      '20010db8000000000000000000000002',
    ]);
    expect(zoneOf('v4').addresses).toEqual(new Set(['7f000002']));
    expect(zoneOf('v6').addresses).toEqual(new Set(['20010db8000000000000000000000002']));
  });

  it('without the family that a zone wants leave it to those that have it', () => {
    const plan: NameServer[] = [
      { name: 'ns1.probe.test', role: 'parent', ipv4: ['127.0.0.1'], ipv6: [] },
      { name: 'ns2.probe.test', role: 'parent', ipv4: ['127.0.0.2'], ipv6: ['2001:db8::2'] },
    ];
    expect(hostsOf(zoneOf('v6', buildZones(ORIGIN, files, plan, keys)))).toEqual(['ns2-v6.probe.test.']);
  });

  it('have their addresses in the origin, so that every referral has its glue', () => {
    for (const plan of [FULL_PLAN, MINIMAL_PLAN]) {
      const built = buildZones(ORIGIN, files, plan, keys);
      for (const zone of built.zones)
        for (const host of hostsOf(zone)) {
          const found = addressesOf(built.origin, host);
          expect(found.length, `${host} of ${zone.label}`).toBeGreaterThan(0);
          for (const address of found) expect(built.addresses).toContain(address);
        }
    }
  });

  it('listed under several roles have their addresses once', () => {
    const minimal = buildZones(ORIGIN, files, MINIMAL_PLAN, keys);
    expect(addressesOf(minimal.origin, 'ns1.probe.test.')).toEqual([
      '7f000001',
      '20010db8000000000000000000000001',
    ]);
  });

  it('outside the origin have no addresses here', () => {
    const plan: NameServer[] = [{ name: 'ns.example.net', role: 'parent', ipv4: ['192.0.2.1'], ipv6: [] }];
    const built = buildZones(ORIGIN, files, plan, keys);
    expect(hostsOf(built.origin)).toEqual(['ns.example.net.']);
    expect(addressesOf(built.origin, 'ns.example.net.')).toEqual([]);
    // But those of one family are ours to name.
    expect(hostsOf(zoneOf('v4', built))).toEqual(['ns-v4.probe.test.']);
    expect(addressesOf(built.origin, 'ns-v4.probe.test.')).toEqual(['c0000201']);
  });
});

describe('what every zone has', () => {
  it('SOA with the first name server, the serial of its file, and timers that are not 0', () => {
    for (const zone of tree.zones) {
      const [data] = zone.soa.rdatas as readonly ReturnType<typeof soa.decode>[];
      expect(formatName(data!.mname)).toBe(hostsOf(zone)[0]);
      expect(formatName(data!.rname)).toBe('hostmaster.probe.test.');
      expect(data!.serial).toBe(1);
      for (const timer of [data!.refresh, data!.retry, data!.expire, data!.minimum])
        expect(timer).toBeGreaterThan(0);
      expect(data!.retry).toBeLessThan(data!.refresh);
      expect(data!.expire).toBeGreaterThan(data!.refresh + data!.retry);
    }
  });

  it('SOA, NS and filler under its apex, and keys where it is signed', () => {
    for (const zone of tree.zones) {
      const apex = formatName(zone.apex);
      const keyTypes = zone.signer ? [dnskey.type, cds.type, cdnskey.type] : [];
      const types = [...zone.names.get(nameKey(zone.apex))!.keys()];
      expect(
        types.sort((x, y) => x - y),
        apex,
      ).toEqual([ns.type, soa.type, ...keyTypes].sort((x, y) => x - y));
      expect(setOf(zone, `filler.${apex}`, txt.type), apex).toBeDefined();
    }
  });

  it('in the zone of a pair: two keys in DNSKEY, one of them in DS, CDS and CDNSKEY', () => {
    const zone = zoneOf('a8');
    const count = (type: number) => setOf(zone, 'a8.probe.test.', type)!.rdatas.length;
    expect([count(dnskey.type), count(cds.type), count(cdnskey.type)]).toEqual([2, 1, 1]);
    expect(zone.ds?.rdatas).toHaveLength(1);
  });
});

describe('DS at the parent', () => {
  it('is there for every signed child, and not for an unsigned one or the origin', () => {
    for (const zone of tree.zones)
      expect(zone.ds !== undefined, zone.label).toBe(zone.parent !== undefined && zone.signer !== undefined);
  });

  it('is SHA-256 over the name in lower case and the DNSKEY RDATA of the key with SEP (RFC 4509 §2.1)', () => {
    const mixed = buildZones('PROBE.test', files, FULL_PLAN, keys);
    for (const { ds, signer, apex, label } of mixed.zones.filter((zone) => zone.ds)) {
      const [key, ...more] = signer!.keys.filter(({ isKsk }) => isKsk);
      const owner = labels(apex).flatMap((one) => [
        one.length,
        ...latin1(Buffer.from(one).toString('latin1').toLowerCase()),
      ]);
      const digest = createHash('sha256')
        .update(Uint8Array.from([...owner, 0]))
        .update(key!.rdata)
        .digest('hex');
      expect(more).toEqual([]);
      expect(ds!.rdatas).toHaveLength(1);
      const data = ds!.rdatas[0] as Ds;
      expect({ ...data, digest: toHex(data.digest) }, label).toEqual({
        keyTag: key!.keyTag,
        algorithm: key!.algorithm,
        digestType: 2,
        digest,
      });
    }
  });

  it('is what dnssec-dsfromkey makes of the key file', ({ skip }) => {
    const program = findProgram('dnssec-dsfromkey');
    skipFor(program ? undefined : 'dnssec-dsfromkey not installed (Debian: bind9-utils)', skip);
    for (const zone of tree.zones.filter(({ signer }) => signer)) {
      const [{ keyTag }] = zone.signer!.keys.filter(({ isKsk }) => isKsk) as [SigningKey];
      const key = keys.find((one) => one.zone === zone.text && one.keyTag === keyTag)!;
      const times = { created: 1_796_000_000, publish: 1_796_000_000, activate: 1_796_000_000 };
      const file = join(FOLDER, `${keyFileBase(key)}.key`);
      writeFileSync(file, formatKeyFiles(key, times).publicText);
      const printed = execFileSync(program!, ['-2', file], { encoding: 'utf8' }).trim();
      expect(formatDs(zone).map(({ text }) => text)).toEqual([printed]);
    }
  });
});

/** The origin with these static records, and a zone `a13`. */
function withRecords(master: string, label = 'a13'): ZoneTree {
  const file = (one: string): ZoneFile => ({
    ...files.find((shipped) => shipped.label === (one === '' ? '' : 'a13'))!,
    label: one,
    file: `${one || 'origin'}.toml`,
    master: one === '' ? { text: master, file: 'static.zone' } : undefined,
  });
  const all = [...keys, generateKey({ zone: `${label}.probe.test.`, algorithm: 13, flags: 257 })];
  return buildZones(ORIGIN, [file(''), file(label)], FULL_PLAN, all);
}

describe('static records', () => {
  it('stand beside those that the server makes', () => {
    const { origin } = withRecords('@ TXT "v=spf1 -all"\nwww A 192.0.2.80\n');
    expect(setOf(origin, 'probe.test.', txt.type)?.rdatas).toHaveLength(1);
    expect(addressesOf(origin, 'WWW.probe.test.')).toEqual(['c0000250']);
  });

  it('make their ancestors exist (RFC 8020 §2)', () => {
    const { origin } = withRecords('a.b.c TXT x\n');
    for (const owner of ['b.c.probe.test.', 'c.probe.test.'])
      expect(origin.names.get(nameKey(parseName(owner)))).toEqual(new Map());
  });

  it('that say the same twice are one record (RFC 2181 §5)', () => {
    const { origin } = withRecords(
      'x A 192.0.2.1\nx A 192.0.2.1\ny CNAME www\nY CNAME WWW\nns1 A 127.0.0.1\n',
    );
    expect(addressesOf(origin, 'x.probe.test.')).toEqual(['c0000201']);
    expect(setOf(origin, 'y.probe.test.', cname.type)?.rdatas).toHaveLength(1);
    expect(addressesOf(origin, 'ns1.probe.test.')).toEqual(['7f000001', '20010db8000000000000000000000001']);
  });

  it.each([
    ['@ NS ns9\n', 'static.zone: SOA, NS and keys at the apex are made by the server'],
    ['@ SOA a b 1 2 3 4 5\n', 'static.zone: SOA, NS and keys at the apex are made by the server'],
    ['x CNAME y\nx TXT z\n', 'static.zone: x.probe.test. has a CNAME and another record (RFC 1034 §3.6.2)'],
    ['x TXT z\nX CNAME y\n', 'has a CNAME and another record'],
    ['x CNAME y\nx CNAME z\n', 'has a CNAME and another record'],
    ['@ CNAME y\n', 'static.zone: probe.test. has a CNAME and another record'],
    ['ns1 CNAME y\n', 'static.zone: ns1.probe.test. has a CNAME and another record'],
    ['www.a13 A 192.0.2.1\n', "a13.toml: label 'a13': the origin has records at that name or below it"],
    ['a13 TXT x\n', "a13.toml: label 'a13': the origin has records at that name or below it"],
    ['other.test. A 192.0.2.1\n', 'static.zone:1: owner outside the zone'],
  ])('%j are refused', (master, why) => {
    expect(() => withRecords(master)).toThrow(why);
  });
});

it.each(['filler', 'ns1', 'nsc-v4'])(
  'a zone may not be called %s: the origin has a record there',
  (label) => {
    expect(() => withRecords('', label)).toThrow(
      `${label}.toml: label '${label}': the origin has records at that name`,
    );
  },
);

it('a signed zone without a key of its algorithm is refused', () => {
  const others = keys.filter(({ zone }) => zone !== 'a13.probe.test.');
  expect(() => buildZones(ORIGIN, files, FULL_PLAN, others)).toThrow('no key of algorithm 13 for a13');
  const wrong = generateKey({ zone: 'a13.probe.test.', algorithm: 15, flags: 257 });
  expect(() => buildZones(ORIGIN, files, FULL_PLAN, [...others, wrong])).toThrow(
    'no key of algorithm 13 for a13',
  );
});
