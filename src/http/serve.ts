/** Health and metrics over HTTP: THE TABLE of routes. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpSources {
  /** Undefined while DNS is answered; else why not. */
  unready(): string | undefined;
  metrics(): string;
}

interface Route {
  readonly path: string;
  readonly summary: string;
  answer(sources: HttpSources): { status: number; type: string; body: string };
}

const TEXT = 'text/plain; charset=utf-8';
const METRICS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

export const ROUTES: readonly Route[] = [
  { path: '/livez', summary: 'the process runs', answer: () => ({ status: 200, type: TEXT, body: 'ok\n' }) },
  {
    path: '/readyz',
    summary: 'queries are answered',
    answer({ unready }) {
      const reason = unready();
      return reason === undefined
        ? { status: 200, type: TEXT, body: 'ok\n' }
        : { status: 503, type: TEXT, body: `${reason}\n` };
    },
  },
  {
    path: '/metrics',
    summary: 'counters for Prometheus',
    answer: ({ metrics }) => ({ status: 200, type: METRICS_TEXT, body: metrics() }),
  },
];

/** @throws {Error} with `code` EADDRINUSE, … where the address cannot be had */
export async function startHttp(
  address: string,
  port: number,
  sources: HttpSources,
): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { status, type, body } = answerTo(request.method ?? '', request.url ?? '/', sources);
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await listen(server, address, port);
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(method: string, url: string, sources: HttpSources): ReturnType<Route['answer']> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, type: TEXT, body: 'GET and HEAD only\n' };
  const route = ROUTES.find(({ path }) => path === url.split('?', 1)[0]);
  if (route) return route.answer(sources);
  const routes = ROUTES.map(({ path, summary }) => `${path}  ${summary}\n`);
  return { status: 404, type: TEXT, body: routes.join('') };
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
