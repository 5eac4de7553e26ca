/** Health and counters over HTTP. */
import { expect, it } from 'vitest';
import { METRICS, makeMetrics, type Recorded } from '../../src/http/metrics.ts';
import { ROUTES, startHttp } from '../../src/http/serve.ts';
import { encodeRow } from '../../src/record/encode.ts';
import type { Facts } from '../../src/record/facts.ts';
import { classOfRow } from '../../src/record/row-class.ts';
import { makeTestResponder } from '../support/responder.ts';

/** A recorder that counted these rows. */
function recorded(rows: readonly Facts[]): Recorded {
  const counts = new Map<number, number>();
  const octets = new Uint8Array(512);
  for (const row of rows) {
    encodeRow(row, octets, new DataView(octets.buffer), 0, 0);
    const number = classOfRow(octets, 0);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return {
    classes: () => counts,
    counters: () => ({ written: 7, counted: 3, lost: { ring: 4, disk: 2, memory: 1, rate: 5 } }),
  };
}

const ENGINE = { threads: 2, replaced: 0 };

it('counts what left and what came back, without addresses or names in labels', async () => {
  const metrics = makeMetrics('1.2.3', 'plain');
  const on = await makeTestResponder();
  const answered = [
    ...on.chase({ name: 's4096.probe.test', udpPayloadSize: 4096 }),
    on.ask({ name: 'nosuch.probe.test', transport: 'tcp', source: '2001:db8::1' }),
  ];
  metrics.noteTrouble();
  const text = metrics.text(recorded(answered.map(({ facts }) => facts!)), ENGINE);
  expect(text).toContain('padzone_dns_requests_total{proto="udp",family="4"} 3\n');
  expect(text).toContain('padzone_dns_requests_total{proto="tcp",family="6"} 1\n');
  expect(text).toContain('padzone_dns_responses_total{rcode="3",proto="tcp"} 1\n');
  expect(text).toContain('padzone_measured_answers_total{proto="udp"} 1\n');
  expect(text).toContain('padzone_receipts_total{proto="udp",relation="own"} 1\n');
  expect(text).toContain('padzone_socket_errors_total 1\n');
  expect(text).toContain('padzone_rows_written_total 7\n');
  expect(text).toContain('padzone_rows_counted_total 3\n');
  for (const [reason, rows] of Object.entries({ ring: 4, disk: 2, memory: 1, rate: 5 }))
    expect(text).toContain(`padzone_rows_lost_total{reason="${reason}"} ${rows}\n`);
  expect(text).toContain('padzone_build_info{version="1.2.3",engine="plain"} 1\n');
  expect(text).not.toMatch(/192\.0\.2|probe\.test/);
});

it('gives every metric its help and type, once', () => {
  const text = makeMetrics('0', 'plain').text(recorded([]), ENGINE);
  for (const { name } of METRICS) expect(text.split(`# HELP ${name} `)).toHaveLength(2);
  expect(text.match(/# TYPE /g)).toHaveLength(text.match(/# HELP /g)!.length);
});

it('answers each route, says why it is not ready, and lists the routes for any other path', async () => {
  let reason: string | undefined;
  const http = await startHttp('127.0.0.1', 0, { unready: () => reason, metrics: () => 'a 1\n' });
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${http.port}${path}`, { method });
    return `${response.status} ${await response.text()}`;
  };
  try {
    expect(await get('/livez')).toBe('200 ok\n');
    expect(await get('/readyz?verbose')).toBe('200 ok\n');
    expect(await get('/metrics')).toBe('200 a 1\n');
    expect(await get('/metrics', 'HEAD')).toBe('200 ');
    expect(await get('/metrics', 'POST')).toMatch(/^405 /);
    reason = 'stopping';
    expect(await get('/readyz')).toBe('503 stopping\n');
    const other = await get('/');
    for (const { path } of ROUTES) expect(other).toContain(path);
  } finally {
    await http.stop();
  }
});
