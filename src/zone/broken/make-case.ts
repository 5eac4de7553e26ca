/** Makes the zone of a case file: keys from the secret, records, and the signatures that the case wants (RFC 4034, RFC 4035 §5). */
import { prepend } from '../../wire/name.ts';
import { ds } from '../../wire/rdata/ds.ts';
import { rrset } from '../../wire/rrset.ts';
import type { Ground } from '../made.ts';
import type { Zone } from '../zone.ts';
import type { CaseFile } from './case-file.ts';
import { makeCaseKeys } from './case-keys.ts';
import { CASE_TTL, CaseScript } from './case-script.ts';

/** Nothing is derived before somebody asks: keys of 4096 bits take long, and most servers are never asked. */
export function makeCase(file: CaseFile, { parent, secret, makeZone, apexSets }: Ground): Zone {
  const { label, summary } = file;
  const place = { label, role: 'hostile', keyTtl: CASE_TTL } as const;
  const apex = prepend(label, parent.apex);
  const keys = once(() => (file.signed ? makeCaseKeys(file, secret, apex) : undefined));
  const script = once(() => new CaseScript(file, { name: apex, ...apexSets(place) }, keys()));
  const dsSet = once(() => rrset(ds, apex, CASE_TTL, keys()?.ds ?? []));
  const zone = makeZone({
    ...place,
    summary,
    script: {
      answer: (question) => script().answer(question),
      cost: (question) => script().cost(question),
    },
    ds: [],
    made: { phase: '', run: '' },
  });
  if (file.ds.length === 0) return zone;
  return Object.defineProperty({ ...zone }, 'ds', { get: dsSet, enumerable: true });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
