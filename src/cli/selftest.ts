/** `padzone selftest`: asks a node of padzone as a resolver would, so that its own faults are found before resolvers are blamed. */
import { ConfigError } from '../config.ts';
import { type Inquiry, inquire, openAt } from './probe/inquiry.ts';
import { ASKING_OPTIONS, makePlan, parseAskingOptions } from './probe/options.ts';
import { formatReport } from './probe/report.ts';
import { jsonOf } from './probe/report-json.ts';
import { addressesOf } from './probe/resolvers.ts';
import { formatServerAddress } from './probe/server-address.ts';
import type { Finding } from './probe/test.ts';
import type { Subcommand } from './subcommand.ts';

export const selftest: Subcommand = {
  name: 'selftest',
  summary: 'Ask another node of padzone as a resolver would, to find faults of the server side',
  options: [
    {
      flags: '--from <peers>',
      description:
        'addresses or hosts of the nodes whose answers are tested, by commas; of a host all addresses',
    },
    ...ASKING_OPTIONS,
  ],
  settings: ['origin'],

  async run(context, _args, options) {
    const { sizes, timeoutMs, isJson } = parseAskingOptions(options);
    const peers = (await Promise.all(parsePeers(options['from']).map(addressesOf))).flat();
    const { origin } = context.config();
    const inquiries: Inquiry[] = [];
    for (const peer of peers) {
      const plan = makePlan(origin, sizes);
      const opened = await openAt([peer], plan, timeoutMs, context);
      if (isResolver(opened.opening))
        throw new ConfigError(
          `--from: ${formatServerAddress(peer)} is no name server of ${origin} but answers as a resolver; ask it with \`padzone probe\``,
        );
      inquiries.push(await inquire(opened, plan, context));
    }
    const reports = inquiries.map(({ report }) => report);
    context.out.write(
      isJson ? `${JSON.stringify(reports.map(jsonOf), null, 2)}\n` : reports.map(formatReport).join('\n'),
    );
    return Math.max(...inquiries.map(({ status }) => status));
  },
};

function isResolver({ exchanges }: Finding): boolean {
  return exchanges.at(-1)?.reply?.ra === true;
}

function parsePeers(from: unknown): string[] {
  if (typeof from !== 'string')
    throw new ConfigError('--from: name the node whose answers are to be tested, an address or a host');
  return from.split(',').map((peer) => peer.trim());
}
