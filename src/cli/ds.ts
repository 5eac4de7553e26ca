/** padzone ds: the DS records that the parent of the origin must publish (RFC 4034 §5.3). */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Config, ConfigError, loadOrMakeSecret, nameserversOf } from '../config.ts';
import { loadKeys } from '../dnssec/key-store.ts';
import { PRIVATEDNS } from '../dnssec/ml-dsa.ts';
import { wantedKeys } from '../engine/load-world.ts';
import { formatDs } from '../zone/ds-text.ts';
import { buildZones, type Extras } from '../zone/zone.ts';
import { readZoneFiles, type ZoneFile } from '../zone/zone-file.ts';
import type { Subcommand } from './subcommand.ts';

export const ds: Subcommand = {
  name: 'ds',
  summary: 'Print the DS records for the parent zone, or as trust anchors where the zone is the root',
  options: [
    { flags: '--format <form>', description: 'bind (one record a line) or json', default: 'bind' },
    { flags: '--all', description: 'also those of the child zones, which this server publishes itself' },
  ],
  async run(context, _args, options) {
    const form = String(options['format']);
    if (form !== 'bind' && form !== 'json') throw new ConfigError(`--format: "${form}", want bind or json`);
    const config = context.config();
    const files = (await readZoneFiles(config.zonesDir)).filter(
      ({ label }) => label === '' || options['all'] === true,
    );
    const { keys } = await loadKeys(config.keysDir);
    for (const { zone, algorithm } of wantedKeys(config.origin, files))
      if (!keys.some((key) => key.zone === zone && key.algorithm === algorithm))
        throw new ConfigError(
          `keys_dir: ${config.keysDir} has no key of algorithm ${algorithm} for ${zone}; \`padzone serve\` makes it at its first start`,
        );
    const { zones } = buildZones(config.origin, files, nameserversOf(config), keys, extrasOf(config, files));
    const rows = zones.flatMap(formatDs);
    context.out.write(
      form === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : rows.map(({ text }) => `${text}\n`).join(''),
    );
    return 0;
  },
};

/** The secret, from which the keys of some zones come. */
function extrasOf(config: Config, files: readonly ZoneFile[]): Extras | undefined {
  if (config.secret !== '' || existsSync(config.secretFile))
    return { secret: loadOrMakeSecret(config, randomBytes), reportChannel: false };
  const needing = files.find(({ replica, algorithm }) => replica !== undefined || algorithm === PRIVATEDNS);
  if (!needing) return undefined;
  throw new ConfigError(
    `secret_file: no ${config.secretFile}, from which the keys of ${needing.file} come; \`padzone serve\` makes it at its first start`,
  );
}
