import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Subcommand } from '../../src/cli/subcommand.ts';
import { GROUPS, SUBCOMMANDS, type SubcommandRow } from '../../src/cli/table.ts';
import { type Config, ConfigError, flagOf, SETTINGS } from '../../src/config.ts';
import { padzone } from './run-program.ts';

/** What the subcommand `try` was run with. */
interface Run {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly config: Config;
}

let loaded: string[] = [];
let runs: Run[] = [];
beforeEach(() => {
  loaded = [];
  runs = [];
});

const ATTEMPT: Subcommand = {
  name: 'try',
  summary: 'Keep what it was run with',
  options: [
    { flags: '-o, --out-file <file>', description: 'a file', default: 'x.csv' },
    { flags: '--json', description: 'as JSON' },
  ],
  arguments: [
    { name: '<first>', description: 'one' },
    { name: '[rest...]', description: 'more' },
  ],
  async run({ config, out }, args, options) {
    out.write('done\n');
    runs.push({ args, options, config: config() });
    return 7;
  },
};

function row(subcommand: Subcommand): SubcommandRow {
  const load = async () => {
    loaded.push(subcommand.name);
    return subcommand;
  };
  return { name: subcommand.name, summary: subcommand.summary, load };
}

const throwing = (name: string, error: unknown): SubcommandRow =>
  row({ name, summary: name, options: [], run: () => Promise.reject(error) });

class ZoneFileError extends Error {
  readonly operator = true;
}

const ROWS = [
  row(ATTEMPT),
  throwing('keys refuse', new ConfigError('udp_max: no')),
  throwing('zone', new ZoneFileError('x.toml:3:\n  no SOA')),
  throwing('bug', new RangeError('filler of -1 octets')),
];

describe('running', () => {
  it('hands on arguments and own options, settings in config(), and the exit status', async () => {
    const argv = ['try', 'a', 'b', 'c', '--json', '--udp-max', '512', '--node=n3'];
    expect(await padzone(argv, ROWS)).toEqual({ status: 7, out: 'done\n', err: '' });
    expect(runs).toMatchObject([
      {
        args: ['a', 'b', 'c'],
        options: { outFile: 'x.csv', json: true },
        config: { udpMax: 512, nodeId: 3 },
      },
    ]);
    expect(Object.keys(runs[0]!.options).sort()).toEqual(['json', 'outFile']);
  });

  it('adds up a list over several flags, and takes the last of another flag', async () => {
    const allow = ['--allow', '192.0.2.1', '--allow', '::1,::2'];
    await padzone(['try', 'a', ...allow, '--udp-max', '600', '--udp-max', '700'], ROWS);
    expect(runs[0]!.config.allow.map(({ address }) => address)).toEqual(['192.0.2.1', '::1', '::2']);
    expect(runs[0]!.config.udpMax).toBe(700);
  });

  it('reads a switch with and without its value', async () => {
    for (const flags of [['--force-open'], ['--force-open', 'true'], ['--force-open', 'false'], []]) {
      await padzone(['try', 'a', ...flags], ROWS);
    }
    expect(runs.map(({ config }) => config.forceOpen)).toEqual([true, true, false, false]);
  });

  it('takes settings from the environment that it is given', async () => {
    await padzone(['try', 'a'], ROWS, { PADZONE_NODE: 'env' });
    expect(runs[0]!.config.node).toBe('env');
  });

  it('loads only the subcommand that is called, and none for the list of them', async () => {
    await padzone(['--help'], ROWS);
    await padzone(['keys'], ROWS);
    expect(loaded).toEqual([]);
    await padzone(['keys', 'refuse'], ROWS);
    expect(loaded).toEqual(['keys refuse']);
  });
});

