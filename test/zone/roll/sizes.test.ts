/** Answers to DNSKEY of zones that roll with RSA keys: as at the root, one phase alone is above what resolvers take over UDP. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latin1 } from '../../../src/wire/name.ts';
import { ROLL_PHASES } from '../../../src/zone/roll/phase.ts';
import { findProfile } from '../../../src/zone/roll/profile.ts';
import { testFolder } from '../../support/folder.ts';
import { makeTestResponder, NOON, texts } from '../../support/responder.ts';

const ZONES = join(testFolder('roll-sizes'), 'zones');
mkdirSync(ZONES, { recursive: true });
for (const file of ['roll.toml', 'er.toml']) copyFileSync(`zones/${file}`, join(ZONES, file));
writeFileSync(join(ZONES, 'origin.toml'), 'label = ""\nsummary = "origin"\nalgorithm = 15\n');

const COOKIE = [{ code: 10, data: latin1('8octets!') }];
const REPORT_CHANNEL = 18;
const USUAL_PAYLOAD = 1232;

async function roll(origin: string, wish: string) {
  const server = { name: `ns1.${origin}`, role: 'parent', ipv4: ['127.0.0.1'], ipv6: [] } as const;
  const responder = await makeTestResponder({ origin, servers: [server], zonesDir: ZONES });
  const minted = texts(responder.ask({ name: `new-${wish}.roll.${origin}`, transport: 'tcp' }));
  const zone = minted.find((text) => text.startsWith('zone: '))!.slice('zone: '.length, -1);
  const { offsets } = findProfile(wish.split('-')[0]!)!;
  const ask = (type: string) =>
    responder.ask({
      name: zone,
      type,
      udpPayloadSize: 1232,
      dnssecOk: true,
      options: COOKIE,
      transport: 'tcp',
    });
  return ROLL_PHASES.map((phase) => {
    responder.clock.now = NOON + 600_000 + (phase === 'init' ? 0 : offsets[phase]) * 1000;
    return { phase, keys: ask('DNSKEY'), soa: ask('SOA') };
  });
}

describe.each(['a.test', 'probe.test', 'probe.dns-lab.example-registry.jp', `${'x'.repeat(46)}.test`])(
  'below %s',
  (origin) => {
    it.each(['fast-a8', 'standard-a8'])(
      'the keys of %s exceed 1232 when the old one is revoked, and never else, with a cookie',
      async (wish) => {
        const phases = await roll(origin, wish);
        const large = phases.filter(({ keys }) => keys.octets!.length > USUAL_PAYLOAD);
        expect(large.map(({ phase }) => phase)).toEqual(['revoked']);
      },
    );
  },
);

it('the ZSK is shortened as far as the name is long, and no further than validators take', async () => {
  const bits = async (origin: string) => {
    const [first] = await roll(origin, 'fast-a8');
    const zsk = first!.keys.packet.answers!.flatMap((one) =>
      one.type === 'DNSKEY' && one.data.flags === 256 ? [one.data.key as Buffer] : [],
    );
    // RFC 3110 §2: the exponent and its length take 4 octets.
    return (zsk[0]!.length - 4) * 8;
  };
  expect(await bits('probe.test')).toBe(1280);
  expect(await bits(`${'x'.repeat(46)}.test`)).toBe(8 * (1232 - 913 - 2 * 90));
  expect(await bits(`${'x'.repeat(60)}.test`)).toBe(1024);
});

it('where reports go stands in every answer but those to DNSKEY', async () => {
  const optionsOf = ({ packet }: Awaited<ReturnType<typeof roll>>[number]['keys']) => {
    const opt = packet.additionals!.find(({ type }) => type === 'OPT') as unknown as {
      options: { code: number }[];
    };
    return opt.options.map(({ code }) => code);
  };
  for (const { phase, keys, soa } of await roll('probe.test', 'fast')) {
    expect(optionsOf(keys), phase).not.toContain(REPORT_CHANNEL);
    expect(optionsOf(soa), phase).toContain(REPORT_CHANNEL);
  }
});
