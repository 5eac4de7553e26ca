import { expect, it } from 'vitest';
import { BROKEN, fleetAmongOthers, WELL } from '../observe/fleet.ts';
import { START } from '../observe/rows.ts';
import { padzoneOn } from './run-on-rows.ts';

const LATER = START + 7_200_000;
const report = (...argv: string[]) => padzoneOn(fleetAmongOthers(), ['report', ...argv], LATER);

it('tells the story of one source instead of the report', async () => {
  const { status, out, err } = await report('--source', BROKEN, '--explain');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toContain(`The story of ${BROKEN}: 3 trials, of those alike only the latest in full.`);
  expect(out).toContain('\n  = LOSS_RETRY_FAIL ');
  expect(out).toContain('\nWhat to do:\n  ! ');
  expect(out).not.toContain(WELL);
});

it('adds the story to the document of a program', async () => {
  const { out } = await report('--source', BROKEN, '--explain', '--json');
  const { story, ...document } = JSON.parse(out);
  expect(document).toEqual(JSON.parse((await report('--source', BROKEN, '--json')).out));
  expect(
    story.map((trial: Record<string, unknown>) => [trial['size'], trial['class'], trial['alike']]),
  ).toEqual([
    [1232, 'UDP_OK_WHOLE', 0],
    [4096, 'LOSS_RETRY_FAIL', 1],
  ]);
  expect(story[1]).toMatchObject({
    run: '000000000003',
    first_at: '2026-11-23T15:15:00.000Z',
    alike_since: '2026-11-23T15:03:00.000Z',
    events: expect.arrayContaining([{ after_ms: 0, text: expect.stringMatching(/^It asked for /) }]),
  });
});

it('says that there is nothing, as the report does', async () => {
  const { out } = await report('--source', '192.0.2.9', '--explain');
  expect(out).toBe((await report('--source', '192.0.2.9')).out);
});

it('refuses to explain all sources at once', async () => {
  const { status, out, err } = await report('--explain');
  expect({ status, out, err }).toEqual({
    status: 2,
    out: '',
    err: 'padzone: --explain: tells the story of one source address; say which with --source\n',
  });
});