describe('errors', () => {
  it.each([
    { argv: [], says: 'Usage: padzone <subcommand> [options]' },
    { argv: ['keys'], says: 'Usage: padzone keys <subcommand> [options]' },
    { argv: ['tri'], says: "error: unknown command 'tri'" },
    { argv: ['keys', 'refuze'], says: '(Did you mean refuse?)' },
    { argv: ['--node', 'a', 'try'], says: 'Flags of settings stand behind the subcommand' },
    { argv: ['try'], says: "error: missing required argument 'first'" },
    { argv: ['try', 'a', '--udp-mxa', '3'], says: '(Did you mean --udp-max?)' },
    { argv: ['try', 'a', '--udp-max'], says: "option '--udp-max <octets>' argument missing" },
    { argv: ['zone', 'a'], says: 'too many arguments' },
  ])('wrong usage is status 2: padzone $argv', async ({ argv, says }) => {
    const { status, out, err } = await padzone(argv, ROWS);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(says);
    expect(runs).toEqual([]);
  });

  it('what an operator gave wrong is one line and status 2, whichever layer refuses it', async () => {
    const wrong = await padzone(['try', 'a', '--udp-max', '9'], ROWS);
    const says = 'padzone: flag --udp-max: 9 is not a whole number from 512 to 65507\n';
    expect(wrong).toEqual({ status: 2, out: 'done\n', err: says });
    expect(await padzone(['keys', 'refuse'], ROWS)).toEqual({
      status: 2,
      out: '',
      err: 'padzone: udp_max: no\n',
    });
    expect(await padzone(['zone'], ROWS)).toEqual({ status: 2, out: '', err: 'padzone: x.toml:3: no SOA\n' });
  });

  it('a bug is status 1 with its stack', async () => {
    const { status, err } = await padzone(['bug'], ROWS);
    expect(status).toBe(1);
    expect(err).toMatch(/^padzone: RangeError: filler of -1 octets\n +at /);
  });
});

describe('help', () => {
  it('lists every subcommand with its group, on standard output', async () => {
    const { status, out, err } = await padzone(['--help']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const [, list = ''] = out.split('Subcommands:\n');
    const listed = list.split('\n').flatMap((line) => /^ {2}(\S+( \S+)?) {2}/.exec(line)?.[1] ?? []);
    expect(listed).toEqual(SUBCOMMANDS.map(({ name }) => name));
  });

  it('says every setting once, under one heading, with its default', async () => {
    const { status, out } = await padzone(['try', '--help'], ROWS);
    expect(status).toBe(0);
    const [own = '', settings = '', ...more] = out.split('\nSettings:\n');
    expect(more).toEqual([]);
    expect(own).toContain('-o, --out-file <file>');
    expect(own).toContain('--config <file>');
    const flags = settings.split('\n').flatMap((line) => /^ {2}(--[a-z-]+) [<[]/.exec(line)?.[1] ?? []);
    expect(flags).toEqual(Object.keys(SETTINGS).map(flagOf));
    expect(settings.replace(/\s+/g, ' ')).toContain('measured answer over UDP (default: 4096)');
  });

  it('of a subcommand that needs few settings says those alone, and takes all', async () => {
    const FEW = [row({ ...ATTEMPT, settings: ['origin'] })];
    const { out } = await padzone(['try', '--help'], FEW);
    const [, settings = ''] = out.split('\nSettings:\n');
    expect(settings.match(/--[a-z-]+ </g)).toEqual(['--origin <']);
    expect(out).toContain('All other settings are taken as well');
    await padzone(['try', 'a', '--udp-max', '600'], FEW);
    expect(runs[0]!.config.udpMax).toBe(600);
  });

  it('has no line wider than 80 columns', async () => {
    for (const argv of [['--help'], ['try', '--help'], ['keys', '--help']]) {
      const { out } = await padzone(argv, ROWS);
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('is the same behind the word help', async () => {
    expect(await padzone(['help', 'try'], ROWS)).toEqual(await padzone(['try', '--help'], ROWS));
    expect(await padzone(['help', 'keys', 'refuse'], ROWS)).toEqual(
      await padzone(['keys', 'refuse', '-h'], ROWS),
    );
    expect(await padzone(['help'], ROWS)).toEqual(await padzone(['--help'], ROWS));
  });
});

describe('the table', () => {
  it.each(SUBCOMMANDS)('$name: its file says the same, and its help has no clash of flags', async (entry) => {
    const { name, summary } = await entry.load();
    expect({ name, summary }).toEqual({ name: entry.name, summary: entry.summary });
    const { status, err } = await padzone([...name.split(' '), '--help']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
  });

  it('says what each group is for', () => {
    const groups = SUBCOMMANDS.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0]] : []));
    expect([...new Set(groups)].sort()).toEqual(Object.keys(GROUPS).sort());
  });
});

describe('the program', () => {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const run = (...argv: string[]) =>
    spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8', env: {} });

  it('prints its version, and ends with the exit status (needs `npm run build`)', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(run('config', 'show', '--udp-max', '9')).toMatchObject({ status: 2, stdout: '' });
  });

  it('can be run as a command, as npx does in a fresh clone', () => {
    expect(spawnSync(main, ['--version'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});
