/** `me`: what a stranger sees of himself fits a small UDP answer, with the ledger where there is room. */
import { expect, it } from 'vitest';
import { makeTestResponder, texts } from '../support/responder.ts';

const LEDGER = Array.from(
  { length: 4 },
  (_, k) => `ns1 saw ${k} octets received over UDP, last 2026-11-23T15:04:05Z`,
);

it('leaves the ledger out where it would make the answer too large for a stranger, and TCP gives all', async () => {
  const on = await makeTestResponder({ ledger: () => LEDGER });
  const stranger = on.ask({
    name: 'me.probe.test',
    udpPayloadSize: 4096,
    dnssecOk: true,
    source: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
  });
  expect(stranger.facts).toMatchObject({ tc: false, proof: 'none' });
  expect(texts(stranger)).toEqual([
    '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff port 4711 asked ns1 at 127.0.0.1 over UDP',
    'EDNS payload size 4096, DO=1, options none',
    'RD=0 CD=0, cookie none, query of 42 octets',
  ]);
  expect(texts(on.ask({ name: 'me.probe.test', transport: 'tcp' })).slice(3)).toEqual(LEDGER);
});

it('shows the ledger over UDP to a source that proved its address lately', async () => {
  const on = await makeTestResponder({ ledger: () => LEDGER });
  const edns = { udpPayloadSize: 1232, dnssecOk: true };
  on.chase({ name: 's1232.probe.test', ...edns });
  const known = on.ask({ name: 'me.probe.test', ...edns });
  expect(known.facts).toMatchObject({ tc: false, proof: 'recent' });
  expect(known.octets!.length).toBeLessThan(900);
  expect(texts(known).slice(3)).toEqual(LEDGER);
});

it('says where there is no EDNS', async () => {
  const on = await makeTestResponder();
  expect(texts(on.ask({ name: 'me.probe.test' }))[1]).toBe('no EDNS');
});
