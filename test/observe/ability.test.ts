import { expect, it } from 'vitest';
import { judgeAbility, type Surroundings } from '../../src/observe/ability.ts';
import { indexBaseline } from '../../src/observe/baseline.ts';
import { indexControls } from '../../src/observe/controls.ts';
import { indexFarms } from '../../src/observe/farm.ts';
import { indexExcuses } from '../../src/observe/loss.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { SOURCE, START, story } from './rows.ts';
import { receivers, rowsOf } from './visits.ts';

function abilityAt(
  size: number,
  rows: readonly Observation[],
  isOf: (src: string) => boolean = (src) => src === SOURCE,
) {
  const trials = groupTrials(rows);
  const attempts = trials.flatMap((trial) => trial.attempts).filter(({ src }) => isOf(src));
  const offered = attempts
    .filter(({ proto }) => proto === 'udp')
    .reduce((most, each) => Math.max(most, each.offered), 0);
  const surroundings: Surroundings = {
    bracketOf: indexControls(trials),
    networksBeside: indexBaseline(trials, indexFarms(trials)),
    excuseOf: indexExcuses(rows.filter(({ src }) => isOf(src))),
  };
  return judgeAbility({ size, offered, attempts, unsettled: 0 }, surroundings);
}

it('is CAN after one own receipt', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  expect(abilityAt(4096, [sent, receipt(0.1, sent)])).toEqual({
    ability: 'CAN',
    tried: 1,
    arrived: 1,
    arrived_last: START,
    joined: 0,
    lost_in_a_row: 0,
    lost_since: null,
    losses_apart: 0,
    losses_apart_in_a_row: 0,
    counted: 0,
    nats: 0,
    networks_beside: null,
    left_out: {},
    mtu: null,
    reason: 'arrived 1 of 1 times',
  });
});

it('is CAN after a cookie that came back', () => {
  const { udp, other } = story();
  const rows = [udp(0, 1), other(1, { cookie: 'valid', cookie_instance: 1 })];
  expect(abilityAt(4096, rows)).toMatchObject({ ability: 'CAN', tried: 1, arrived: 1 });
});

it('stays CAN after one loss, which may teach the path MTU, and is FLAKY after two that are apart', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  const rows = [sent, receipt(0.1, sent), udp(10, 2)];
  expect(abilityAt(4096, rows).ability).toBe('CAN');
  expect(abilityAt(4096, [...rows, udp(20, 3)])).toMatchObject({
    ability: 'CAN',
    tried: 3,
    lost_in_a_row: 2,
    losses_apart: 1,
  });
  expect(abilityAt(4096, [...rows, udp(610, 3)])).toMatchObject({
    ability: 'FLAKY',
    tried: 3,
    arrived: 1,
    lost_in_a_row: 2,
    losses_apart: 2,
    lost_since: START + 10_000,
    reason: 'arrived 1 of 3 times, none of the last 2',
  });
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

it('is NEVER_OFFERED where every EDNS size was smaller', () => {
  const { tc, tcp, receipt } = story();
  const sent = tcp(0.1, 1);
  expect(abilityAt(4096, [tc(0), tc(5, { edns_udp: 0 }), sent, receipt(0.2, sent)])).toMatchObject({
    ability: 'NEVER_OFFERED',
    tried: 0,
    arrived: 0,
    reason: 'never offered more than 1232 octets over UDP',
  });
});

it('is UNKNOWN where TC=1 was sent although the size was offered', () => {
  const { tc } = story();
  const found = abilityAt(4096, [tc(0, { edns_udp: 4096 })]);
  expect(found).toMatchObject({ ability: 'UNKNOWN', reason: 'was sent TC=1' });
});

it('does not say that TC=1 was sent where no answer could show its arrival', () => {
  const { udp } = story();
  const found = abilityAt(4096, [{ ...udp(0, 1), instance: null }]);
  expect(found).toMatchObject({
    ability: 'UNKNOWN',
    reason: 'no UDP answer of this size could have shown its arrival',
  });
});

it('does not say that the size was never offered while the answer to its offer may still show an arrival', () => {
  const { gate, tc, udp } = story();
  const report = buildReport([gate(0), tc(0.1), udp(5, 1)], START + 10_000);
  expect(report.sources[0]?.rows).toMatchObject([
    { ability: 'UNKNOWN', offered: 4096, reason: 'its trials are not settled' },
  ]);
});

it('gives the relayer nothing, and the one that was sent the answer no CAN', () => {
  const { gate, udp, receipt } = story();
  const sent = udp(0.1, 1, { src: '198.51.100.9' });
  const rows = [gate(0), sent, receipt(0.2, sent, { src: SOURCE, relation: 'relayed' })];
  expect(abilityAt(4096, rows)).toMatchObject({
    ability: 'UNKNOWN',
    reason: 'no UDP answer of this size was sent',
  });
  expect(abilityAt(4096, rows, () => true)).toMatchObject({
    ability: 'UNKNOWN',
    tried: 1,
    arrived: 0,
    joined: 1,
    reason: 'its receipts were asked by other addresses',
  });
});

it('takes a TC=1 answer whose cookie came back for a control, and no receipt of another size', () => {
  const { udp, tc, other } = story();
  const rows = [0, 1, 2, 3, 4, 5].flatMap((n) => [
    tc(n * 600, { edns_udp: 1232, instance: 100 + n }),
    other(n * 600 + 1, { cookie: 'valid', cookie_instance: 100 + n }),
    ...(n < 5 ? [udp(n * 600 + 2, n)] : []),
  ]);
  const others = rowsOf(receivers(4096, 5)).map((row) => ({ ...row, boot: row.boot + 1 }));
  expect(abilityAt(4096, [...rows, ...others])).toMatchObject({ ability: 'CANNOT', counted: 5 });
});
