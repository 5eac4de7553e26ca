/** padzone names: the names that this server answers, from the tables in the code and the zone files. */
import { namesPage } from '../behaviors/names-page.ts';
import { readZoneFiles } from '../zone/zone-file.ts';
import type { Subcommand } from './subcommand.ts';

export const names: Subcommand = {
  name: 'names',
  summary: 'Print the names that are answered, with options and zones, as Markdown',
  options: [],
  async run(context) {
    const zones = await readZoneFiles(context.config().zonesDir);
    context.out.write(namesPage(zones.toSorted((a, b) => a.label.localeCompare(b.label))));
    return 0;
  },
};
