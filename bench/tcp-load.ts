/** Loads over TCP by tcp-client.js, since dnsperf takes a port that is free for everybody, and soon there is none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Load, LoadResult } from './loads.ts';

/** `queriesEach` are sent at once, and the connection is closed when all their answers are there. */
export function tcpLoad(qname: string, queriesEach: number): Load {
  return {
    async run({ port, seconds }) {
      const args = [join(import.meta.dirname, 'tcp-client.js'), port, qname, queriesEach, seconds].map(
        String,
      );
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const late = setTimeout(() => child.kill('SIGKILL'), (seconds + 20) * 1000);
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      const [status] = await once(child, 'close');
      clearTimeout(late);
      if (status !== 0) throw new Error(`the TCP client ended with ${status}`);
      return JSON.parse(text) as LoadResult;
    },
  };
}
