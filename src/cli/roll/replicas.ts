/** `padzone roll replicas`: the replicas of the root's DNSKEY answer, with days, keys and octets. */
import { ConfigError } from '../../config.ts';
import { replicaTable } from '../../zone/replica/page.ts';
import { readZoneFiles } from '../../zone/zone-file.ts';
import type { Subcommand } from '../subcommand.ts';

export const rollReplicas: Subcommand = {
  name: 'roll replicas',
  summary: "List the replicas of the root's DNSKEY answer: days, keys, octets",
  options: [],
  settings: ['origin', 'zonesDir'],
  async run(context) {
    const { origin, zonesDir } = context.config();
    const files = await readZoneFiles(zonesDir);
    if (!files.some(({ label, makes }) => label === '' && makes === 'replicas'))
      throw new ConfigError(`zones_dir: the origin in ${zonesDir} has no makes = "replicas"`);
    context.out.write(`${replicaTable(origin)}\n`);
    return 0;
  },
};
