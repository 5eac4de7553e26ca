import { expect, it } from 'vitest';
import { createLog } from '../src/log.ts';

function logTo(level: 'info' | 'silent') {
  const lines: string[] = [];
  const log = createLog({ node: 'ns7', logLevel: level }, { write: (line) => lines.push(line) });
  return { log, lines };
}

it('writes one JSON line an event, with the node on each', () => {
  const { log, lines } = logTo('info');
  log.child({ component: 'udp' }).warn({ address: '::1', port: 53 }, 'socket\nclosed');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  const { time, ...rest } = JSON.parse(lines[0]!);
  expect(rest).toEqual({
    level: 40,
    pid: process.pid,
    node: 'ns7',
    component: 'udp',
    address: '::1',
    port: 53,
    msg: 'socket\nclosed',
  });
  expect(Number.isInteger(time)).toBe(true);
});

it('keeps type and stack of an error', () => {
  const { log, lines } = logTo('info');
  log.error({ err: new RangeError('too far') }, 'failed');
  expect(JSON.parse(lines[0]!).err).toMatchObject({
    type: 'RangeError',
    message: 'too far',
    stack: expect.any(String),
  });
});

it('writes nothing below its level', () => {
  const info = logTo('info');
  info.log.debug({}, 'detail');
  const silent = logTo('silent');
  silent.log.fatal({}, 'end');
  expect([...info.lines, ...silent.lines]).toEqual([]);
});
