import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ConfigError,
  loadConfig,
  SETTINGS,
  type Sources,
  showConfig,
  tomlKey,
  variableOf,
} from '../../src/config.ts';
import { SAMPLES } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'padzone-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: string): string {
  const path = join(folder, 'padzone.toml');
  writeFileSync(path, content);
  return path;
}

/** A value of a file as the text of a flag or variable. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.map((item) => (typeof item === 'string' ? item : Object.values(item).join('/'))).join(',');
}

/** Every message of what is wrong, the first one first. */
function problems(sources: Partial<Sources>): string[] {
  try {
    loadConfig({ flags: {}, env: {}, ...sources });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [error, ...error.others].map(({ message }) => message);
  }
}

const NAMES = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[];
const PLACES = ['flag', 'variable', 'file'] as const;

/** Where each setting is given, in the order of precedence; it has another value in each place. */
type Places = Readonly<Record<string, (typeof PLACES)[number][]>>;

function sourcesOf(places: Places): Sources {
  const at = (place: (typeof PLACES)[number]) => NAMES.filter((name) => places[name]?.includes(place));
  const file = at('file').map((name) => [tomlKey(name), SAMPLES[name].good[2]]);
  const flags = at('flag').map((name) => [name, textOf(SAMPLES[name].good[0])]);
  const env = at('variable').map((name) => [variableOf(name), textOf(SAMPLES[name].good[1])]);
  const config = fileOf(stringify(Object.fromEntries(file)));
  return { flags: { ...Object.fromEntries(flags), config }, env: Object.fromEntries(env) };
}

function expectedOf(places: Places): Record<string, unknown> {
  const given = NAMES.flatMap((name) => {
    const [first] = places[name] ?? [];
    return first ? [[tomlKey(name), SAMPLES[name].good[PLACES.indexOf(first)]]] : [];
  });
  const { secret, ...expected } = Object.fromEntries(given);
  return secret === undefined ? expected : { ...expected, secret: '********' };
}

it('takes each setting from its flag, else its variable, else the file, else its default', () => {
  const defaults = showConfig(loadConfig({ flags: {}, env: {} }));
  // These two follow from other settings; they have tests of their own.
  const { node_id: _id, secret_file: _file, ...fixed } = defaults;
  const places = fc.record(Object.fromEntries(NAMES.map((name) => [name, fc.subarray([...PLACES])])));
  const property = fc.property(places, (given) => {
    const expected = { ...fixed, ...expectedOf(given) };
    fc.pre(expected['direct'] === 'gate' || expected['force_open'] === true);
    const shown = showConfig(loadConfig(sourcesOf(given)));
    expect(shown).toEqual({ node_id: shown['node_id'], secret_file: shown['secret_file'], ...expected });
  });
  fc.assert(property, { numRuns: 200 });
});

it.each(NAMES)('%s: says in one line where, what was given and what is allowed', (name) => {
  const { wrong } = SAMPLES[name];
  expect(wrong).not.toEqual([]);
  for (const [text, says] of wrong) {
    const [message = '', ...others] = problems({ flags: { [name]: text } });
    expect(others).toEqual([]);
    expect(message).toContain(says);
    expect(message).toContain(tomlKey(name).replaceAll('_', message.startsWith('flag ') ? '-' : '_'));
    expect(message).not.toContain('\n');
  }
});

it('names the source of a wrong value', () => {
  const path = fileOf('udp_max = "big"');
  const says = 'is not a whole number from 512 to 65507';
  expect(problems({ flags: { udpMax: '9' } })).toEqual([`flag --udp-max: 9 ${says}`]);
  expect(problems({ env: { PADZONE_UDP_MAX: '9' } })).toEqual([`variable PADZONE_UDP_MAX: 9 ${says}`]);
  expect(problems({ flags: { config: path } })).toEqual([`${path}: udp_max: "big" ${says}`]);
});

