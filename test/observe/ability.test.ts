import { expect, it } from 'vitest';
import { judgeAbility } from '../../src/observe/ability.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { SOURCE, START, story } from './rows.ts';

function abilityAt(size: number, rows: readonly Observation[]) {
  const attempts = groupTrials(rows).flatMap((trial) => trial.attempts);
  return judgeAbility(
    size,
    attempts.filter(({ src }) => src === SOURCE),
  );
}

it('is CAN after one own receipt', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  expect(abilityAt(4096, [sent, receipt(0.1, sent)])).toEqual({
    ability: 'CAN',
    tried: 1,
    arrived: 1,
    reason: 'arrived 1 of 1 times',
  });
});

it('stays CAN after one loss, which may teach the path MTU, and is FLAKY after two', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  const rows = [sent, receipt(0.1, sent), udp(10, 2)];
  expect(abilityAt(4096, rows).ability).toBe('CAN');
  expect(abilityAt(4096, [...rows, udp(20, 3)])).toMatchObject({ ability: 'FLAKY', tried: 3, arrived: 1 });
});

it('stays CAN after two losses of fourteen: so few tell nothing of the share', () => {
  const { udp, receipt } = story();
  const rows = Array.from({ length: 12 }, (_, at) => udp(at * 10, at + 1)).flatMap((sent) => [
    sent,
    receipt((sent.time - START) / 1000 + 0.1, sent),
  ]);
  const lost = [udp(200, 90), udp(210, 91)];
  expect(abilityAt(4096, [...rows, ...lost])).toMatchObject({ ability: 'CAN', tried: 14, arrived: 12 });
});

it('never claims CANNOT: many losses are UNKNOWN with their number', () => {
  const { udp } = story();
  const rows = Array.from({ length: 30 }, (_, at) => udp(at, at + 1));
  expect(abilityAt(4096, rows)).toEqual({
    ability: 'UNKNOWN',
    tried: 30,
    arrived: 0,
    reason: 'no sign of arrival; "cannot" would need a baseline of other networks',
  });
});

it('is NEVER_OFFERED where every EDNS size was smaller', () => {
  const { tc, tcp, receipt } = story();
  const sent = tcp(0.1, 1);
  expect(abilityAt(4096, [tc(0), tc(5, { edns_udp: 0 }), sent, receipt(0.2, sent)])).toEqual({
    ability: 'NEVER_OFFERED',
    tried: 0,
    arrived: 0,
    reason: 'never offered more than 1232 octets over UDP',
  });
});

it('is UNKNOWN where TC=1 was sent although the size was offered', () => {
  const { tc } = story();
  expect(abilityAt(4096, [tc(0, { edns_udp: 4096 })]).ability).toBe('UNKNOWN');
});

it('gives the relayer nothing, and the one that was sent the answer no CAN', () => {
  const { gate, udp, receipt } = story();
  const sent = udp(0.1, 1, { src: '198.51.100.9' });
  const rows = [gate(0), sent, receipt(0.2, sent, { src: SOURCE, relation: 'relayed' })];
  expect(abilityAt(4096, rows)).toMatchObject({
    ability: 'UNKNOWN',
    reason: 'no UDP answer of this size was sent',
  });
  const [trial] = groupTrials(rows);
  expect(judgeAbility(4096, trial?.attempts ?? [])).toEqual({
    ability: 'UNKNOWN',
    tried: 0,
    arrived: 0,
    reason: 'its receipts were asked by other addresses',
  });
});
