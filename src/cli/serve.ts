/** padzone serve: starts the server, says what to try next, and stops or reloads on signals. */
import { type ServerHandle, startServer } from '../app.ts';
import { type Config, formatListen, warningsOf } from '../config.ts';
import { createLog, type LogFields } from '../log.ts';
import { VERSION } from '../version.ts';
import { formatDs } from '../zone/ds-text.ts';
import { below, isRoot } from './below.ts';
import type { Subcommand } from './subcommand.ts';

export const serve: Subcommand = {
  name: 'serve',
  summary: 'Answer queries and keep what they show',
  options: [],
  async run(context) {
    const config = context.config();
    const log = createLog(config);
    const server = await startServer(config, log);
    for (const { file } of server.keysMade) log.info({ component: 'keys', file }, 'key made');
    for (const warning of warningsOf(config)) log.warn({ component: 'config' }, warning);
    context.err.write(greeting(config, server));
    log.info({ component: 'engine', ...engineFields(server) }, `the engine is ${server.engine.name}`);
    for (const line of server.engine.unseen) log.info({ component: 'engine' }, line);
    log.info({ component: 'server', version: VERSION, count: server.tree().zones.length }, 'answering');
    const reload = () =>
      Promise.resolve()
        .then(() => server.reload(context.config()))
        .then(
          () =>
            log.info(
              { component: 'server' },
              'reloaded settings, zones and keys; listen addresses stay as they are',
            ),
          (error: Error) =>
            log.error({ component: 'server', reason: error.message }, 'reload refused; all stays as it was'),
        );
    process.on('SIGHUP', reload);
    const signal = await stopSignal();
    process.off('SIGHUP', reload);
    log.info({ component: 'server', signal }, 'stopping');
    await server.stop();
    const { written, lost } = server.counters();
    const missing = Object.values(lost).reduce((sum, rows) => sum + rows, 0);
    log.info({ component: 'store', count: written }, `rows on disk; ${missing} lost`);
    return 0;
  },
};

function engineFields({ engine }: ServerHandle): LogFields {
  const { threads } = engine.counters();
  return engine.reason === ''
    ? { count: threads }
    : { count: threads, reason: `not linux: ${engine.reason}` };
}

/** The first SIGTERM or SIGINT; a second one ends the process at once, as signals do. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

/** What a person at a terminal needs: the DS for the parent or, of a root, for its resolvers, three lines to try, and where the rows go. */
export function greeting({ origin }: Pick<Config, 'origin'>, server: ServerHandle): string {
  const [first] = server.listening;
  const at = `@${first!.address} -p ${first!.port}`;
  const ds = formatDs(server.tree().origin).map(({ text }) => `  ${text}`);
  const where = [...new Set(server.listening.map(formatListen))].join(', ');
  return `
padzone ${VERSION} answers for ${isRoot(origin) ? '.' : `${origin}.`} at ${where} (UDP and TCP)

${isRoot(origin) ? 'Trust anchor for the resolvers, as a DS record' : 'DS record for the parent zone'}:
${ds.join('\n')}

Try, at this server itself:
  dig ${at} ${below('me', origin)} TXT
  dig ${at} +dnssec +bufsize=4096 ${below('s1232', origin)} TXT
  dig ${at} ${below('help', origin)} TXT +tcp
or without dig:
  npx padzone probe --origin ${origin} ${formatListen(first!)}
Through a resolver that reaches this server, dig ${below('s4096', origin)} TXT says what came through.

Observations: ${server.observations} (padzone report shows them)${server.http ? `\nHealth and metrics: http://${server.http}/` : ''}

`;
}
