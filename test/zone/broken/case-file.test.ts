import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCaseFile, readCaseFiles } from '../../../src/zone/broken/case-file.ts';
import { testFolder } from '../../support/folder.ts';

const FOLDER = testFolder('cases');

const GOOD = `label = "some"
summary = "Something is wrong"
group = "base"
expect = "bogus"
references = ["RFC 4035 §5"]
`;

/** Every case that was measured behind real resolvers. */
const LABELS = `good unsigned nods
  ds-bad-tag ds-bad-algo ds-bad-digest ds-unassigned-algo ds-reserved-algo ds-unassigned-digest ds-gost-only ds-sha1-only ds-sha384
  ds-onegood-onebad ds-sha1good-sha256bad
  rrsig-exp-a rrsig-exp-all rrsig-exp-1h rrsig-notyet-a rrsig-notyet-all rrsig-exp-before-inc rrsig-none-a rrsig-none-dnskey
  rrsig-none-all do-stripped rrsig-bad-a rrsig-baddata-a cname-to-bad rrsig-bad-dnskey rrsig-signer-parent rrsig-labels-big
  rrsig-ottl-small rrsig-wrong-tag
  dnskey-none dnskey-no-ksk dnskey-revoked-ksk-olds dnskey-no-zsk dnskey-nozonebit dnskey-ksk-nozonebit dnskey-proto
  dnskey-revoked-ksk
  alg5 alg7 alg8 alg10 alg13 alg14 alg15 alg16 alg8-1024 alg8-4096 alg1 alg-unassigned alg8-512 alg-private
  nsec-missing nsec-bad nsec-wrong wild-ok wild-noproof nsec3-0 nsec3-1 nsec3-50 nsec3-51 nsec3-100 nsec3-150 nsec3-151 nsec3-500
  nsec3-salt nsec3-salt-255 nsec3-salt-param nsec3-salt-wrong nsec3-nxdomain nsec3-nods
  nsec3-optout nsec3-optout-nodata nsec3-optout-nxdomain nsec3-optout-unset nsec3-optout-narrow
  bad-cname-to-good ecs-formerr servfail-dnskey tc-notcp big-dnskey`.split(/\s+/);

describe('the shipped cases', () => {
  it('are all 83', async () => {
    const cases = await readCaseFiles('zones/broken');
    expect(LABELS).toHaveLength(83);
    expect(cases.map(({ label }) => label)).toEqual([...LABELS].sort());
  });

  it('are named as their files', async () => {
    for (const { label, file } of await readCaseFiles('zones/broken'))
      expect(file).toBe(`zones/broken/${label}.toml`);
  });

  it('point only to cases that are there', async () => {
    for (const { cname } of await readCaseFiles('zones/broken'))
      if (cname !== undefined) expect(LABELS).toContain(cname);
  });

  it('survive structured cloning', async () => {
    const cases = await readCaseFiles('zones/broken');
    expect(structuredClone(cases)).toEqual(cases);
  });
});

it('says nothing of what is good', () => {
  const { ksk, zsk, ds, signatures, asks, rcode, algorithm } = parseCaseFile(GOOD, 'some.toml');
  const key = { protocol: 3, published: true };
  expect({ ksk, zsk, ds, signatures, asks, rcode, algorithm }).toEqual({
    ksk: key,
    zsk: key,
    ds: [{ type: 2 }],
    signatures: [],
    asks: { name: 'www', type: 'A' },
    rcode: 'NOERROR',
    algorithm: 13,
  });
});

it('has its keys explained', () => {
  const page = readFileSync('zones/broken/README.md', 'utf8');
  const { file: _, ...keys } = parseCaseFile(GOOD, 'some.toml');
  const optional = ['notes', 'nsec', 'nsec3', 'delegation', 'cname', 'transport'];
  for (const key of [...Object.keys(keys), ...optional])
    expect(page).toMatch(new RegExp(`^\\|.*\`${key}\`.*\\|`, 'm'));
});

