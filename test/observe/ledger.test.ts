import { expect, it } from 'vitest';
import { openLedger } from '../../src/observe/ledger.ts';
import { OTHER, SOURCE, story } from './rows.ts';

it('says the largest answer that arrived over UDP and over TCP', () => {
  const ledger = openLedger();
  const { udp, tcp, receipt } = story();
  const small = udp(1, 1, { size: 1232, res_len: 1232, fragments: 1 });
  const large = udp(2, 2);
  const overTcp = tcp(3, 3);
  for (const sent of [large, small, overTcp]) {
    ledger.note(sent);
    ledger.note(receipt(5, sent));
  }
  expect(ledger.lines(SOURCE)).toEqual([
    'ns1 saw 4096 octets received over UDP in 3 fragments, last 2026-11-23T15:00:05Z',
    'ns1 saw 4096 octets received over TCP, last 2026-11-23T15:00:05Z',
  ]);
});

it('says what was sent above that without a receipt', () => {
  const ledger = openLedger();
  const { udp, receipt } = story();
  const small = udp(1, 1, { size: 1232, res_len: 1232, fragments: 1 });
  for (const row of [small, receipt(2, small), udp(3, 2), udp(4, 3)]) ledger.note(row);
  expect(ledger.lines(SOURCE)).toEqual([
    'ns1 saw 1232 octets received over UDP, last 2026-11-23T15:00:02Z',
    'ns1 sent 4096 octets over UDP 2 times, no receipt so far, last 2026-11-23T15:00:04Z',
  ]);
});

it('gives nobody credit for a relayed or replayed receipt', () => {
  const ledger = openLedger();
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  ledger.note(receipt(1, sent, { src: OTHER, relation: 'relayed' }));
  ledger.note(receipt(2, sent, { relation: 'replay' }));
  expect([ledger.lines(OTHER), ledger.lines(SOURCE)]).toEqual([[], []]);
});

it('knows nothing of a source that only asked other names', () => {
  const ledger = openLedger();
  ledger.note(story().other(0));
  expect(ledger.lines(SOURCE)).toEqual([]);
});

it('keeps at most 4 lines of at most 200 octets of ASCII, whatever the node is called', () => {
  const ledger = openLedger();
  const { udp } = story();
  for (let size = 600; size < 1300; size += 10) {
    ledger.note(udp(size, size, { size, res_len: size, node: `ñ${'n'.repeat(400)}` }));
  }
  const lines = ledger.lines(SOURCE);
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{1,200}$/);
});

it('forgets the source seen longest ago when it is full', () => {
  const ledger = openLedger(2);
  const { udp } = story();
  for (const src of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3']) ledger.note(udp(0, 1, { src }));
  const known = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].filter((src) => ledger.lines(src).length > 0);
  expect(known).toEqual(['192.0.2.1', '192.0.2.3']);
});
