/** Zones that roll their key, as a resolver meets them: through the responder, in octets. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROLL_PHASES } from '../../../src/zone/roll/phase.ts';
import { findProfile } from '../../../src/zone/roll/profile.ts';
import { testFolder } from '../../support/folder.ts';
import { FULL_PLAN, makeTestResponder, type TestResponder } from '../../support/responder.ts';

const ZONES = join(testFolder('roll-served'), 'zones');
const NOW = Date.UTC(2026, 10, 28, 22, 5);
const { offsets } = findProfile('fast')!;

let responder: TestResponder;
beforeAll(async () => {
  mkdirSync(ZONES, { recursive: true });
  copyFileSync('zones/roll.toml', join(ZONES, 'roll.toml'));
  writeFileSync(join(ZONES, 'origin.toml'), 'label = ""\nsummary = "origin"\nalgorithm = 15\n');
  responder = await makeTestResponder({ zonesDir: ZONES });
});

/** The zone of a wish, minted over DNS. */
function mint(wish: string): string {
  responder.clock.now = NOW;
  const { packet } = responder.ask({ name: `new-${wish}.roll.probe.test`, type: 16, transport: 'tcp' });
  const texts = (packet.answers ?? []).map((answer) => ('data' in answer ? String(answer.data) : ''));
  return texts.find((text) => text.startsWith('zone: '))!.slice('zone: '.length, -1);
}

const timeOf = (phase: (typeof ROLL_PHASES)[number]) =>
  NOW + 600_000 + (phase === 'init' ? 0 : offsets[phase]) * 1000;

describe('DNSKEY', () => {
  it.each([
    ['fast', 13],
    ['fast-a15', 15],
    ['fast-a8', 8],
  ])('of %s comes in each phase with the keys and signatures of that phase', (wish, algorithm) => {
    const zone = mint(wish);
    const seen = ROLL_PHASES.map((phase) => {
      responder.clock.now = timeOf(phase);
      const { packet } = responder.ask({
        name: zone,
        type: 48,
        dnssecOk: true,
        udpPayloadSize: 1232,
        transport: 'tcp',
      });
      const answers = packet.answers ?? [];
      const flags = answers.flatMap((one) => (one.type === 'DNSKEY' ? [one.data.flags] : []));
      const algorithms = answers.flatMap((one) => (one.type === 'DNSKEY' ? [one.data.algorithm] : []));
      expect(new Set(algorithms)).toEqual(new Set([algorithm]));
      expect(answers.every((one) => 'ttl' in one && one.ttl === 2)).toBe(true);
      return [phase, flags.sort(), answers.filter(({ type }) => type === 'RRSIG').length];
    });
    expect(seen).toEqual([
      ['init', [256, 257], 1],
      ['prepub', [256, 257, 257], 1],
      ['rolled', [256, 257, 257], 1],
      ['revoked', [256, 257, 385], 2],
      ['removed', [256, 257], 1],
    ]);
  });

  it('with RSA is above 1232 octets when the old key is revoked, and never else, as that of the root', () => {
    const zone = mint('fast-a8');
    const sizes = ROLL_PHASES.map((phase) => {
      responder.clock.now = timeOf(phase);
      return responder.ask({ name: zone, type: 48, dnssecOk: true, udpPayloadSize: 1232, transport: 'tcp' })
        .octets!.length;
    });
    expect(sizes.map((octets) => octets > 1232)).toEqual([false, false, false, true, false]);
    responder.clock.now = timeOf('revoked');
    const { packet } = responder.ask({ name: zone, type: 48, dnssecOk: true, udpPayloadSize: 1232 });
    expect(packet).toMatchObject({ flag_tc: true, answers: [] });
  });
});

it('is found through a referral from its parent, with a DS that no key has', async () => {
  const split = await makeTestResponder({ zonesDir: ZONES, servers: FULL_PLAN });
  const zone = mint('standard');
  split.clock.now = NOW;
  const local = FULL_PLAN.find(({ role }) => role === 'parent')!.ipv4[0]!;
  const { packet } = split.ask({
    name: `live.${zone}`,
    type: 1,
    dnssecOk: true,
    udpPayloadSize: 1232,
    local,
  });
  expect(packet).toMatchObject({ flag_aa: false });
  expect(packet.answers).toEqual([]);
  const owners = (packet.authorities ?? []).map((one) => `${one.name} ${one.type}`);
  expect(owners).toEqual(expect.arrayContaining([`${zone} NS`, `${zone} DS`]));
});
