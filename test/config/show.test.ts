import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { afterAll, expect, it } from 'vitest';
import {
  EXAMPLE,
  flagOf,
  loadConfig,
  SETTINGS,
  settingsPage,
  showConfig,
  tomlKey,
  variableOf,
  warningsOf,
} from '../../src/config.ts';
import { SAMPLES } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'padzone-show-'));
afterAll(() => rmSync(folder, { recursive: true }));

function loadFile(content: string) {
  const path = join(folder, 'padzone.toml');
  writeFileSync(path, content);
  return loadConfig({ flags: { config: path }, env: {} });
}

it('docs/settings.md is what `padzone config docs` prints', () => {
  expect(readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')).toBe(settingsPage());
});

it('the page has every key, flag, variable and rule once', () => {
  const page = settingsPage();
  for (const [name, { check, summary }] of Object.entries(SETTINGS)) {
    expect(page.split(`## \`${tomlKey(name)}\`\n\n${summary}.\n`)).toHaveLength(2);
    expect(page.split(`\`${flagOf(name)}\`, \`${variableOf(name)}\`\n`)).toHaveLength(2);
    expect(page).toContain(`- allowed: ${check.description}\n`);
  }
  expect(page).not.toMatch(/undefined|\[object/);
});

it('the example of the page loads, and misses only a hostile zone of its own', () => {
  const config = loadFile(EXAMPLE);
  expect(config.nameservers).toHaveLength(2);
  expect(warningsOf(config)).toEqual([
    expect.stringContaining('one address serves the hostile zone and others'),
  ]);
});

it('what is shown is a file that gives the same settings, the secret aside', () => {
  for (const round of [0, 1, 2] as const) {
    const given = Object.entries(SAMPLES).map(([name, { good }]) => [tomlKey(name), good[round]]);
    const config = loadFile(stringify({ ...Object.fromEntries(given), direct: 'gate' }));
    const { secret, ...shown } = showConfig(config);
    expect(secret).toBe('********');
    expect(loadFile(stringify(shown))).toEqual({ ...config, secret: '' });
  }
});