it('shows a secret in no message, wherever it was given', () => {
  const secret = 'c0ffee';
  const path = fileOf(`secret = "${secret}`);
  const messages = [
    ...problems({ flags: { secret } }),
    ...problems({ env: { PADZONE_SECRET: secret } }),
    ...problems({ flags: { config: fileOf(`secret = ["${secret}"]`) } }),
    ...problems({ flags: { config: fileOf(`secret = "${secret}`) } }),
  ];
  expect(messages).toHaveLength(4);
  expect(messages.join('\n')).not.toContain(secret);
  expect(messages[3]).toMatch(`${path}:1:`);
});

describe('the file', () => {
  it('is named by --config, else by PADZONE_CONFIG', () => {
    const path = fileOf('node = "a"');
    const other = join(folder, 'none.toml');
    expect(loadConfig({ flags: { config: path }, env: { PADZONE_CONFIG: other } }).node).toBe('a');
    expect(loadConfig({ flags: {}, env: { PADZONE_CONFIG: path } }).node).toBe('a');
    expect(problems({ flags: { config: other } })).toEqual([
      `flag --config: cannot read "${other}" (ENOENT)`,
    ]);
    expect(problems({ env: { PADZONE_CONFIG: other } })).toEqual([
      `variable PADZONE_CONFIG: cannot read "${other}" (ENOENT)`,
    ]);
  });

  it('may hold no unknown key, and says which was meant', () => {
    const path = fileOf('nod = 1\nudp-max = 512\ntoString = 1\n[zones]\n');
    expect(problems({ flags: { config: path } })).toEqual([
      `${path}: nod is not a setting; \`padzone config docs\` lists all`,
      `${path}: udp-max is not a setting; did you mean udp_max?`,
      `${path}: toString is not a setting; \`padzone config docs\` lists all`,
      `${path}: zones is not a setting; \`padzone config docs\` lists all`,
    ]);
  });

  it('may hold no unknown key in a name server', () => {
    const path = fileOf('[[nameservers]]\nname = "a"\nrole = "parent"\nipv4 = "192.0.2.1"\nipv5 = "x"');
    expect(problems({ flags: { config: path } })).toEqual([
      expect.stringMatching(
        /nameservers\[0\]: .* has the unknown key ipv5; its keys are name, role, ipv4, ipv6$/,
      ),
    ]);
  });

  it('wants an address in a name server', () => {
    const path = fileOf('[[nameservers]]\nname = "a"\nrole = "parent"');
    expect(problems({ flags: { config: path } })[0]).toContain('has neither ipv4 nor ipv6');
  });

  it('is TOML, and a message gives line and column', () => {
    const path = fileOf('node = "a"\norigin = = 1');
    expect(problems({ flags: { config: path } })).toEqual([
      expect.stringMatching(/padzone\.toml:2:10: is not TOML: [^\n]+$/),
    ]);
  });
});

it('keeps the secret in the folder of the keys', () => {
  expect(loadConfig({ flags: { keysDir: '/k' }, env: {} }).secretFile).toBe('/k/secret');
});

it('reads the number of the node from its name, and refuses one that does not fit', () => {
  const id = (node: string) => loadConfig({ flags: { node }, env: {} }).nodeId;
  expect([id('ns1'), id('tokyo'), id('a9b12'), id('ns255')]).toEqual([1, 0, 12, 255]);
  expect(problems({ flags: { node: 'ns256' } })).toEqual([
    'default of node_id: 256 is not a whole number from 0 to 255',
  ]);
});

it('keeps one form of a name and an address', () => {
  const config = loadConfig({ flags: { origin: 'Probe.Example.', dnsListen: '[0:0:0::1]:53' }, env: {} });
  expect(config.origin).toBe('probe.example');
  expect(config.dnsListen).toEqual([{ address: '::1', port: 53, family: 6 }]);
});

it('gives settings that nobody can change', () => {
  const config = loadConfig({ flags: {}, env: {} });
  expect(Object.isFrozen(config) && Object.isFrozen(config.dnsListen)).toBe(true);
});
