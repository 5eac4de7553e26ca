/** Finding the zone that answers: the deepest one that encloses the name, whatever stands in front of it. */
import fc from 'fast-check';
import { beforeAll, expect, it, vi } from 'vitest';
import { locate } from '../../src/server/locate.ts';
import { addressKey } from '../../src/wire/address.ts';
import { isWithin, MAX_NAME, type Name, parseName, prepend, sameName } from '../../src/wire/name.ts';
import { ds } from '../../src/wire/rdata/ds.ts';
import { txt } from '../../src/wire/rdata/txt.ts';
import type { Zone, ZoneTree } from '../../src/zone/zone.ts';
import { FULL_PLAN, makeTestResponder, NOON } from '../support/responder.ts';

/** Of no name server: it serves every zone. */
const ANY = addressKey('192.0.2.1');
const pays = () => true;
/** Zones that are made, and their parents; `sub` is cut out of a case. */
const MADE = ['k20270111', 'k2kr1z', 'hour.roll'];

let tree: ZoneTree;
/** Every zone that is there when nobody has asked, those below others too, and some that are made. */
let zones: readonly Zone[];

const at = (name: Name, qtype = txt.type, local = ANY) => locate(tree, name, qtype, local, NOON, pays);
const zoneAt = (name: Name) => {
  const place = at(name);
  return place.kind === 'zone' ? place.zone : undefined;
};
const withBelow = (zone: Zone): Zone[] => [zone, ...[...zone.children.values()].flatMap(withBelow)];

beforeAll(async () => {
  ({ tree } = await makeTestResponder({ servers: FULL_PLAN }));
  const made = MADE.map((label) => zoneAt(parseName(`${label}.probe.test`))!);
  zones = [...withBelow(tree.origin), ...made];
});

const label = fc.oneof(
  // No letters: they might name a zone that is made.
  fc.uint8Array({ minLength: 1, maxLength: 8, max: 0x40 }),
  fc.constantFrom('k', 'z', 'broken', 'roll', 'sub', 'k20270111', 'HOUR', 'a.b', 'x'.repeat(63)),
);
/** A zone and a name in it, below others of its labels or of none. */
const nameInside = fc
  .tuple(fc.nat(), fc.array(label, { maxLength: 6 }))
  .map(([which, labels]) =>
    labels.reduce<Name>(
      (name, one) => (name.length + 1 + one.length > MAX_NAME ? name : prepend(one, name)),
      zones[which % zones.length]!.apex,
    ),
  );

it('is the zone with the longest apex that encloses the name', () => {
  fc.assert(
    fc.property(nameInside, (name) => {
      const deepest = zones
        .filter(({ apex }) => isWithin(name, apex))
        .reduce((best, zone) => (zone.apex.length > best.apex.length ? zone : best));
      expect(zoneAt(name)).toBe(deepest);
    }),
    { numRuns: 2000 },
  );
});

it('is the parent where DS is asked for at the apex, and nothing above the origin', () => {
  for (const zone of zones) {
    const parent = zone.parent ?? zone;
    expect(at(zone.apex, ds.type), zone.text).toMatchObject({ kind: 'zone', zone: { text: parent.text } });
    expect(at(prepend('a', zone.apex), ds.type), zone.text).toMatchObject({ zone: { text: zone.text } });
  }
  for (const name of ['test.', '.', 'probe.example.'])
    expect(at(parseName(name)), name).toEqual({ kind: 'elsewhere' });
});

it('is referred to where the address serves only its parent, and is elsewhere where it serves neither', () => {
  const [parent, , hostile] = FULL_PLAN.map(({ ipv4 }) => addressKey(ipv4[0]!));
  const name = parseName('a.b.a15.probe.test');
  const { apex } = zones.find(({ label }) => label === 'a15')!;
  const place = at(name, txt.type, parent);
  expect(place.kind === 'referral' && [place.zone, sameName(place.child.apex, apex)]).toEqual([
    tree.origin,
    true,
  ]);
  expect(at(name, txt.type, hostile)).toEqual({ kind: 'elsewhere' });
});

it('looks once at each zone on the way, however many labels the name has', () => {
  const lookups = (text: string) => {
    const spies = [tree.origin, zoneAt(parseName('broken.probe.test'))!].map(({ children }) =>
      vi.spyOn(children, 'get'),
    );
    expect(at(parseName(text)).kind).toBe('zone');
    const counts = spies.map(({ mock }) => mock.calls.length);
    for (const spy of spies) spy.mockRestore();
    return counts;
  };
  const many = 'a.'.repeat(115);
  for (const zone of ['k', 'probe', 'x.y'])
    expect(lookups(`${many}${zone}.probe.test`), zone).toEqual([1, 0]);
  expect(lookups(`${many}q.broken.probe.test`)).toEqual([1, 1]);
});

it('asks for pay before a zone is made, and names the zone above it where nobody pays', () => {
  const asked: number[] = [];
  const refuses = (microseconds: number) => {
    asked.push(microseconds);
    return false;
  };
  const name = parseName(`${'a.'.repeat(110)}k20260101.probe.test`);
  const place = locate(tree, name, txt.type, ANY, NOON, refuses);
  expect(place.kind === 'unpaid' && place.zone).toBe(tree.origin);
  expect(asked).toEqual([expect.any(Number)]);
  expect(zoneAt(name)!.text).toBe('k20260101.probe.test.');
  expect(locate(tree, name, txt.type, ANY, NOON, refuses).kind).toBe('zone');
});
