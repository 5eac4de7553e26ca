/** World data: what a thread builds from a copy of it answers as the world that the main thread built. */
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type LoadedWorld, loadWorld } from '../../src/engine/load-world.ts';
import { buildWorld, type WorldData } from '../../src/engine/world.ts';
import { formatDs } from '../../src/zone/ds-text.ts';
import { testFolder } from '../support/folder.ts';

const folder = testFolder('world');
let world: LoadedWorld;
beforeAll(async () => {
  world = await loadWorld(
    loadConfig({ flags: { keysDir: join(folder, 'keys'), allow: '192.0.2.0/24' }, env: {} }),
  );
});

/** As a thread would get it. */
function handedOver(data: WorldData): WorldData {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(data);
  const copy = receiveMessageOnPort(port2)?.message;
  port1.close();
  return copy;
}

it('has the zones, keys and settings of the first one', () => {
  const { tree, settings } = buildWorld(handedOver(world.data), ['default', 'df']);
  const described = ({ zones }: LoadedWorld['tree']) => zones.map((zone) => [zone.text, formatDs(zone)]);
  expect(described(tree)).toEqual(described(world.tree));
  const { isAllowed, ...plain } = settings;
  const { isAllowed: _, ...expected } = world.settings;
  const secret = Uint8Array.from(expected.secret);
  expect(plain).toEqual({ ...expected, secret, arms: ['default', 'df'] });
  const allowed = [192, 193].map((first) => isAllowed(Uint8Array.from([first, 0, 2, 1]), 4));
  expect(allowed).toEqual([true, false]);
});

it('takes over the keys that did not change, and makes those that did', () => {
  const first = buildWorld(handedOver(world.data), ['default']);
  const next = buildWorld(handedOver(world.data), ['default'], first.keys);
  expect(next.keys.map((key) => first.keys.indexOf(key))).toEqual(next.keys.map((_, at) => at));
  const rolled = world.data.keys.map((key) =>
    key.zone === 'a15.probe.test.' ? { ...key, privateKey: generateKeyPairSync('ed25519').privateKey } : key,
  );
  const after = buildWorld(handedOver({ ...world.data, keys: rolled }), ['default'], first.keys);
  const fresh = after.keys.filter((key) => !first.keys.includes(key));
  expect(fresh.map(({ zone }) => zone)).toEqual(['a15.probe.test.']);
});
