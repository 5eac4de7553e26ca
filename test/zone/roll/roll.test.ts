/** Zones that roll their key right below the root: their names have one dot, and every server serves them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { latin1 } from '../../../src/wire/name.ts';
import { parseRollLabel } from '../../../src/zone/roll/label.ts';
import { rollAt } from '../../../src/zone/roll/roll.ts';
import { testFolder } from '../../support/folder.ts';
import { makeTestResponder, NOON, texts } from '../../support/responder.ts';

const FOLDER = testFolder('roll-root');

it.each([
  ['.', 'hour.'],
  ['test.', 'hour.test.'],
  ['roll.probe.test.', 'hour.roll.probe.test.'],
])('below %s it is named %s', (parent, zone) => {
  const roll = rollAt(latin1('a secret that only tests have'), parent, parseRollLabel('hour')!, NOON);
  expect(roll.zone).toBe(zone);
});

it('is minted and served where the origin is the root', async () => {
  const zonesDir = join(FOLDER, 'zones');
  mkdirSync(zonesDir, { recursive: true });
  writeFileSync(
    join(zonesDir, 'origin.toml'),
    'label = ""\nsummary = "origin"\nalgorithm = 15\nmakes = "rolls"\n',
  );
  const servers = [{ name: 'ns1.', role: 'parent', ipv4: ['127.0.0.1'], ipv6: [] }] as const;
  const on = await makeTestResponder({ origin: '.', zonesDir, servers });
  const ask = (name: string, type: string) =>
    on.ask({ name, type, transport: 'tcp', udpPayloadSize: 1232, dnssecOk: true });
  const minted = texts(ask('new-fast.', 'TXT')).find((text) => text.startsWith('zone: '))!;
  for (const zone of ['hour.', minted.slice('zone: '.length)]) {
    expect(
      ask(zone, 'DNSKEY').packet.answers!.map(({ type }) => type),
      zone,
    ).toContain('DNSKEY');
    expect(ask(`live.${zone}`, 'TXT').facts, zone).toMatchObject({ rcode: 0, zone });
  }
  expect(on.bugs).toEqual([]);
});
