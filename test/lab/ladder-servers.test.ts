/** The ladder `rs` on two servers: any of them goes on from what the other one said, over either IP version, and a retry may go to the other one. */
import { afterAll, beforeAll, expect, it as test } from 'vitest';
import { SERVERS } from '../../lab/addresses.ts';
import { type Authority, openAuthority } from '../../lab/authority.ts';
import { labProblem } from '../../lab/problem.ts';
import { ORIGIN } from '../../lab/servers.ts';
import type { DigResult } from '../support/dig.ts';
import { testFolder } from '../support/folder.ts';
import { type Family, openProbe, type Probe } from './probe.ts';

const problem = labProblem([]);
if (problem !== undefined) process.stderr.write(`skipped: ${problem}\n`);
const it = test.skipIf(problem !== undefined);

/** The most CNAMEs that one lookup may have. */
const MOST_LINKS = 8;
const directory = testFolder('lab-ladder');
let authority: Authority;

beforeAll(async () => {
  if (problem === undefined) authority = await openAuthority(directory);
});
afterAll(() => authority?.close());

interface Step {
  readonly server: 0 | 1;
  readonly family: Family;
  readonly args?: readonly string[];
}

function askStep({ ask }: Probe, label: string, { server, family, args = ['+bufsize=4096'] }: Step) {
  return ask({ label, family, server: SERVERS[server], role: 'parent', args: ['+dnssec', ...args] });
}

/** The label behind an answer's CNAME, undefined at the end of the chain. */
function next({ answer }: DigResult): string | undefined {
  return answer.find(({ type }) => type === 'CNAME')?.rdata.replace(`.${ORIGIN}.`, '');
}

function textOf({ answer }: DigResult): string {
  return answer.flatMap(({ type, rdata }) => (type === 'TXT' ? [rdata] : [])).join('\n');
}

it('comes to the top though every question goes to the other server, over the other IP version', async () => {
  const probe = await openProbe(authority, 0, 'clean', directory);
  const asked: DigResult[] = [];
  let label: string | undefined = 'rs';
  while (label !== undefined && asked.length <= MOST_LINKS) {
    const turn = (asked.length % 2) as 0 | 1;
    const answer = await askStep(probe, label, { server: turn, family: turn === 0 ? 4 : 6 });
    asked.push(answer);
    label = next(answer);
  }
  expect(asked.map(({ size }) => size).filter((size) => size >= 1232)).toEqual([1232, 1472, 2048, 4096]);
  const text = textOf(asked.at(-1)!);
  expect(text).toContain('DNS reply size limit is at least 4096 bytes');
  expect(text).toContain('at one or another of its addresses');
});

it('ends where an answer was lost and the retry went to the other server', async () => {
  const probe = await openProbe(authority, 1, 'frag', directory);
  let label = 'rs';
  for (const server of [0, 1, 0] as const)
    label = next(await askStep(probe, label, { server, family: 4 })) ?? 'no CNAME';
  const lost = await askStep(probe, label, { server: 1, family: 4, args: ['+bufsize=4096', '+timeout=1'] });
  expect(lost.size).toBe(0);
  const text = textOf(await askStep(probe, label, { server: 0, family: 4, args: ['+bufsize=1472'] }));
  expect(text).toContain('DNS reply size limit is at least 1472 bytes');
  expect(text).toMatch(
    /2048 octets got lost, came late, or were asked of a server that is down: asked again after \d+ ms with EDNS size 1472/,
  );
});
