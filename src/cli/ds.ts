/** padzone ds: the DS records that the parent of the origin must publish (RFC 4034 §5.3). */
import { ConfigError, nameserversOf } from '../config.ts';
import { loadKeys } from '../dnssec/key-store.ts';
import { wantedKeys } from '../engine/world.ts';
import { formatDs } from '../zone/ds-text.ts';
import { buildZones } from '../zone/zone.ts';
import { readZoneFiles } from '../zone/zone-file.ts';
import type { Subcommand } from './subcommand.ts';

export const ds: Subcommand = {
  name: 'ds',
  summary: 'Print the DS records for the parent zone',
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
    const rows = buildZones(config.origin, files, nameserversOf(config), keys).zones.flatMap(formatDs);
    context.out.write(
      form === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : rows.map(({ text }) => `${text}\n`).join(''),
    );
    return 0;
  },
};
