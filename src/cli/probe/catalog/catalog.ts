/** The zones that are broken on purpose, asked through a resolver: what it makes of each (RFC 4035 §5). */
import { type CaseFile, GROUPS } from '../../../zone/broken/case-file.ts';
import { type Judgment, judge } from '../../../zone/broken/outcome.ts';
import type { ZoneFile } from '../../../zone/zone-file.ts';
import { below } from '../../below.ts';
import { ask, type Exchange } from '../ask.ts';
import { type ExtendedError, isDenial } from '../message.ts';
import type { ServerAddress } from '../server-address.ts';

/** A case and its zone, as `below` writes it. */
export interface CatalogCase {
  readonly file: CaseFile;
  readonly zone: string;
}

export interface CatalogRow extends Judgment {
  readonly file: CaseFile;
  readonly name: string;
  /** RCODE, or NO ANSWER. */
  readonly status: string;
  readonly ad: boolean;
  /** The servers deny the name, which a validator may find secure as well. */
  readonly isDenied: boolean;
  readonly errors: readonly ExtendedError[];
  /** Why there is no reply. */
  readonly failure: string | undefined;
  readonly elapsedMs: number;
}

/** All cases of the zones that have some, in the order shown. */
export function casesOf(zones: readonly ZoneFile[], origin: string): CatalogCase[] {
  const all = zones.flatMap(({ label, caseFiles }) =>
    caseFiles.map((file) => ({ file, zone: below(`${file.label}.${label}`, origin) })),
  );
  const place = ({ file }: CatalogCase) => GROUPS.indexOf(file.group);
  return all.sort((one, other) => place(one) - place(other));
}

/** Questions under way at one time: a resolver has other work to do. */
const AT_ONCE = 6;

/**
 * Asks one question a case. What fails on the way comes last: a resolver may hold it against the servers.
 * @param show how far it is
 */
export async function runCatalog(
  server: ServerAddress,
  cases: readonly CatalogCase[],
  { timeoutMs, now, show }: { timeoutMs: number; now: () => number; show: (line: string) => void },
): Promise<CatalogRow[]> {
  const rows = new Map<CatalogCase, CatalogRow>();
  const askAll = async (waiting: CatalogCase[]) => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      rows.set(next, await askCase(server, next, timeoutMs, now));
      show(`${rows.size}/${cases.length} ${next.file.label} …`);
    }
  };
  const waiting = cases.filter((one) => !failsOnTheWay(one));
  await Promise.all(Array.from({ length: AT_ONCE }, () => askAll(waiting)));
  await askAll(cases.filter(failsOnTheWay));
  show('');
  return cases.map((one) => rows.get(one)!);
}

function failsOnTheWay({ file }: CatalogCase): boolean {
  return file.expect === 'fails';
}

async function askCase(
  server: ServerAddress,
  { file, zone }: CatalogCase,
  timeoutMs: number,
  now: () => number,
): Promise<CatalogRow> {
  const name = `${file.asks.name}.${zone}`;
  const startedAt = now();
  const exchange = await ask(server, { name, type: file.asks.type }, timeoutMs);
  return { ...rowOf(file, name, exchange), elapsedMs: now() - startedAt };
}

function rowOf(file: CaseFile, name: string, { reply, failure }: Exchange): Omit<CatalogRow, 'elapsedMs'> {
  const ad = reply?.ad ?? false;
  return {
    ...judge(file, { rcode: reply?.rcode, ad }),
    file,
    name,
    status: reply?.rcode ?? 'NO ANSWER',
    ad,
    isDenied: reply !== undefined && isDenial(reply),
    errors: reply?.errors ?? [],
    failure,
  };
}
