/** The ladder `rs` through real resolvers with two servers and both IP versions; which server one asks is its own matter (ladder-servers). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../lab/contract.ts';
import { labProblem } from '../../lab/problem.ts';
import { openLab } from '../../lab/world.ts';

const RESOLVERS = ['unbound', 'bind', 'knot', 'powerdns'];
const problem = labProblem(RESOLVERS);
if (problem !== undefined) process.stderr.write(`skipped: ${problem}\n`);

const PATIENCE_MS = 25_000;
const LOOKUPS = 4;

describe.skipIf(problem !== undefined)('rs, with two servers', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());

  async function climb(resolver: string, path: string) {
    const opened = await lab.open({ resolver, edns: 4096, path, family: 'any' });
    const answers = [];
    // One after the other: a resolver keeps what it has just been told.
    for (let lookup = 0; lookup < LOOKUPS; lookup++)
      answers.push(await opened.ask(`rs.n${lookup}abcdefghi.${lab.origin}`, PATIENCE_MS));
    await opened.close();
    return { answers };
  }

  it.each(RESOLVERS)('%s on a clean path comes to the top, whichever server it asks', async (resolver) => {
    const { answers } = await climb(resolver, 'clean');
    for (const { status, ad, texts } of answers) {
      expect({ status, ad }).toEqual({ status: 'NOERROR', ad: true });
      expect(texts.join('\n')).toMatch(/reply size limit is at least \d+ bytes/);
    }
    const said = answers.map(({ texts }) => texts.join('\n')).join('\n');
    expect(said).toContain('reply size limit is at least 4096 bytes');
    expect(said).toContain('4096 octets came in ');
  });

  it.each(['unbound', 'bind', 'knot'])(
    '%s without fragments ends below them, and says why',
    async (resolver) => {
      const { answers } = await climb(resolver, 'frag');
      for (const { status, texts } of answers) {
        expect(status).toBe('NOERROR');
        const limit = Number(/at least (\d+) bytes/.exec(texts.join('\n'))?.[1]);
        expect(limit).toBeLessThan(2048);
      }
      expect(answers.map(({ texts }) => texts.join('\n')).join('\n')).toMatch(
        /octets got lost, came late, or were asked of a server that is down: asked again after \d+ ms|then it asked over TCP/,
      );
    },
  );
});
