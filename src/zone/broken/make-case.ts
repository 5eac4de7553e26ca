/** Makes the zone of a case file: keys from the secret, records, and the signatures that the case wants (RFC 4034, RFC 4035 §5). */
import { nameKey, prepend } from '../../wire/name.ts';
import { ds } from '../../wire/rdata/ds.ts';
import { rrset } from '../../wire/rrset.ts';
import type { Ground } from '../made.ts';
import type { Role, Zone } from '../zone.ts';
import type { CaseFile } from './case-file.ts';
import { makeCaseKeys } from './case-keys.ts';
import { CASE_TTL, CaseScript } from './case-script.ts';

/** Label of the zone that a case may cut out. */
const SUB = 'sub';

/** Nothing is derived before somebody asks: keys of 4096 bits take long, and most servers are never asked. */
export function makeCase(file: CaseFile, ground: Ground, role: Role = 'hostile'): Zone {
  const { parent, secret, makeZone, apexSets } = ground;
  const { label, summary } = file;
  const place = { label, role, keyTtl: CASE_TTL } as const;
  const apex = prepend(label, parent.apex);
  const keys = once(() => (file.signed ? makeCaseKeys(file, secret, apex) : undefined));
  const cut = () => zone.children.get(nameKey(prepend(SUB, apex)))?.ns;
  const script = once(() => new CaseScript(file, { name: apex, ...apexSets(place) }, keys(), cut()));
  const dsSet = once(() => rrset(ds, apex, CASE_TTL, keys()?.ds ?? []));
  const bare = makeZone({
    ...place,
    summary,
    script: {
      answer: (question) => script().answer(question),
      cost: (question) => script().cost(question),
    },
    ds: [],
    made: { phase: '', run: '' },
  });
  const zone: Zone =
    file.ds.length === 0 ? bare : Object.defineProperty({ ...bare }, 'ds', { get: dsSet, enumerable: true });
  if (file.delegation === undefined) return zone;
  // Served where the case is not: a referral is none where parent and child are one address.
  const below = makeCase(unsignedBelow(file), ground.below(zone), 'children');
  zone.children.set(nameKey(below.apex), below);
  return zone;
}

function unsignedBelow(file: CaseFile): CaseFile {
  const unsigned = { signed: false, ds: [], signatures: [], nsec: undefined, nsec3: undefined };
  return { ...file, ...unsigned, label: SUB, delegation: undefined, wildcard: false, cname: undefined };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
