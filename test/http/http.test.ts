/** Health and counters over HTTP. */
import { expect, it } from 'vitest';
import { METRICS, makeMetrics } from '../../src/http/metrics.ts';
import { ROUTES, startHttp } from '../../src/http/serve.ts';
import { makeTestResponder } from '../support/responder.ts';

const ROWS = { written: 7, lost: 2, dropped: 1 };

it('counts what left and what came back, without addresses or names in labels', async () => {
  const metrics = makeMetrics('1.2.3');
  const on = await makeTestResponder();
  for (const { facts } of on.chase({ name: 's4096.probe.test', udpPayloadSize: 4096 })) metrics.note(facts!);
  metrics.note(on.ask({ name: 'nosuch.probe.test', transport: 'tcp', source: '2001:db8::1' }).facts!);
  metrics.noteTrouble();
  const text = metrics.text(ROWS);
  expect(text).toContain('padzone_dns_requests_total{proto="udp",family="4"} 3\n');
  expect(text).toContain('padzone_dns_requests_total{proto="tcp",family="6"} 1\n');
  expect(text).toContain('padzone_dns_responses_total{rcode="3",proto="tcp"} 1\n');
  expect(text).toContain('padzone_measured_answers_total{proto="udp"} 1\n');
  expect(text).toContain('padzone_receipts_total{proto="udp",relation="own"} 1\n');
  expect(text).toContain('padzone_socket_errors_total 1\n');
  expect(text).toContain('padzone_rows_lost_total{reason="disk"} 2\n');
  expect(text).toContain('padzone_build_info{version="1.2.3"} 1\n');
  expect(text).not.toMatch(/192\.0\.2|probe\.test/);
});

it('gives every metric its help and type, once', () => {
  const text = makeMetrics('0').text(ROWS);
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
