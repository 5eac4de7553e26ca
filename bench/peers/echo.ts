/** The floor that TypeScript can stand on: a fixed answer by recvmmsg and sendmmsg, see ../echo.ts. */
import { join } from 'node:path';
import { startServer } from '../process.ts';
import type { Peer } from './peer.ts';

export const echo: Peer = {
  name: 'echo floor',
  missing: () => (process.platform === 'linux' ? undefined : 'Linux'),
  start: ({ dir, port }) =>
    startServer(process.execPath, [join(import.meta.dirname, '../echo.js'), `${port}`], join(dir, 'log')),
};
