/** Documents that cannot rot: generated pages are fresh, examples are claimed, columns are explained, README commands work. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startServer } from '../src/app.ts';
import { namesPage } from '../src/behaviors/names-page.ts';
import { BEHAVIORS } from '../src/behaviors/table.ts';
import { loadConfig } from '../src/config.ts';
import { makeMetrics, type Recorded } from '../src/http/metrics.ts';
import { ROUTES } from '../src/http/serve.ts';
import { createLog } from '../src/log.ts';
import { COLUMNS } from '../src/store/columns.ts';
import { readZoneFiles } from '../src/zone/zone-file.ts';
import { programProblem, skipFor } from './support/processes.ts';

const NOTHING: Recorded = {
  classes: () => [],
  counters: () => ({ written: 0, counted: 0, lost: { ring: 0, disk: 0, memory: 0, rate: 0 } }),
};

const ENGINE = { threads: 2, replaced: 0 };

const read = (file: string) => readFileSync(file, 'utf8');

it('docs/names.md is what the tables say (npm run docs)', async () => {
  const zones = await readZoneFiles('zones');
  expect(read('docs/names.md')).toBe(namesPage(zones.toSorted((a, b) => a.label.localeCompare(b.label))));
});

it('no two behaviors share a code or a name', () => {
  expect(new Set(BEHAVIORS.map(({ code }) => code)).size).toBe(BEHAVIORS.length);
  expect(new Set(BEHAVIORS.map(({ name }) => name)).size).toBe(BEHAVIORS.length);
});

it('docs/observations.md explains every column and no other', () => {
  const rows = read('docs/observations.md')
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const explained = rows.flatMap((line) =>
    [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(explained.sort()).toEqual(Object.keys(COLUMNS).sort());
});

it('docs/operating.md names the routes and only metrics that exist', () => {
  const page = read('docs/operating.md');
  for (const { path } of ROUTES) expect(page).toContain(`\`${path}\``);
  const exposed = makeMetrics('0', 'plain').text(NOTHING, ENGINE);
  const known = [...exposed.matchAll(/^# HELP (\w+)/gm)].map(([, name]) => name);
  for (const [name] of page.matchAll(/padzone_\w+_total/g)) expect(known).toContain(name);
});

it.for<[string, string, number]>([
  ['README.md', '5300', 3],
  // Of a resolver there; the names are those of the server all the same.
  ['docs/key-roll.md', '53', 20],
])(
  'the dig lines of %s get an answer from a server as it starts there',
  async ([page, shown, least], context) => {
    skipFor(programProblem('dig'), context.skip);
    const directory = await mkdtemp(join(tmpdir(), 'padzone-readme-'));
    const flags = {
      dnsListen: '127.0.0.1:0',
      httpListen: '',
      dataDir: join(directory, 'data'),
      keysDir: join(directory, 'keys'),
      logLevel: 'silent',
    };
    const config = loadConfig({ flags, env: {} });
    const server = await startServer(config, createLog(config));
    try {
      const lines = read(page)
        .split('\n')
        .flatMap((line) => [...line.matchAll(/(?:^|`)(dig @[^`]+)/g)].map(([, command]) => command!))
        // A resolver has names of others too.
        .filter((line) => line.includes(config.origin));
      expect(lines.length).toBeGreaterThanOrEqual(least);
      for (const line of lines) {
        const args = line.split(' ').slice(1);
        expect(args).toContain(shown);
        const port = String(server.listening[0]!.port);
        const { stdout } = await promisify(execFile)('dig', [
          ...args.map((word) => (word === shown ? port : word)),
          '+tries=2',
        ]);
        expect(stdout, line).toMatch(/status: NOERROR.*\n.*ANSWER: [1-9]|^"/m);
      }
    } finally {
      await server.stop();
      await rm(directory, { recursive: true });
    }
  },
);
