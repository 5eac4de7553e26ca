/** Replicas of the root's DNSKEY answer as sent: octets, truncation, rows, and the root itself in a closed network. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { latin1 } from '../../src/wire/name.ts';
import { testFolder } from '../support/folder.ts';
import {
  type AskFrom,
  aliasOf,
  makeTestResponder,
  type Question,
  type TestResponder,
  texts,
} from '../support/responder.ts';
import { EXACT_ANSWERS, SMALL_ANSWERS } from '../support/root-answers.ts';

/** Octets of the root's answer. */
const ROOT = {
  k20160111: 736,
  k20160101: 883,
  k20160920: 1011,
  k20170111: 864,
  k20170620: 1139,
  k20170711: 1139,
  k20170919: 1414,
  k20190111: 1425,
  k20190322: 1139,
  k20250111: 1139,
  k20261220: 1414,
  k20270111: 1425,
  k20270322: 1139,
  k20270411: 864,
  ...EXACT_ANSWERS,
} as const;

const FOLDER = testFolder('replica');
const COOKIE = { code: 10, data: latin1('8octets!') };
const COOKIE_OCTETS = 28;
const MINUTE_MS = 60_000;

const origins = ['probe.test', 'padzone.example.net'] as const;
const responders = new Map<string, TestResponder>();
const on = (origin: string) => responders.get(origin)!;
/** The shipped origin alone, so that nothing else is built. */
const zonesDir = join(FOLDER, 'zones');
beforeAll(async () => {
  mkdirSync(zonesDir);
  copyFileSync('zones/origin.toml', join(zonesDir, 'origin.toml'));
  for (const origin of origins) responders.set(origin, await makeTestResponder({ origin, zonesDir }));
});

type Asking = Partial<Omit<Question, 'name'> & AskFrom>;
const askKeys = (responder: TestResponder, name: string, asking: Asking = {}) =>
  responder.ask({ name, type: 'DNSKEY', udpPayloadSize: 4096, dnssecOk: true, ...asking });

/** Name of a fresh replica for a source. */
function mint(responder: TestResponder, replica: string, source = '192.0.2.7'): string {
  return aliasOf(responder.ask({ name: `trial-${replica}`, source }))!.slice('live.'.length);
}

describe.each(origins)('below %s', (origin) => {
  it.each(Object.entries(ROOT))('%s has the %i octets of the root, also in a trial', (label, octets) => {
    const name = `${label}.${origin}`;
    expect(askKeys(on(origin), name, { transport: 'tcp' }).octets?.length).toBe(octets);
    const trial = askKeys(on(origin), mint(on(origin), name));
    expect(trial.octets?.length).toBe(octets);
    expect(trial.facts).toMatchObject({ behavior: 'replica', size: octets, size_miss: false, tc: false });
  });

  it.each(Object.entries(SMALL_ANSWERS))(
    '%s is above the %i octets of the root, as its status says',
    (label, octets) => {
      const answer = askKeys(on(origin), `${label}.${origin}`, { transport: 'tcp' });
      expect(answer.octets!.length).toBeGreaterThan(octets);
      const status = texts(on(origin).ask({ name: `status.${label}.${origin}`, transport: 'tcp' }));
      expect(status.join('\n')).toContain(`${answer.octets!.length} octets; ${octets} at the root`);
    },
  );
});

