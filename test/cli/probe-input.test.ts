/** `padzone probe`: what its operator types, whom it asks first, and what it says when already that fails. */
import dns from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../src/cli/probe/server-address.ts';
import { probe } from '../../src/cli/probe.ts';
import { ConfigError } from '../../src/config.ts';
import { closeAll, RA, reply, resolver, run, runJson, Sink, standIn } from './stand-in.ts';

describe('when the first question fails', () => {
  it('stops after me where nothing listens', async () => {
    const address = await standIn(resolver());
    closeAll();
    const { status, document } = await runJson(probe, [address], { timeout: '0.5' });
    expect(document.tests).toHaveLength(1);
    expect(document.tests[0]?.problem).toBe('nothing listens there (connection refused)');
    expect(document.advice[0]).toContain('did not answer at all');
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
    { rcode: 5, advice: 'access-control in Unbound', exit: 2 },
    { rcode: 3, advice: 'check the setting origin', exit: 2 },
    { rcode: 2, advice: 'size is not the cause', exit: 1 },
  ])('has advice for RCODE $rcode, and exit status $exit', async ({ rcode, advice, exit }) => {
    const address = await standIn((query) => reply(query, { flags: RA | rcode }));
    const { status, document } = await runJson(probe, [address], { sizes: '512' });
    expect(document.advice[0]).toContain(advice);
    expect(document.tests).toHaveLength(1);
    expect(status).toBe(exit);
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
