/** `padzone probe --dnssec`: the catalog of broken zones from the opening question to the report. */
import { ConfigError } from '../../../config.ts';
import type { ZoneFile } from '../../../zone/zone-file.ts';
import type { SubcommandContext } from '../../subcommand.ts';
import { explainOpening } from '../failed-opening.ts';
import { identify } from '../identity.ts';
import type { Opened } from '../inquiry.ts';
import { progressOn } from '../run.ts';
import { formatServerAddress } from '../server-address.ts';
import type { Plan } from '../test.ts';
import { casesOf, runCatalog } from './catalog.ts';
import { catalogJson, catalogStatus, formatCatalog } from './report.ts';

/**
 * Asks, and writes what was found.
 * @returns the exit status: 0 as expected, 1 where it differs, 2 where nothing could be asked
 * @throws {ConfigError} where no zone has cases, or a name server of the origin was named in place of a resolver
 */
export async function inquireCatalog(
  { asking, opening }: Opened,
  plan: Plan,
  zones: readonly ZoneFile[],
  isJson: boolean,
  { out, err }: Pick<SubcommandContext, 'out' | 'err'>,
): Promise<number> {
  const server = formatServerAddress(asking.server);
  const { origin } = plan;
  const cases = casesOf(zones, origin);
  if (cases.length === 0)
    throw new ConfigError('zones_dir: no zone there has cases, so there is nothing to ask');
  if (opening.problem !== undefined) {
    const { judgment, status } = await explainOpening(asking, opening, plan);
    out.write(`${judgment.advice.join('\n')}\n`);
    return status;
  }
  if (opening.direct)
    throw new ConfigError(
      `--dnssec: ${server} is a name server of ${origin}; name a resolver, which validates`,
    );
  const show = progressOn(err);
  show(`who is ${server} …`);
  const identity = await identify(asking);
  const rows = await runCatalog(asking.server, cases, { ...asking, show });
  const report = { server, origin, identity, startedAt: opening.startedAt, rows };
  out.write(isJson ? `${JSON.stringify(catalogJson(report), null, 2)}\n` : formatCatalog(report));
  return catalogStatus(report);
}
