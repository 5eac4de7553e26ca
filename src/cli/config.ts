/** `padzone config`: the settings, checked, shown and documented. */
import { stringify } from 'smol-toml';
import { ConfigError, settingsPage, showConfig, warningsOf } from '../config.ts';
import type { Subcommand } from './subcommand.ts';

export const configCheck: Subcommand = {
  name: 'config check',
  summary: 'Print every problem and warning of the settings',
  options: [],
  async run({ config, out }) {
    try {
      const warnings = warningsOf(config());
      for (const warning of warnings) out.write(`warning: ${warning}\n`);
      out.write(warnings.length === 0 ? 'settings are valid\n' : `settings are valid, ${count(warnings)}\n`);
      return 0;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of [error, ...error.others]) out.write(`error: ${problem.message}\n`);
      return 2;
    }
  },
};

function count({ length }: readonly string[]): string {
  return length === 1 ? '1 warning' : `${length} warnings`;
}

export const configShow: Subcommand = {
  name: 'config show',
  summary: 'Print the settings in force, as a settings file',
  options: [{ flags: '--json', description: 'as one JSON document' }],
  async run({ config, out }, _args, { json }) {
    const shown = showConfig(config());
    out.write(json === true ? `${JSON.stringify(shown, null, 2)}\n` : `${stringify(shown)}\n`);
    return 0;
  },
};

export const configDocs: Subcommand = {
  name: 'config docs',
  summary: 'Print the page that documents every setting',
  options: [],
  async run({ out }) {
    out.write(settingsPage());
    return 0;
  },
};
