/** Where zones that roll their key lie, and the secret of this installation where it has one. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Config, ConfigError, loadOrMakeSecret } from '../../config.ts';
import { formatName, lower, parseName } from '../../wire/name.ts';
import { readZoneFiles } from '../../zone/zone-file.ts';

export interface Place {
  /** Name of the zone above those that roll, lower case with final dot. */
  readonly parent: string;
  /** Undefined where this installation serves nothing: then a server has to be asked. */
  readonly secret: Uint8Array | undefined;
}

/** @throws {ConfigError} where no zone of the origin has zones that roll below it */
export async function placeOf(config: Config): Promise<Place> {
  const files = await readZoneFiles(config.zonesDir);
  const above = files.find(({ makes }) => makes === 'rolls');
  if (!above) throw new ConfigError(`zones_dir: no zone file in ${config.zonesDir} has makes = "rolls"`);
  const hasSecret = config.secret !== '' || existsSync(config.secretFile);
  return {
    parent: formatName(lower(parseName(above.label, parseName(config.origin)))),
    secret: hasSecret ? loadOrMakeSecret(config, randomBytes) : undefined,
  };
}
