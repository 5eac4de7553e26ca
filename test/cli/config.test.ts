import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { loadConfig, settingsPage, showConfig } from '../../src/config.ts';
import { padzone } from './run-program.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const ONE_PAIR = 'a.test/parent/192.0.2.1,b.test/children/192.0.2.2,c.test/hostile/2001:db8::3';
const FULL = ['--nameservers', ONE_PAIR, '--dns-listen', '192.0.2.1:53,192.0.2.2:53,[2001:db8::3]:53'];

describe('config check', () => {
  it('prints warnings and passes settings that are valid', async () => {
    const { status, out, err } = await padzone(['config', 'check', '--secret', SECRET]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toBe(
      'warning: nameservers: one address serves parent and children: the zones v4 and v6 measure nothing\n' +
        'warning: nameservers: one address serves the hostile zone and others: resolvers may avoid it for all of them\n' +
        'settings are valid, 2 warnings\n',
    );
  });

  it('says so when there is nothing to say', async () => {
    const { status, out } = await padzone(['config', 'check', '--secret', SECRET, ...FULL]);
    expect({ status, out }).toEqual({ status: 0, out: 'settings are valid\n' });
  });

  it('prints every problem, one a line, and fails with 2', async () => {
    const argv = ['config', 'check', '--udp-max', '9', '--node', '-'];
    const { status, out, err } = await padzone(argv, undefined, { PADZONE_DIRECT: 'shut' });
    expect({ status, err }).toEqual({ status: 2, err: '' });
    expect(out).toBe(
      'error: flag --node: "-" is not 1 to 63 letters, digits and inner hyphens\n' +
        'error: variable PADZONE_DIRECT: "shut" is not one of gate, open\n' +
        'error: flag --udp-max: 9 is not a whole number from 512 to 65507\n',
    );
  });
});

describe('config show', () => {
  it('prints a settings file, or with --json one JSON document', async () => {
    const expected = showConfig(loadConfig({ flags: { udpMax: '512', dnsListen: '[::1]:53' }, env: {} }));
    const argv = ['config', 'show', '--udp-max', '512', '--dns-listen', '[::1]:53'];
    expect(parse((await padzone(argv)).out)).toEqual(expected);
    expect(JSON.parse((await padzone([...argv, '--json'])).out)).toEqual(expected);
    expect(expected).toMatchObject({ udp_max: 512, dns_listen: ['[::1]:53'] });
  });

  it('masks the secret', async () => {
    for (const form of [[], ['--json']]) {
      const { status, out } = await padzone(['config', 'show', ...form], undefined, {
        PADZONE_SECRET: SECRET,
      });
      expect(status).toBe(0);
      expect(out).toContain('********');
      expect(out).not.toContain(SECRET);
    }
  });
});

it('config docs prints the page of all settings', async () => {
  expect(await padzone(['config', 'docs'])).toEqual({ status: 0, out: settingsPage(), err: '' });
});
