/** `padzone probe`: what its operator types, whom it asks first, and what it says when already that fails. */
import dns from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../src/cli/probe/server-address.ts';
import { probe } from '../../src/cli/probe.ts';
import { ConfigError } from '../../src/config.ts';
import {
  CD,
  check,
  closeAll,
  RA,
  reply,
  resolver,
  run,
  runJson,
  Sink,
  servfail,
  standIn,
} from './stand-in.ts';

describe('when the first question fails', () => {
  it('stops after me where nothing listens', async () => {
    const address = await standIn(resolver());
    closeAll();
    const { status, document } = await runJson(probe, [address], { timeout: '0.5' });
    expect(document.tests).toHaveLength(1);
    expect(document.tests[0]?.problem).toBe('nothing listens there (connection refused)');
    expect(document.advice).toEqual([
      expect.stringMatching(/^Nothing listens at 127\.0\.0\.1:\d+: check the address/),
    ]);
    expect(status).toBe(2);
  });

  it('says how to tell a resolver that says nothing from one that gets nothing', async () => {
    const { status, document } = await runJson(probe, [await standIn(async () => undefined)], {
      timeout: '0.3',
    });
    expect(document.tests).toHaveLength(1);
    expect(document.advice).toEqual([
      expect.stringMatching(
        /^No usable answer came from .* Ask it for another name, as in `dig @127\.0\.0\.1 -p \d+ \. NS`/,
      ),
    ]);
    expect(status).toBe(2);
  });

  it.each(['fe80::1', '255.255.255.255'])('says so where the system sends nothing to %s', async (address) => {
    const { status, document } = await runJson(probe, [address], { timeout: '0.5' });
    expect(document.tests).toHaveLength(1);
    expect(document.tests[0]?.problem).toMatch(/^(there is no route to it|this system sends nothing there)$/);
    expect(document.advice).toHaveLength(1);
    expect(status).toBe(2);
  });

  it('tells who has no route to it apart from a server that is down', async () => {
    // A link-local address without its link: no system can send there.
    const { document } = await runJson(probe, ['fe80::1'], { timeout: '0.5' });
    expect(document.advice[0]).toMatch(/^This host has no route to \[fe80::1\]:53: /);
  });

  it.each([
    { rcode: 5, advice: 'access-control in Unbound', asked: ['me'], exit: 2 },
    { rcode: 3, advice: 'check the setting origin', asked: ['me'], exit: 2 },
    { rcode: 2, advice: 'size is not the cause', asked: ['me', 'me +cd'], exit: 1 },
  ])('has advice for RCODE $rcode, and exit status $exit', async ({ rcode, advice, asked, exit }) => {
    const address = await standIn((query) => reply(query, { flags: RA | rcode }));
    const { status, document } = await runJson(probe, [address], { sizes: '512' });
    expect(document.advice[0]).toContain(advice);
    expect(document.tests.map((each) => each.asked)).toEqual(asked);
    expect(status).toBe(exit);
  });
});

describe('a resolver that fails for every name', () => {
  const OPENED = /^me(-|$)/;

  /** As without the key that signs the root: nothing but what is asked with CD=1 is answered, and its version. */
  const untrusting = (version?: string, isHeeded = true) =>
    resolver({ ...(version !== undefined && { version }) }, (asked, query) => {
      const isUnchecked = isHeeded && ((query.flags ?? 0) & CD) !== 0;
      return isUnchecked || !OPENED.test(asked) ? undefined : servfail(query);
    });

  it('does not validate right where CD=1 brings an answer: the anchors come first, then clock and DS record', async () => {
    const address = await standIn(untrusting('unbound 1.17.1'));
    const { status, document } = await runJson(probe, [address]);
    expect(check(document, 'me')).toMatchObject({
      state: 'problem',
      text: 'answered SERVFAIL; with CD=1 an answer came, so validation fails',
    });
    const [host, port] = address.split(':');
    expect(document.advice).toEqual([
      expect.stringContaining(`\`dig @${host} -p ${port} . SOA\` tells where`),
      expect.stringMatching(
        /^Look at the trust anchors first: since 2026-10-11 38696 \(KSK-2024\) .*: in Unbound see [^;]+, add it by `unbound-anchor -a` [^;]+\.$/,
      ),
      expect.stringMatching(/^Then at its clock /),
      expect.stringMatching(/^Then at the DS record of probe\.example /),
    ]);
    expect(document.version).toBe('unbound 1.17.1');
    expect(status).toBe(1);
  });

  it.each([
    { version: '9.18.49', shows: 'rndc secroots -', adds: 'rndc managed-keys destroy' },
    { version: 'PowerDNS Recursor 4.8.8', shows: 'rec_control get-tas', adds: 'rec_control add-ta . ' },
    {
      version: 'Knot Resolver 5.6.0',
      shows: 'trust_anchors.summary()',
      adds: "trust_anchors.add('. IN DS 38696",
    },
  ])('is told how to look and what to add: $version', async ({ version, shows, adds }) => {
    const { document } = await runJson(probe, [await standIn(untrusting(version))]);
    expect(document.advice[1]).toContain(shows);
    expect(document.advice[1]).toContain(adds);
    expect(document.advice[1]).not.toContain('Unbound');
  });

  it('is told so of all four where it says no version', async () => {
    const { document } = await runJson(probe, [await standIn(untrusting())]);
    for (const way of ['id = 38696', 'rndc secroots', 'trust_anchors.summary()', 'rec_control get-tas'])
      expect(document.advice[1]).toContain(way);
  });

  it('does not reach the servers where CD=1 brings none: the delegation comes first, and the anchors after', async () => {
    const { status, out } = await run(probe, [await standIn(untrusting(undefined, false))]);
    expect(out).toMatch(/^me {2}PROBLEM: answered SERVFAIL; with CD=1 neither \(answered SERVFAIL\)$/m);
    expect(out).toMatch(
      /^1\. .* Check the delegation of probe\.example, .*\n2\. Where it ignores CD, .* trust anchors/m,
    );
    expect(status).toBe(1);
  });

  it('is told the same by the catalog of broken zones', async () => {
    const { status, out } = await run(probe, [await standIn(untrusting())], { dnssec: true });
    expect(out).toMatch(/^Validation is what fails, .*\nLook at the trust anchors first: /);
    expect(status).toBe(1);
  });
});

