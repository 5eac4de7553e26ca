/** `padzone probe`: asks for every size through a resolver, and says what to do about what did not arrive. */
import { readZoneFiles } from '../zone/zone-file.ts';
import { inquireCatalog } from './probe/catalog/inquiry.ts';
import { inquire, openAt } from './probe/inquiry.ts';
import { ASKING_OPTIONS, makePlan, parseAskingOptions } from './probe/options.ts';
import { formatReport } from './probe/report.ts';
import { jsonOf } from './probe/report-json.ts';
import { addressesOf, systemResolvers } from './probe/resolvers.ts';
import type { Subcommand } from './subcommand.ts';

export const probe: Subcommand = {
  name: 'probe',
  summary: 'Ask for answers of several sizes through a resolver, and say which arrived and what to do next',
  arguments: [
    {
      name: '[resolver]',
      description: 'IPv4, IPv6, [IPv6]:port, host or host:port; without it, the resolver of this system',
    },
  ],
  options: [
    ...ASKING_OPTIONS,
    {
      flags: '--dnssec',
      description:
        'ask for zones that are broken on purpose instead, and say where it validates otherwise than it should',
    },
  ],
  settings: ['origin', 'zonesDir'],

  async run(context, args, options) {
    const { sizes, timeoutMs, isJson } = parseAskingOptions(options);
    const [typed] = args;
    const servers = typed === undefined ? systemResolvers() : await addressesOf(typed);
    const { origin, zonesDir } = context.config();
    const plan = makePlan(origin, sizes);
    const opened = await openAt(servers, plan, timeoutMs, context);
    if (options['dnssec'] === true)
      return inquireCatalog(opened, plan, await readZoneFiles(zonesDir), isJson, context);
    const { report, status } = await inquire(opened, plan, context);
    context.out.write(isJson ? `${JSON.stringify(jsonOf(report), null, 2)}\n` : formatReport(report));
    return status;
  },
};
