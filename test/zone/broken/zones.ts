/** The zones of the shipped cases, without a server. */

import { latin1 } from '../../../src/wire/name.ts';
import { type CaseFile, readCaseFiles } from '../../../src/zone/broken/case-file.ts';
import { buildZones, type Zone } from '../../../src/zone/zone.ts';
import { readZoneFiles } from '../../../src/zone/zone-file.ts';
import { FULL_PLAN, testKeys } from '../../support/responder.ts';

export const NOON = Date.UTC(2026, 10, 24, 12) / 1000;

export const CASES: readonly CaseFile[] = await readCaseFiles('zones/broken');

const files = (await readZoneFiles('zones')).map((file) => ({ ...file, makes: undefined }));
const keys = await testKeys('probe.test');

/** The zone of the case that a label names. */
export function makeZones(secret = 'a secret that only tests have'): (label: string) => Zone {
  const extras = { secret: latin1(secret), reportChannel: false };
  const { zones } = buildZones('probe.test', files, FULL_PLAN, keys, extras);
  const parent = zones.find(({ label }) => label === 'broken')!;
  const made = new Map([...parent.children.values()].map((zone) => [zone.label, zone]));
  return (label) => made.get(label)!;
}