describe('without an address', () => {
  const before = dns.getServers();
  afterEach(() => dns.setServers(before));

  it('asks the resolver of this system, the next one where the first is silent', async () => {
    const silent = await standIn(() => undefined);
    const address = await standIn(resolver());
    dns.setServers([silent, address]);
    const { status, err } = await run(probe, [], { sizes: '512', timeout: '0.5' });
    expect(err).toBe(`${silent} does not answer, going on to the next one\n`);
    expect(status).toBe(0);
    dns.setServers([address]);
    expect((await runJson(probe, [], { sizes: '512' })).document.server).toBe(address);
  });

  it('says so where this system has none', async () => {
    dns.setServers([]);
    await expect(run(probe, [])).rejects.toThrow('this system knows no resolver');
  });
});

describe('progress', () => {
  it('is one line on a terminal, gone at the end, and nothing elsewhere', async () => {
    const address = await standIn(resolver());
    const terminal = Object.assign(new Sink(), { isTTY: true });
    await run(probe, [address], { sizes: '512' }, { err: terminal });
    expect(terminal.text).toContain(' s512 …\r');
    expect(terminal.text).not.toContain('\n');
    expect(terminal.text.endsWith('\r\x1b[K')).toBe(true);
    expect((await run(probe, [address], { sizes: '512' })).err).toBe('');
  });
});

describe('what the operator types', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 53],
    ['192.0.2.1:5300', '192.0.2.1', 5300],
    ['2001:db8::1', '2001:db8::1', 53],
    ['::1:5300', '::1:5300', 53],
    ['[2001:db8::1]', '2001:db8::1', 53],
    ['[2001:db8::1]:5300', '2001:db8::1', 5300],
    ['[fe80::1%eth0]:53', 'fe80::1%eth0', 53],
    ['ns1.probe.example.', 'ns1.probe.example.', 53],
    ['localhost:65535', 'localhost', 65_535],
  ])('reads %s', (typed, host, port) => {
    expect(parseServerAddress(typed)).toEqual({ host, port });
  });

  it.each([
    '',
    '192.0.2.256',
    '192.0.2.1:',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '192.0.2.1:5x',
    '[192.0.2.1]:53',
    '[2001:db8::1',
    '[2001:db8::1]53',
    '2001:db8::1::',
    'a b',
    '-name',
    ':53',
    'https://dns.example/',
  ])('refuses "%s"', async (address) => {
    await expect(run(probe, [address])).rejects.toThrow(ConfigError);
  });

  it.each([
    { option: 'sizes', value: '511' },
    { option: 'sizes', value: '65536' },
    { option: 'sizes', value: '' },
    { option: 'sizes', value: '512,,1232' },
    { option: 'sizes', value: '1e3' },
    { option: 'timeout', value: '0' },
    { option: 'timeout', value: '61' },
    { option: 'timeout', value: 'soon' },
  ])('refuses --$option "$value" and says what is allowed', async ({ option, value }) => {
    const allowed = option === 'sizes' ? 'a size from 512 to 65535' : 'above 0 and at most 60';
    await expect(run(probe, ['127.0.0.1:9'], { [option]: value })).rejects.toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        message: expect.stringMatching(`^--${option}: .*${allowed}$`),
      }),
    );
  });
});
