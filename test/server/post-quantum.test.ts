import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, it } from 'vitest';
import { parseName } from '../../src/wire/name.ts';
import { FULL_PLAN, makeTestResponder, texts } from '../support/responder.ts';

const ZONE = 'mldsa44.probe.test';
const FROM_CHILDREN = { local: '127.0.0.2', transport: 'tcp', udpPayloadSize: 4096, dnssecOk: true } as const;

/** The name of the algorithm, the zone's own, as octets. */
const NAME = Buffer.from(parseName(ZONE));

describe('the zone that is signed with ML-DSA-44', () => {
  it('states the octets of its keys: two of 1312 octets and a signature of 2420, each behind a name', async () => {
    const { ask } = await makeTestResponder({ servers: FULL_PLAN });
    const { octets, packet } = ask({ name: ZONE, type: 'DNSKEY', ...FROM_CHILDREN });
    const apex = NAME.length;
    const keys = 2 * (12 + 4 + apex + 1312);
    const signature = 12 + 18 + apex + apex + 2420;
    expect(octets).toHaveLength(12 + apex + 4 + 11 + keys + signature);
    expect(packet.answers!.map(({ type }) => type)).toEqual(['DNSKEY', 'DNSKEY', 'RRSIG']);
  });

  it('has signatures that verify, and a delegation under algorithm 253', async () => {
    const { ask, tree } = await makeTestResponder({ servers: FULL_PLAN });
    const { signer } = tree.zones.find(({ label }) => label === 'mldsa44')!;
    const { packet } = ask({ name: `live.${ZONE}`, ...FROM_CHILDREN });
    expect(texts({ packet })).toHaveLength(2);
    const rrsig = packet.answers!.find(({ type }) => type === 'RRSIG') as {
      data: { signature: Buffer; keyTag: number; algorithm: number };
    };
    const zsk = signer!.keys.find(({ isKsk }) => !isKsk)!;
    expect(rrsig.data).toMatchObject({ algorithm: 253, keyTag: zsk.keyTag });
    expect(rrsig.data.signature.subarray(0, NAME.length)).toEqual(NAME);
    const data = Buffer.from('anything');
    const made = zsk.sign(data);
    expect(made).toHaveLength(NAME.length + 2420);
    expect(ml_dsa44.verify(made.subarray(NAME.length), data, zsk.publicKey.subarray(NAME.length))).toBe(true);
    const ds = ask({ name: ZONE, type: 'DS', ...FROM_CHILDREN, local: '127.0.0.1' });
    expect(ds.packet.answers![0]).toMatchObject({ type: 'DS', data: { algorithm: 253 } });
  });

  it('is the same on every server that has the secret', async () => {
    const [one, two] = await Promise.all([makeTestResponder(), makeTestResponder()]);
    const keysOf = ({ tree }: typeof one) =>
      tree.zones
        .find(({ label }) => label === 'mldsa44')!
        .signer!.keys.map(({ rdata }) => Buffer.from(rdata).toString('hex'));
    expect(keysOf(one)).toEqual(keysOf(two));
  });

  it('pays for every signature, since each takes milliseconds', async () => {
    const { ask } = await makeTestResponder({ servers: FULL_PLAN, settings: { signingBudget: 1 } });
    const answers = Array.from({ length: 8 }, (_, k) =>
      ask({ name: `live-n000000000${k}.${ZONE}`, ...FROM_CHILDREN }),
    );
    const [first] = answers;
    expect(first!.facts).toMatchObject({ tc: false, excluded: '' });
    expect(answers.filter(({ facts }) => facts!.excluded === 'budget').length).toBeGreaterThan(0);
  });
});
