/**
 * World: settings, zones and keys as plain data that can be handed to a thread, and what each thread builds from it.
 *
 * Nothing here reads files or checks settings: what does so takes 12 MB in each thread that imports it.
 */
import type { KeyObject } from 'node:crypto';
import type { Arm } from '../behaviors/behavior.ts';
import type { Config, NameserverGroup } from '../config.ts';
import { type KeyChoice, type ZoneKey, zoneKey } from '../dnssec/key.ts';
import { makeAllow } from '../server/allow.ts';
import type { ResponderSettings } from '../server/core.ts';
import { buildZones, type ZoneTree } from '../zone/zone.ts';
import type { ZoneFile } from '../zone/zone-file.ts';

/** Survives structured cloning. */
export interface WorldData {
  readonly config: Config;
  readonly servers: readonly NameserverGroup[];
  readonly files: readonly ZoneFile[];
  readonly keys: readonly KeyData[];
  readonly secret: Uint8Array;
}

export interface KeyData extends KeyChoice {
  readonly privateKey: KeyObject;
}

/** What answers are made from. */
export interface World {
  readonly tree: ZoneTree;
  readonly keys: readonly ZoneKey[];
  readonly settings: ResponderSettings;
}

/**
 * The world of this data, in another thread than the one that loaded it.
 *
 * @param arms ways in which this host can send
 * @param before keys of the world that this one follows: most are the same, and a key takes milliseconds to make
 */
export function buildWorld(data: WorldData, arms: readonly Arm[], before: readonly ZoneKey[] = []): World {
  const known = (one: KeyData) => (key: ZoneKey) =>
    key.zone === one.zone &&
    key.algorithm === one.algorithm &&
    key.flags === one.flags &&
    key.privateKey.equals(one.privateKey);
  const keys = data.keys.map((one) => before.find(known(one)) ?? zoneKey(one, one.privateKey, true));
  const world = worldOf(data, keys);
  return { ...world, settings: { ...world.settings, arms } };
}

/** @param keys those of the data */
export function worldOf({ config, servers, files, secret }: WorldData, keys: readonly ZoneKey[]): World {
  return {
    keys,
    tree: buildZones(config.origin, files, servers, keys, {
      secret,
      reportChannel: config.reportChannel === 'on',
    }),
    settings: {
      ...config,
      node: { name: config.node, id: config.nodeId },
      version: config.versionBind,
      secret,
      arms: ['default'],
      isOpen: config.direct === 'open',
      isAllowed: makeAllow(config.allow),
    },
  };
}