describe('the answer to DNSKEY', () => {
  const responder = () => on('probe.test');

  it('is 28 octets longer with a COOKIE, and the same for a name in other case', () => {
    const name = mint(responder(), 'k20270111.probe.test');
    expect(askKeys(responder(), name, { options: [COOKIE] }).octets?.length).toBe(1425 + COOKIE_OCTETS);
    expect(askKeys(responder(), name.toUpperCase()).octets?.length).toBe(1425);
  });

  it('holds the keys and signatures that the root has, and nothing else', () => {
    const { packet } = askKeys(responder(), 'k2kr1z.probe.test', { transport: 'tcp' });
    expect(packet.answers!.map(({ type }) => type)).toEqual(['DNSKEY', 'DNSKEY', 'DNSKEY', 'RRSIG', 'RRSIG']);
    expect(packet.authorities).toEqual([]);
    expect(packet.additionals!.map(({ type }) => type)).toEqual(['OPT']);
  });

  it('is truncated over UDP for a stranger, whatever EDNS says, and small enough then', () => {
    for (const label of Object.keys(ROOT)) {
      const answer = askKeys(responder(), `${label}.probe.test`, { source: '203.0.113.9' });
      expect(answer.packet).toMatchObject({ flag_tc: true });
      expect(answer.octets!.length).toBeLessThan(100);
    }
  });

  it('is whole over UDP in a trial for the prefix that asked for it, and truncated for others', () => {
    const name = mint(responder(), 'k2kr2z.probe.test', '192.0.2.7');
    expect(askKeys(responder(), name, { source: '192.0.2.200' }).octets?.length).toBe(1700);
    expect(askKeys(responder(), name, { source: '192.0.2.7' }).facts).toMatchObject({ excluded: '' });
    expect(askKeys(responder(), name, { source: '198.51.100.7' })).toMatchObject({
      packet: { flag_tc: true },
      facts: { excluded: 'gate' },
    });
  });

  it('is truncated in a trial where the resolver takes less than that', () => {
    const name = mint(responder(), 'k20270111.probe.test');
    for (const udpPayloadSize of [512, 1232, 1424])
      expect(askKeys(responder(), name, { udpPayloadSize }).packet).toMatchObject({ flag_tc: true });
    expect(askKeys(responder(), name, { udpPayloadSize: 1425 }).octets?.length).toBe(1425);
  });

  it('is truncated once the trial is older than ten minutes', () => {
    const { clock } = responder();
    const before = clock.now;
    const name = mint(responder(), 'k20270111.probe.test');
    clock.now = before + 11 * MINUTE_MS;
    expect(askKeys(responder(), name).packet).toMatchObject({ flag_tc: true });
    expect(askKeys(responder(), name, { transport: 'tcp' }).octets?.length).toBe(1425);
    clock.now = before;
  });

  it('is the same on another node, octet for octet', async () => {
    const other = await makeTestResponder({ origin: 'probe.test', zonesDir });
    for (const label of ['k1k1z', 'k20190111', 'k20270111'])
      expect(askKeys(other, `${label}.probe.test`, { transport: 'tcp' }).octets).toEqual(
        askKeys(responder(), `${label}.probe.test`, { transport: 'tcp' }).octets,
      );
    const name = mint(responder(), 'k20270111.probe.test');
    expect(askKeys(other, name).octets).toEqual(askKeys(responder(), name).octets);
  });
});

describe('a trial', () => {
  it('is a zone of its own each time, whose signed name holds a proof for the client', () => {
    const responder = on('probe.test');
    const [alias, answer] = responder.chase({
      name: 'trial-k20270111.probe.test',
      udpPayloadSize: 1232,
      dnssecOk: true,
    });
    const target = aliasOf(alias!)!;
    expect(target).toMatch(/^live\.k20270111-n[0-9a-v]{10}-g[0-9a-v]{18}\.probe\.test$/);
    expect(aliasOf(responder.ask({ name: 'trial-k20270111.probe.test' }))).not.toBe(target);
    const proof = texts(answer!).find((text) => text.startsWith('v'))!;
    expect(proof.slice(0, -1).endsWith(`.${target}`)).toBe(true);
    expect(responder.ask({ name: proof }).facts).toMatchObject({ step: 'proof', signal: 'own' });
  });

  it('ties the rows of its zone by its run', () => {
    const responder = on('probe.test');
    const name = mint(responder, 'k20270111.probe.test');
    const run = askKeys(responder, name).facts!.run;
    expect(run).toMatch(/^[0-9a-f]{12}$/);
    expect(responder.ask({ name: `live.${name}` }).facts!.run).toBe(run);
  });
});

it('roots lists the calendar and the compositions', () => {
  const lines = texts(on('probe.test').ask({ name: 'roots.probe.test', transport: 'tcp' }));
  expect(lines.some((line) => line.startsWith('k20270111 k2kr1z'))).toBe(true);
  expect(lines.some((line) => line.startsWith('k1k1ke2z2ze: '))).toBe(true);
});

describe('the root itself, in a closed network', () => {
  const sizes = Object.entries(ROOT);

  it.each([...sizes, ...Object.entries(SMALL_ANSWERS)])(
    'as %s answers with %i octets from keys of full size',
    async (replica, octets) => {
      const folder = join(FOLDER, replica);
      mkdirSync(folder);
      writeFileSync(join(folder, 'root.toml'), `label = ""\nsummary = "root"\nreplica = "${replica}"\n`);
      const responder = await makeTestResponder({ origin: '.', zonesDir: folder, open: true });
      const answer = askKeys(responder, '.');
      expect(answer.octets?.length).toBe(octets);
      expect(answer.facts).toMatchObject({ behavior: 'replica', size: octets });
      expect(askKeys(responder, '.', { options: [COOKIE] }).octets?.length).toBe(octets + COOKIE_OCTETS);
      expect(responder.bugs).toEqual([]);
    },
  );
});
