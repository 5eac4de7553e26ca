/** Loads the world: reads zones and keys of the settings, and makes what lacks. Only the main thread does. */
import { randomBytes } from 'node:crypto';
import { type Config, checkFleet, loadOrMakeSecret, nameserversOf } from '../config.ts';
import type { ZoneKey } from '../dnssec/key.ts';
import { ensureKeys, loadKeys, type StoredKey, type WantedKeys } from '../dnssec/key-store.ts';
import { PRIVATEDNS } from '../dnssec/ml-dsa.ts';
import { isReservedLabel } from '../server/trial-name.ts';
import { parseName, prepend } from '../wire/name.ts';
import { ZoneFileError } from '../zone/error.ts';
import { labelsTaken } from '../zone/names.ts';
import { type ZoneTree, zoneText } from '../zone/zone.ts';
import { readZoneFiles, type ZoneFile } from '../zone/zone-file.ts';
import { type World, type WorldData, worldOf } from './world.ts';

export interface LoadedWorld extends World {
  readonly data: WorldData;
  /** Keys that were made because a zone had none. */
  readonly keysMade: readonly StoredKey[];
  /** One line each, for people. */
  readonly warnings: readonly string[];
}

/**
 * Reads zones and keys of the settings, makes secret and keys where they lack, and builds everything once, so that threads are
 * handed only what is right.
 *
 * @throws {ConfigError | ZoneFileError | KeyFileError} what an operator can mend
 */
export async function loadWorld(config: Config): Promise<LoadedWorld> {
  const files = await readZoneFiles(config.zonesDir);
  for (const { label, file } of files)
    if (isReservedLabel(label))
      throw new ZoneFileError(file, 0, `label '${label}' is a test name, so no zone may take it`);
  const wanted = wantedKeys(config.origin, files);
  const { keys: present } = await loadKeys(config.keysDir);
  const keysExist = wanted.every(({ zone, algorithm }) =>
    present.some((key) => key.zone === zone && key.algorithm === algorithm),
  );
  checkFleet(config, { keysExist });
  const secret = loadOrMakeSecret(config, randomBytes);
  const { keys, made, warnings } = await ensureKeys(config.keysDir, wanted, Date.now());
  const data = worldData(config, files, keys, secret);
  const world = worldOf(data, keys);
  refuseHiddenTests(world.tree);
  return { ...world, data, keysMade: made, warnings };
}

export function worldData(
  config: Config,
  files: readonly ZoneFile[],
  keys: readonly ZoneKey[],
  secret: Uint8Array,
): WorldData {
  const choices = keys.map(({ zone, algorithm, flags, privateKey }) => ({
    zone,
    algorithm,
    flags,
    privateKey,
  }));
  return { config, servers: nameserversOf(config), files, keys: choices, secret };
}

/** A static record at a test name would be answered in its place. */
function refuseHiddenTests({ zones }: ZoneTree): void {
  for (const { names, apex, text } of zones) {
    const hidden = labelsTaken(names, apex).find(isReservedLabel);
    if (hidden !== undefined)
      throw new ZoneFileError(`zone ${text}`, 0, `static records at '${hidden}' would hide that test name`);
  }
}

/** What each signed zone needs to be signed with. */
export function wantedKeys(origin: string, files: readonly ZoneFile[]): WantedKeys[] {
  const apex = parseName(origin);
  return files.flatMap(({ label, algorithm, keys }) => {
    const zone = zoneText(label === '' ? apex : prepend(label, apex));
    return algorithm === undefined || algorithm === PRIVATEDNS ? [] : [{ zone, algorithm, scheme: keys }];
  });
}
