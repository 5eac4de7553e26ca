/** The command line: finds the row, loads its file, reads flags, and turns what is thrown into an exit status. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { fallbackText, flagOf, loadConfig, SETTINGS, type Setting, type Sources } from '../config.ts';
import type { Subcommand, SubcommandContext } from './subcommand.ts';
import { GROUPS, SUBCOMMANDS, type SubcommandRow } from './table.ts';

/** What a run takes from the process. */
export interface World extends Omit<SubcommandContext, 'config'> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

const SETTING_ROWS: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS);

/**
 * Runs one command line.
 *
 * @param argv without the program's own name
 * @returns the exit status: 0 well, 1 a failed check or a bug, 2 usage or refused input
 */
export async function runProgram(argv: readonly string[], world: World, rows = SUBCOMMANDS): Promise<number> {
  // `help config check` says what `config check --help` says; commander's own help command knows one word only.
  const args = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  try {
    const chosen = rows.find(({ name }) => isCalled(name, args));
    const root = buildRoot(world, rows);
    let status = 0;
    if (chosen) {
      const subcommand = await chosen.load();
      const command = addOptions(leafOf(root, chosen.name), subcommand);
      command.action(async () => {
        status = await runSubcommand(command, subcommand, world);
      });
    }
    await root.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return explain(error, world);
  }
}

function isCalled(name: string, args: readonly string[]): boolean {
  const words = name.split(' ');
  return words.every((word, at) => args[at] === word);
}

function buildRoot({ out, err }: World, rows: readonly SubcommandRow[]): Command {
  const { version, description } = packageFacts();
  const root = new Command('padzone')
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .usage('<subcommand> [options]')
    .configureHelp({
      visibleCommands: leavesOf,
      subcommandTerm: (command) => pathOf(command),
      showGlobalOptions: false,
    })
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) })
    .showHelpAfterError(
      'Flags of settings stand behind the subcommand; `padzone --help` lists the subcommands.',
    )
    .addHelpText('after', HELP_FOOT)
    .exitOverride();
  for (const { name, summary } of rows) leafOf(root, name).description(summary).helpGroup('Subcommands:');
  return root;
}

const HELP_FOOT = `
\`padzone <subcommand> --help\` lists its options and settings. A setting is a
flag, else a variable PADZONE_<SETTING>, else a key in the TOML file of --config
or PADZONE_CONFIG, else its default.

Exit status: 0 well, 1 a failed check or a bug, 2 wrong usage or refused input.`;

function packageFacts(): { version: string; description: string } {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
}

/** The command of a row, made with its group where it is not there yet. */
function leafOf(root: Command, name: string): Command {
  return name.split(' ').reduce((parent, word) => {
    const found = parent.commands.find((command) => command.name() === word);
    if (found) return found;
    // `command()` hands on output, exitOverride and help settings, but not these.
    const made = parent.command(word).helpOption('-h, --help', 'print this help');
    const group = GROUPS[word];
    return group === undefined ? made : made.description(group).usage('<subcommand> [options]');
  }, root);
}

function leavesOf(command: Command): Command[] {
  return command.commands.flatMap((child) => (child.commands.length > 0 ? leavesOf(child) : [child]));
}

/** The words behind `padzone`. */
function pathOf(command: Command): string {
  const above = command.parent?.parent ? `${pathOf(command.parent)} ` : '';
  return above + command.name();
}

function addOptions(command: Command, subcommand: Subcommand): Command {
  for (const { name, description } of subcommand.arguments ?? []) command.argument(name, description);
  for (const { flags, description, default: fallback } of subcommand.options) {
    command.option(flags, description, fallback);
  }
  command.option('--config <file>', 'TOML file of settings (variable PADZONE_CONFIG)');
  const shown: readonly string[] = subcommand.settings ?? Object.keys(SETTINGS);
  for (const row of SETTING_ROWS)
    command.addOption(settingOption(row).helpGroup('Settings:').hideHelp(!shown.includes(row[0])));
  if (subcommand.settings)
    command.addHelpText('after', '\nAll other settings are taken as well; they change nothing here.');
  return command.showHelpAfterError(`\`padzone ${pathOf(command)} --help\` lists all options.`);
}

function settingOption([name, setting]: readonly [string, Setting]): Option {
  const { fallback, unit, summary } = setting;
  const value = typeof fallback === 'boolean' ? `[${unit}]` : `<${unit}>`;
  const shown = fallbackText(setting).replaceAll('`', '');
  const option = new Option(
    `${flagOf(name)} ${value}`,
    shown === '' ? summary : `${summary} (default: ${shown})`,
  );
  // A list may be said at once or flag by flag.
  if (Array.isArray(fallback))
    option.argParser((text, before) => (before === undefined ? text : `${before},${text}`));
  return option;
}

function runSubcommand(command: Command, subcommand: Subcommand, { env, ...world }: World): Promise<number> {
  const given = command.opts<Record<string, unknown>>();
  const isSetting = (name: string) => name === 'config' || Object.hasOwn(SETTINGS, name);
  const entries = Object.entries(given);
  const flags: Sources['flags'] = Object.fromEntries(
    entries.filter(([name]) => isSetting(name)).map(([name, value]) => [name, String(value)]),
  );
  const options = Object.fromEntries(entries.filter(([name]) => !isSetting(name)));
  const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
  return subcommand.run({ ...world, config: () => loadConfig({ flags, env }) }, args, options);
}

/** Says what went wrong, and the exit status for it. */
function explain(error: unknown, { err }: World): number {
  // commander has written its message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Error && 'operator' in error && error.operator === true) {
    err.write(`padzone: ${error.message.replace(/\s*\n\s*/g, ' ')}\n`);
    return 2;
  }
  err.write(`padzone: ${error instanceof Error ? error.stack : error}\n`);
  return 1;
}
