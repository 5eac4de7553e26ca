/** What `padzone roll` is asked for: a zone by name, a fresh zone, a software. All throw ConfigError with what is allowed. */
import { ConfigError } from '../../config.ts';
import { parseZoneName, ZONE_NAME_RULE } from '../../dnssec/key.ts';
import { utc } from '../../zone/roll/lines.ts';
import { findProfile, LIFETIME_DAYS, PROFILES } from '../../zone/roll/profile.ts';
import type { Recipe } from './recipes/recipe.ts';
import { RECIPES } from './recipes/table.ts';

export const PROFILE_NAMES = PROFILES.map(({ name }) => name).join(', ');
export const SOFTWARE = RECIPES.map(({ name }) => name).join(', ');

export interface Wish {
  /** As in `new-<wish>`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startAt: number | undefined;
}

type Options = Readonly<Record<string, unknown>>;

const FRESH_ONLY = ['profile', 'start', 'algorithm'];
const DAY_MS = 86_400_000;

/**
 * The fresh zone that the options describe.
 * @param zone as typed: with one that exists there is nothing to describe
 * @param now milliseconds since the epoch
 */
export function parseWish(options: Options, zone: string | undefined, now: number): Wish {
  const given = FRESH_ONLY.find((name) => options[name] !== undefined);
  if (zone !== undefined && given !== undefined)
    throw new ConfigError(`--${given}: only for a fresh zone; the name "${zone}" says it already`);
  const { profile: name = 'fast', algorithm, start } = options;
  const profile = findProfile(String(name));
  if (!profile) throw new ConfigError(`--profile: "${name}", want one of ${PROFILE_NAMES}`);
  if (algorithm !== undefined && !profile.algorithms.some((one) => `${one}` === algorithm))
    throw new ConfigError(
      `--algorithm: "${algorithm}", ${profile.name} has ${profile.algorithms.join(', ')}`,
    );
  if (start !== undefined && profile.kind !== 'minted')
    throw new ConfigError(`--start: ${profile.name} has its own start: ${profile.summary}`);
  return {
    name: algorithm === undefined ? profile.name : `${profile.name}-a${algorithm}`,
    startAt: start === undefined ? undefined : parseStart(String(start), now),
  };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/;

function parseStart(text: string, now: number): number {
  const startAt = TIME.test(text) ? Date.parse(text) : Number.NaN;
  const toTheSecond = text.replace(/T(\d\d:\d\d)Z$/, 'T$1:00Z');
  // Date.parse makes 2 March of 30 February.
  if (Number.isNaN(startAt) || utc(startAt) !== toTheSecond)
    throw new ConfigError(`--start: "${text}", want a time in UTC as 2026-11-28T22:15:00Z`);
  if (Math.abs(startAt - now) > LIFETIME_DAYS * DAY_MS)
    throw new ConfigError(`--start: "${text}" is more than ${LIFETIME_DAYS} days away`);
  return startAt;
}

/** A whole name, or the first label of a zone below `parent`; lower case with final dot. */
export function parseZone(typed: string, parent: string): string {
  const zone = parseZoneName(typed.includes('.') ? typed : `${typed}.${parent}`);
  if (zone === undefined) throw new ConfigError(`"${typed}" is no name of a zone, want ${ZONE_NAME_RULE}`);
  return zone;
}

/** Undefined where none is asked for. */
export function parseRecipe(name: unknown): Recipe | undefined {
  if (name === undefined) return undefined;
  const recipe = RECIPES.find((one) => one.name === name);
  if (!recipe) throw new ConfigError(`--for: "${name}", want one of ${SOFTWARE}`);
  return recipe;
}
