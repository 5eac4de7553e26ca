/** Where zones that roll their key lie, and the secret of this installation where it serves their origin. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { type Config, ConfigError, loadOrMakeSecret } from '../../config.ts';
import { formatName, lower, parseName } from '../../wire/name.ts';
import { readZoneFiles } from '../../zone/zone-file.ts';

export interface Place {
  /** Name of the zone above those that roll, lower case with final dot. */
  readonly parent: string;
  /** Undefined where this installation does not serve the origin: then a server has to be asked. */
  readonly secret: { readonly octets: Uint8Array; readonly where: string } | undefined;
  /** Why a secret that is there is not used. */
  readonly unused?: string;
}

/** @throws {ConfigError} where no zone of the origin has zones that roll below it */
export async function placeOf(config: Config): Promise<Place> {
  const files = await readZoneFiles(config.zonesDir);
  const above = files.find(({ makes }) => makes === 'rolls');
  if (!above) throw new ConfigError(`zones_dir: no zone file in ${config.zonesDir} has makes = "rolls"`);
  const parent = formatName(lower(parseName(above.label, parseName(config.origin))));
  return { parent, ...secretFor(formatName(lower(parseName(config.origin))), config) };
}

/** Another origin has another secret: a file counts only beside keys of this one. */
function secretFor(origin: string, config: Config): Pick<Place, 'secret' | 'unused'> {
  const { secretFile, keysDir } = config;
  const isGiven = config.secret !== '';
  if (!isGiven && !existsSync(secretFile)) return { secret: undefined };
  if (!isGiven && !hasKeyOf(origin, keysDir))
    return {
      secret: undefined,
      unused: `${keysDir} has no key of ${origin}, so the secret in ${secretFile} is that of another origin`,
    };
  const where = isGiven ? 'the settings' : secretFile;
  return { secret: { octets: loadOrMakeSecret(config, randomBytes), where } };
}

/** By the names of the files, as BIND gives them: `Kprobe.example.+013+28996.key`. */
function hasKeyOf(zone: string, folder: string): boolean {
  if (!existsSync(folder)) return false;
  try {
    return readdirSync(folder).some((file) => file.toLowerCase().startsWith(`k${zone}+`));
  } catch (thrown) {
    const cause = thrown as NodeJS.ErrnoException;
    throw new ConfigError(`keys_dir: cannot read ${folder} (${cause.code})`, { cause });
  }
}
