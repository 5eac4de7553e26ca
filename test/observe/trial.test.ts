import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { OTHER, observation, RUN, receiptOf, SOURCE, START, STRANGER, story } from './rows.ts';

it('leaves out the receipt of an answer that no size was asked of', () => {
  const measured = observation({ step: 'measured', size: 0, res_len: 285, instance: 7 });
  const receipt = { ...receiptOf(measured), asked: 0, sent: 285 };
  expect(groupTrials([measured, observation({ seq: 2, step: 'receipt', receipt })])).toEqual([]);
});

it('leaves out rows that belong to no trial', () => {
  expect(groupTrials([observation(), observation({ seq: 2, qtype: 6 })])).toEqual([]);
});

it('leaves out the negative answers that stand at the name of a measured answer', () => {
  const { gate, udp } = story();
  const [trial] = groupTrials([gate(0), udp(0.1, 1, { qtype: 47, res_len: 300, filler: 'none' })]);
  expect(trial?.attempts).toEqual([]);
});

it('keeps sizes and arms of one run apart', () => {
  const small = story({ size: 1232 });
  const large = story({ size: 4096 });
  const trials = groupTrials([
    small.udp(0, 1),
    { ...large.udp(1, 2), seq: 2 },
    { ...large.udp(2, 3, { arm: 'df' }), seq: 3 },
  ]);
  expect(trials.map(({ size, arm }) => [size, arm])).toEqual([
    [1232, 'default'],
    [4096, 'default'],
    [4096, 'df'],
  ]);
});

it('keeps the opening and TCP with the arm of the datagrams, although they leave in no arm', () => {
  const { gate, udp, tcp } = story();
  const options = { options: 'df' };
  const rows = [gate(0, options), udp(0.1, 1, { ...options, arm: 'df' }), tcp(1, 2, options)];
  const [trial, ...others] = groupTrials(rows);
  expect(others).toEqual([]);
  expect(trial).toMatchObject({ arm: 'df', gates: [rows[0]] });
  expect(trial?.attempts.map(({ proto, arm }) => [proto, arm])).toEqual([
    ['udp', 'df'],
    ['tcp', 'default'],
  ]);
});

it('ties the addresses of one run together', () => {
  const { gate, udp } = story();
  const [trial, ...others] = groupTrials([gate(0), udp(0.1, 1, { src: OTHER }), udp(1, 2)]);
  expect(others).toEqual([]);
  expect(trial?.sources).toEqual([OTHER, SOURCE]);
});

it('without a run id keeps two addresses apart', () => {
  const { udp } = story({ run: '' });
  expect(groupTrials([udp(0, 1), udp(1, 2, { src: OTHER })])).toHaveLength(2);
});

it('without a run id begins a new trial after a silent minute', () => {
  const { udp } = story({ run: '' });
  expect(groupTrials([udp(0, 1), udp(60, 2)])).toHaveLength(1);
  expect(groupTrials([udp(0, 1), udp(60.001, 2)])).toHaveLength(2);
});

