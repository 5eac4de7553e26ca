/** dns2's own UDP server, see ../dns2-server.ts: what Node offers without an engine of one's own. */
import { join } from 'node:path';
import { startServer } from '../process.ts';
import type { Peer } from './peer.ts';

export const dns2: Peer = {
  name: 'dns2, unsigned',
  missing: () => undefined,
  start: ({ dir, port }) =>
    startServer(
      process.execPath,
      [join(import.meta.dirname, '../dns2-server.js'), `${port}`],
      join(dir, 'log'),
    ),
};
