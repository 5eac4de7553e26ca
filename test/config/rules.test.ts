import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, checkFleet, loadConfig, nameserversOf, warningsOf } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'padzone-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (flags: Record<string, string>) => loadConfig({ flags, env: {} });
const absent = join(folder, 'absent');
const present = join(folder, 'secret');
writeFileSync(present, `${'00'.repeat(16)}\n`, { mode: 0o600 });

const TWO = 'ns1.probe.test/parent/192.0.2.1,ns2.probe.test/parent/198.51.100.1';
const FULL = [
  'ns1.probe.test/parent/192.0.2.1,ns1.probe.test/parent/2001:db8::1',
  'c1.probe.test/children/192.0.2.2,c1.probe.test/children/2001:db8::2',
  'x1.probe.test/hostile/192.0.2.3,x1.probe.test/hostile/2001:db8::3',
].join(',');
const FULL_LISTEN =
  '192.0.2.1:53,[2001:db8::1]:53,192.0.2.2:53,[2001:db8::2]:53,192.0.2.3:53,[2001:db8::3]:53';

describe('direct = "open"', () => {
  it.each([
    '127.0.0.1:53,[::1]:53',
    '127.255.0.2:53',
    '10.1.2.3:53,172.31.0.1:53,192.168.9.9:53',
    '169.254.1.1:53,[fe80::1]:53,[fd00::1]:53',
  ])('stands on loopback and private addresses: %s', (dnsListen) => {
    expect(load({ direct: 'open', dnsListen }).direct).toBe('open');
  });

  it.each([
    '0.0.0.0:53',
    '[::]:53',
    '192.0.2.1:53',
    '172.15.0.1:53',
    '172.32.0.1:53',
    '11.0.0.1:53',
    '128.0.0.1:53',
    '100.64.0.1:53',
    '[2001:db8::1]:53',
    '[::ffff:192.0.2.1]:53',
  ])('is refused on %s unless forced', (dnsListen) => {
    const flags = { direct: 'open', dnsListen: `127.0.0.1:53,${dnsListen}` };
    expect(() => load(flags)).toThrow(
      `direct: "open" with dns_listen ${dnsListen}, which is neither loopback nor private`,
    );
    expect(load({ ...flags, forceOpen: 'true' }).direct).toBe('open');
    expect(load({ ...flags, direct: 'gate' }).direct).toBe('gate');
  });
});

describe('nameserversOf', () => {
  it('is ns1 below the origin for every role, at the addresses listened on, when none is listed', () => {
    const groups = nameserversOf(
      load({ origin: 'probe.example', dnsListen: '127.0.0.1:53,[::1]:53,[::1]:54' }),
    );
    const ns1 = { name: 'ns1.probe.example', ipv4: ['127.0.0.1'], ipv6: ['::1'] };
    expect(groups).toEqual([
      { ...ns1, role: 'parent' },
      { ...ns1, role: 'children' },
      { ...ns1, role: 'hostile' },
    ]);
  });

  it('takes no wildcard for an address', () => {
    const [parent] = nameserversOf(load({ dnsListen: '0.0.0.0:53' }));
    expect(parent).toEqual({ name: 'ns1.probe.test', role: 'parent', ipv4: [], ipv6: [] });
  });

  it('groups addresses by name and role, and lets the parents carry a role that has no server', () => {
    const flag =
      'a.test/parent/192.0.2.1,b.test/parent/192.0.2.2,a.test/parent/2001:db8::1,c.test/children/::1';
    const a = { name: 'a.test', ipv4: ['192.0.2.1'], ipv6: ['2001:db8::1'] };
    const b = { name: 'b.test', ipv4: ['192.0.2.2'], ipv6: [] };
    expect(nameserversOf(load({ nameservers: flag }))).toEqual([
      { ...a, role: 'parent' },
      { ...b, role: 'parent' },
      { name: 'c.test', role: 'children', ipv4: [], ipv6: ['::1'] },
      { ...a, role: 'hostile' },
      { ...b, role: 'hostile' },
    ]);
  });
});

describe('checkFleet', () => {
  const check = (flags: Record<string, string>, keysExist = false) =>
    checkFleet(load({ secretFile: absent, dnsListen: '192.0.2.1:53', ...flags }), { keysExist });

  it.each([
    { why: 'no name server is listed', flags: {} },
    {
      why: 'one has one address of each family',
      flags: { nameservers: 'a.test/parent/192.0.2.1,a.test/parent/::1' },
    },
    { why: 'children and hostile are further addresses', flags: { nameservers: FULL } },
    {
      why: 'this node listens on all',
      flags: { nameservers: TWO, dnsListen: '192.0.2.1:53,198.51.100.1:53' },
    },
  ])('lets one host make its own secret and keys: $why', ({ flags }) => {
    expect(() => check(flags)).not.toThrow();
  });

  it.each([
    { why: 'names', nameservers: TWO },
    { why: 'addresses of one family', nameservers: 'a.test/parent/192.0.2.1,a.test/parent/192.0.2.9' },
  ])('wants a secret and keys with two $why', ({ nameservers }) => {
    expect(() => check({ nameservers })).toThrow(ConfigError);
    expect(() => check({ nameservers }, true)).toThrow(`this node, which has no ${absent};`);
    expect(() => check({ nameservers, secretFile: present })).toThrow(
      'this node, which has no keys in keys;',
    );
    expect(() => check({ nameservers, secretFile: present }, true)).not.toThrow();
    expect(() => check({ nameservers, secret: '00'.repeat(16) }, true)).not.toThrow();
  });

  it('gives the command that copies them, in one line', () => {
    expect(() => check({ nameservers: TWO, keysDir: '/k' })).toThrow(
      `scp -p ${absent} /k/K* THIS-NODE:/k/ ;`,
    );
    expect(() => check({ nameservers: TWO })).toThrow(/^[^\n]+$/);
  });
});

describe('warnings', () => {
  const warn = (flags: Record<string, string>) => warningsOf(load({ secretFile: present, ...flags }));

  it('are none for the full plan of addresses', () => {
    expect(warn({ nameservers: FULL, dnsListen: FULL_LISTEN })).toEqual([]);
  });

  it.each([
    {
      flags: {},
      says: 'nameservers: one address serves parent and children: the zones v4 and v6 measure nothing',
    },
    { flags: {}, says: 'nameservers: one address serves the hostile zone and others' },
    { flags: { dnsListen: '127.0.0.1:53' }, says: 'no IPv6 address, so nothing is measured over IPv6' },
    { flags: { dnsListen: '[::1]:53' }, says: 'no IPv4 address, so nothing is measured over IPv4' },
    { flags: { dnsListen: '[::]:53' }, says: 'dns_listen: a wildcard says no address' },
    { flags: { nameservers: TWO }, says: 'dns_listen: has no address of nameservers' },
    { flags: { allow: '192.0.2.0/24,0.0.0.0/0' }, says: 'allow: 0.0.0.0/0 is wide' },
    { flags: { packetThreads: '64' }, says: 'packet_threads: 64 share ' },
    { flags: { udpMax: '1000' }, says: 'udp_plain_max: 1232 is above udp_max 1000' },
  ])('$says', ({ flags, says }) => {
    expect(warn(flags)).toContainEqual(expect.stringContaining(says));
    expect(warn({ nameservers: FULL, dnsListen: FULL_LISTEN })).toEqual([]);
  });

  it('name a secret that others can read', () => {
    const secretFile = join(folder, 'open-secret');
    writeFileSync(secretFile, '', { mode: 0o644 });
    expect(warn({ secretFile })).toContainEqual(expect.stringContaining('can be read by others'));
  });
});