it('with a run id as well: the id of another day is another trial', () => {
  const { gate, udp } = story();
  const trials = groupTrials([gate(0), udp(0.1, 1), gate(86_400), udp(86_400.1, 2)]);
  expect(trials.map(({ gates, attempts }) => [gates.length, attempts.length])).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

it('is held open by answers, and by no opening that somebody asks for again and again', () => {
  const { gate, udp } = story();
  const openings = [50, 100, 150].map((at) => gate(at, { src: STRANGER }));
  const trials = groupTrials([gate(0), udp(0.1, 1), udp(0.9, 2), ...openings]);
  expect(trials.map(({ attempts, lastAt }) => [attempts.length, lastAt - START])).toEqual([
    [2, 50_000],
    [0, 150_000],
  ]);
  expect(groupTrials([udp(0, 1), udp(60, 2), udp(120, 3)])).toHaveLength(1);
});

it('gives a receipt without its measured row to the trial of its run that was open then', () => {
  const { udp, receipt } = story();
  const options = { options: 'ftxt' };
  const [first, second] = [udp(0, 1, options), udp(86_400, 2, options)];
  const lost = receipt(86_401, udp(86_400.5, 3));
  expect(groupTrials([lost, second, first]).map(({ attempts }) => attempts.length)).toEqual([1, 2]);
  const between = receipt(43_201, udp(43_200, 4));
  expect(
    groupTrials([between, second, first]).map(({ options, attempts }) => [options, attempts.length]),
  ).toEqual([
    ['ftxt', 1],
    ['', 1],
    ['ftxt', 1],
  ]);
});

describe('a receipt of another family that the run does not know', () => {
  const IPV6 = { src: OTHER, ip_version: 6 } as const;

  function strangersAfter(runsTogether: number, own: 'own' | 'none'): unknown {
    const before = Array.from({ length: runsTogether }, (_, n) => {
      const { gate, udp, receipt } = story({ size: 512, run: `00000000000${n}` });
      const sent = udp(n * 100 + 0.1, 100 + n);
      return [gate(n * 100, IPV6), sent, ...(own === 'own' ? [receipt(n * 100 + 0.2, sent)] : [])];
    });
    const { udp, receipt } = story();
    const sent = udp(900, 7);
    const rows = [...before.flat(), sent, receipt(900.1, sent, { ...IPV6, relation: 'relayed' })];
    const trial = groupTrials(rows.map((row, seq) => ({ ...row, seq }))).at(-1);
    return [trial?.strangers.length, trial?.attempts.map(({ proof }) => proof)];
  }

  it('joins where both took part in two other runs with own receipts', () => {
    expect(strangersAfter(2, 'own')).toEqual([0, ['joined']]);
  });

  it.each([
    { what: 'one other run', runsTogether: 1, own: 'own' as const },
    { what: 'two without an own receipt', runsTogether: 2, own: 'none' as const },
  ])('is a stranger after $what', ({ runsTogether, own }) => {
    expect(strangersAfter(runsTogether, own)).toEqual([1, ['none']]);
  });
});

it('leaves nothing open of an answer that is proven in another way', () => {
  const { tcp, receipt } = story();
  const sent = tcp(0, 7, { tcp_acked: true });
  const relayed = receipt(0.1, sent, { src: STRANGER, relation: 'relayed' });
  const late = receipt(90, sent, { relation: 'replay' });
  for (const returned of [relayed, late])
    expect(groupTrials([sent, returned])[0]).toMatchObject({ strangers: [], late: [] });
});

it('takes RD=1 for that of a forwarder where its address once went on to a receipt so', () => {
  const rd = { rd: true };
  const { udp } = story();
  const lost = udp(0, 7, rd);
  const later = story({ size: 512, run: 'ba9876543210' });
  const arrived = later.udp(900, 8, { ...rd, seq: 80 });
  const followed = later.receipt(901, arrived, { ...rd, seq: 81 });
  const isStub = (rows: readonly Observation[]) => groupTrials(rows)[0]?.attempts.map((each) => each.isStub);
  expect(isStub([lost])).toEqual([true]);
  expect(isStub([lost, arrived, followed])).toEqual([false]);
  expect(isStub([lost, arrived, { ...followed, rd: false }])).toEqual([true]);
});

it('counts a second return of one instance as a replay', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  const [trial] = groupTrials([sent, receipt(0.1, sent), receipt(0.2, sent)]);
  expect(trial).toMatchObject({ replays: 1, strangers: [] });
  expect(trial?.attempts.map(({ proof, rows }) => [proof, rows.length])).toEqual([['own', 2]]);
});

it('joins a receipt to a measured row of another node', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  const [trial, ...others] = groupTrials([sent, { ...receipt(0.1, sent), node: 'ns2', boot: 5, seq: 900 }]);
  expect(others).toEqual([]);
  expect(trial?.attempts[0]).toMatchObject({ proof: 'own' });
});

it('does not join a receipt whose time, size or instance differs from the measured row', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  for (const other of [
    { ...sent, time: sent.time + 1 },
    { ...sent, res_len: sent.res_len - 1 },
    { ...sent, instance: 2 },
  ]) {
    const [trial] = groupTrials([sent, receipt(0.5, other)]);
    // The receipt still counts, as an attempt of its own.
    expect(trial?.attempts.map(({ proof }) => proof).sort()).toEqual(['none', 'own']);
  }
});

it('keeps the time of the first and of the last row', () => {
  const { gate, udp, receipt } = story();
  const sent = udp(1, 1);
  const [trial] = groupTrials([receipt(2, sent), sent, gate(0)]);
  expect(trial).toMatchObject({ firstAt: START, lastAt: START + 2000 });
});

it('is made of queries only: neither of floods, nor of ICMP errors or lost rows', () => {
  const { gate, other } = story();
  const events = (['flood', 'path', 'lost'] as const).map((event, at) =>
    other(at, { event, step: 'gate', size: 4096, run: 'ba9876543210' }),
  );
  expect(groupTrials([gate(0), ...events]).map(({ run, gates }) => [run, gates.length])).toEqual([[RUN, 1]]);
});