describe('a file that breaks a rule', () => {
  it.each([
    ['label = "a b"', 1, 'label: want one label of a-z, 0-9 and hyphens'],
    [`${GOOD}foo = 1`, 6, 'foo: unknown key, want one of label, summary, group, '],
    [`${GOOD}ds = [{ tagg = 1 }]`, 6, 'ds.0.tagg: unknown key'],
    [`${GOOD}ds = [{ tag = "x" }]`, 6, "ds.0.tag: want 0 to 65535, or 'wrong'"],
    [`${GOOD}ds = [{ digest = "abcd" }]`, 6, 'ds.0.digest: want two hex digits'],
    [`${GOOD}bits = 1001`, 6, 'bits: want a multiple of 8'],
    [`${GOOD}bits = 8192`, 6, 'bits: want a whole number from 512 to 4096'],
    [`${GOOD}bits = 512\nalgorithm = 10`, 6, 'bits: algorithm 10 wants 1024 or more'],
    [`${GOOD}spare = 2`, 6, 'spare: goes with the RSA algorithms 1, 5, 7, 8, 10'],
    [`${GOOD}ksk = { flags = 70000 }`, 6, 'ksk.flags: want a whole number from 0 to 65535'],
    [`${GOOD}signatures = [{ of = ["B"] }]`, 6, 'signatures.0.of.0: want a TYPE such as A'],
    [`${GOOD}signatures = [{ valid = ["1d", "2d"] }]`, 6, "signatures.0.valid.0: want a moment as '-30d'"],
    [`${GOOD}signatures = [{ valid = ["-1d"] }]`, 6, 'signatures.0.valid: want two moments'],
    [`${GOOD}asks = "www MX"`, 6, 'asks: want a name below the zone and A, AAAA or TXT'],
    [
      `${GOOD}known = { unbound = "fine" }`,
      6,
      'known.unbound: want one of secure, insecure, servfail, timeout, other',
    ],
    [`${GOOD}known = { djbdns = "secure" }`, 6, 'known.djbdns: unknown key'],
    [`${GOOD}accepts = ["secure"]`, 6, "accepts: goes with expect = 'varies'"],
    [GOOD.replace('bogus', 'varies'), 0, "accepts: goes with expect = 'varies'"],
    [`${GOOD}signed = false`, 6, 'signed: a zone without keys has no DS: want ds = []'],
    [`${GOOD}nsec = "wrong"\nnsec3 = {}`, 6, 'nsec: a zone has NSEC or NSEC3'],
    [`${GOOD}nsec3 = { salt = "abc" }`, 6, 'nsec3.salt: want hex digits, of 255 octets at most'],
    [
      `${GOOD}nsec3 = { hashed = "${'ab'.repeat(256)}" }`,
      6,
      'nsec3.hashed: want hex digits, of 255 octets at',
    ],
    [`${GOOD}rcode = "SERVFAIL"`, 6, 'rcode: want one of NOERROR, NXDOMAIN'],
    [`${GOOD}delegation = "yes"`, 6, "delegation: want 'listed' or 'left-out'"],
    [`${GOOD}delegation = "left-out"`, 6, 'delegation: only NSEC3 leaves names out (RFC 5155 §6)'],
    [`${GOOD}cname = "good"\nwildcard = true`, 6, 'cname: www is a CNAME or comes from the wildcard'],
    [`${GOOD}label = "twice"`, 6, ''],
  ])('%s', (text, line, why) => {
    const place = line > 0 ? `some.toml:${line}: ` : 'some.toml: ';
    expect(() => parseCaseFile(text, 'some.toml')).toThrow(`${place}${why}`);
  });
});

it('refuses two files of one label, and a folder that is not there', async () => {
  const folder = join(FOLDER, 'cases');
  mkdirSync(folder);
  for (const name of ['one.toml', 'two.toml']) writeFileSync(join(folder, name), GOOD);
  await expect(readCaseFiles(folder)).rejects.toThrow("label 'some' is already taken by");
  await expect(readCaseFiles(join(folder, 'nosuch'))).rejects.toThrow('cannot be read');
});
