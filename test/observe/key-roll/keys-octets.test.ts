/** Octets of DNSKEY answers, as verdicts count them, are those that really leave. */
import { expect, it } from 'vitest';
import { keysOctets } from '../../../src/observe/key-roll/keys-octets.ts';
import { latin1 } from '../../../src/wire/name.ts';
import { ROLL_PHASES } from '../../../src/zone/roll/phase.ts';
import { findProfile } from '../../../src/zone/roll/profile.ts';
import { makeTestResponder, NOON, texts } from '../../support/responder.ts';
import { observation } from '../rows.ts';

const COOKIE = [{ code: 10, data: latin1('8octets!') }];

it.each(['fast-a8', 'standard-a13', 'fast-a15', 'hour', 'calendar'])(
  'of %s, in each phase, with a cookie and without',
  async (wish) => {
    const responder = await makeTestResponder();
    const said = texts(responder.ask({ name: `new-${wish}.roll.probe.test`, transport: 'tcp' }));
    const zone = said.find((text) => text.startsWith('zone: '))!.slice('zone: '.length);
    const { kind, offsets } = findProfile(wish.split('-')[0]!)!;
    const day = /^\d{4}-\d\d-\d\d/.exec(zone)?.[0];
    const startAt = { always: NOON, minted: NOON + 600_000, weekly: Date.parse(`${day}T00:00:00Z`) }[kind];
    for (const phase of ROLL_PHASES) {
      responder.clock.now = startAt + (phase === 'init' ? 0 : offsets[phase]) * 1000;
      for (const options of [[], COOKIE]) {
        const question = { name: zone, type: 'DNSKEY', udpPayloadSize: 1232, dnssecOk: true, options };
        const { octets } = responder.ask({ ...question, transport: 'tcp' });
        const { facts } = responder.ask(question);
        expect(facts!.phase).toBe(phase);
        expect(keysOctets(observation(facts)), `${phase}, ${options.length} options`).toBe(octets!.length);
      }
    }
  },
);

it('nobody knows of a zone that this release does not know, or of one that does not roll', () => {
  expect(keysOctets(observation({ zone: 'later.roll.probe.test.', phase: 'init' }))).toBeUndefined();
  expect(keysOctets(observation({ zone: 'hour.roll.probe.test.', phase: '' }))).toBeUndefined();
});