it('keeps port, address, node, arm, path MTU and acknowledgement of what left', () => {
  const { udp, tcp } = story();
  const [trial] = groupTrials([
    udp(0, 1, { arm: 'df', src_port: 53_999, path_mtu: 1400 }),
    tcp(1, 2, { arm: 'df', tcp_acked: false }),
  ]);
  expect(trial?.attempts).toMatchObject([
    { srcPort: 53_999, dst: '192.0.2.1', node: 'ns1', arm: 'df', pathMtu: 1400, tcpAcked: null },
    { srcPort: 40_000, dst: '192.0.2.1', node: 'ns1', arm: 'df', pathMtu: null, tcpAcked: false },
  ]);
});

it('of an attempt known by its receipt alone, does not know where it left from', () => {
  const { udp, receipt } = story();
  const [trial] = groupTrials([receipt(0.1, udp(0, 1))]);
  expect(trial?.attempts).toMatchObject([{ proof: 'own', srcPort: 0, dst: '', node: '', arm: 'default' }]);
});

it.each([
  { proof: 'own', told: ['receipt', 'cookie', 'acked'] },
  { proof: 'cookie', told: ['joined', 'cookie', 'acked'] },
  { proof: 'acked', told: ['joined', 'acked'] },
  { proof: 'joined', told: ['joined'] },
  { proof: 'none', told: [] },
])('of $told, $proof counts', ({ proof, told }) => {
  const { gate, tcp, receipt, other } = story();
  const sent = tcp(0.1, 7, { tcp_acked: told.includes('acked') });
  const rows = [
    gate(0, { src: OTHER }),
    sent,
    ...(told.includes('receipt') ? [receipt(0.2, sent)] : []),
    ...(told.includes('joined') ? [receipt(0.2, sent, { src: OTHER, relation: 'relayed' })] : []),
    ...(told.includes('cookie') ? [other(0.3, { cookie: 'valid', cookie_instance: 7 })] : []),
  ];
  expect(groupTrials(rows)[0]?.attempts.map((attempt) => attempt.proof)).toEqual([proof]);
});

describe('ICMP errors', () => {
  const REASSEMBLY = { icmp_type: 11, icmp_code: 1 };

  it.each([
    { what: 'name and port', changes: {} },
    { what: 'the name in other case', changes: { qname: 'PROBE.example.' } },
    { what: 'the name, from another port', changes: { src_port: 4 } },
    { what: 'the port, without a name', changes: { qname: '' } },
    { what: 'a reassembly after 2 seconds', changes: REASSEMBLY, after: 2 },
    { what: 'a reassembly after 90 seconds', changes: REASSEMBLY, after: 90 },
    { what: 'a refusal after 5 seconds', changes: {}, after: 5 },
  ])('join the answer by $what', ({ changes, after = 0.01 }) => {
    const { udp, error } = story();
    const sent = udp(0, 1);
    const told = error(after, sent, changes);
    const [trial, ...others] = groupTrials([told, sent]);
    expect(others).toEqual([]);
    expect(trial?.pathEvents).toEqual([told]);
    expect(trial?.attempts.map(({ errors }) => errors)).toEqual([[told]]);
  });

  it.each([
    { what: 'another source address', changes: { src: OTHER } },
    { what: 'another address of ours', changes: { dst: '192.0.2.2' } },
    { what: 'another name at the same port', changes: { qname: 'other.example.' } },
    { what: 'another port, without a name', changes: { src_port: 4, qname: '' } },
    { what: 'a moment before the answer', changes: {}, after: -0.001 },
    { what: 'a refusal after more than 5 seconds', changes: {}, after: 5.001 },
    { what: 'a reassembly at once', changes: REASSEMBLY, after: 0.5 },
    { what: 'a reassembly after more than 90 seconds', changes: REASSEMBLY, after: 90.001 },
  ])('join nothing by $what', ({ changes, after = 0.01 }) => {
    const { udp, error } = story();
    const sent = udp(0, 1);
    const [trial, ...others] = groupTrials([sent, error(after, sent, changes)]);
    expect(others).toEqual([]);
    expect(trial).toMatchObject({ pathEvents: [], firstAt: START, lastAt: START });
  });

  it('join the try at that port, else the last one before', () => {
    const { udp, error } = story();
    const [first, second] = [udp(0, 1), udp(1, 2, { src_port: 40_001 })];
    const [named, nameless] = [error(1.5, first), error(1.6, first, { src_port: 4 })];
    const [trial] = groupTrials([first, second, named, nameless]);
    expect(trial?.attempts.map(({ errors }) => errors)).toEqual([[named], [nameless]]);
  });

  it('join no answer over TCP', () => {
    const { tcp, error } = story();
    const sent = tcp(0, 1);
    expect(groupTrials([sent, error(0.01, sent)])[0]?.pathEvents).toEqual([]);
  });
});
