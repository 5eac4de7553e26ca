/** Answers spoiled on purpose: they say nothing about the path, and a question for DS is spared. */
import type { RrsigAnswer } from 'dns-packet';
import { beforeEach, expect, it } from 'vitest';
import { aliasOf, makeTestResponder, type TestResponder } from '../support/responder.ts';

let on: TestResponder;
beforeEach(async () => {
  on = await makeTestResponder();
});

const ask = (name: string, type = 'TXT') => on.ask({ name, type, udpPayloadSize: 4096, dnssecOk: true });
const measured = (name: string, type?: string) => ask(aliasOf(ask(name)) ?? '', type);

it.each([
  { name: 's1232-badsig.x.probe.test', excluded: 'fault' },
  { name: 's1232-expired.x.probe.test', excluded: 'fault' },
  { name: 's1232-nosig.x.probe.test', excluded: 'fault' },
  { name: 's1232-noudp.x.probe.test', excluded: 'fault' },
  { name: 's1232-notcp.x.probe.test', excluded: 'fault' },
  { name: 's1232-d300.x.probe.test', excluded: 'fault' },
  { name: 's1232.bogus.probe.test', excluded: 'fault' },
  { name: 's1232.expired.probe.test', excluded: 'fault' },
  { name: 's1232.x.probe.test', excluded: '' },
  { name: 's1232-tc.probe.test', excluded: '' },
])('$name is excluded: "$excluded", gate and measured answer alike', ({ name, excluded }) => {
  expect(ask(name).facts).toMatchObject({ step: 'gate', excluded });
  expect(measured(name).facts).toMatchObject({ step: 'measured', excluded });
});

// BIND waits ten seconds for itself when the DS that it asks for is as unsigned as what made it ask.
it.each(['nosig', 'noudp', 'd300'])(
  'answers DS small, signed and at once under %s, as no trial',
  (option) => {
    const { octets, packet, delayMs, facts } = measured(`s1232-${option}.x.probe.test`, 'DS');
    expect(packet.answers?.map(({ type }) => type)).toEqual(['CNAME', 'RRSIG']);
    expect(octets?.length).toBeLessThan(512);
    expect(delayMs).toBe(0);
    expect(facts?.size).toBe(0);
  },
);

// Unbound accepts signatures that expired less than a day ago.
it.each(['s1232.expired.probe.test', 's1232-expired.x.probe.test'])('%s expired days ago', (name) => {
  const { packet } = measured(name);
  const [signature] = (packet.answers ?? []).filter(
    (record): record is RrsigAnswer => record.type === 'RRSIG',
  );
  expect(on.clock.now / 1000 - (signature?.data.expiration ?? 0)).toBeGreaterThan(2 * 86_400);
});
