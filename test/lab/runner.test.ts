/** The lab's runner without a lab: how units are asked, and how cells are judged and shown. */
import { describe, expect, it } from 'vitest';
import { nameOf, runUnit, type Timing } from '../../lab/cell.ts';
import type { ClientAnswer, Lab } from '../../lab/contract.ts';
import { tellRows } from '../../lab/evidence.ts';
import { findingsOf } from '../../lab/findings.ts';
import { triesOf } from '../../lab/fingerprint.ts';
import { isUnproven, judgeCell, type Surroundings } from '../../lab/judge.ts';
import { SMOKE, sizesOf, unitsOf, WHOLE_MATRIX } from '../../lab/matrix.ts';
import { parseOptions } from '../../lab/options.ts';
import { pacesOf } from '../../lab/order.ts';
import { formatMatrix } from '../../lab/table.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { WINDOW_MS } from '../../src/observe/trial.ts';
import { parseTestLabel } from '../../src/zone/test-name.ts';
import { RUN, START, story } from '../observe/rows.ts';
import { cellOf } from './cells.ts';

describe('units', () => {
  it('a farm has both IP versions at once, all others one', () => {
    const units = unitsOf({ ...SMOKE, paths: ['farm', 'nat'], resolvers: ['bind'], edns: [1232] });
    expect(units.map(({ path, family }) => `${path} ${family}`)).toEqual(['farm any', 'nat 4', 'nat 6']);
  });

  it('those that wait for failures are told from those that do not, the longest first', () => {
    const units = unitsOf({ ...SMOKE, resolvers: ['unbound'], families: [4] });
    const { slow, quick } = pacesOf(units, () => [512, 1472, 4096]);
    expect(slow.map(({ path, edns }) => `${path} ${edns}`)).toEqual([
      'tcp53 1232',
      'mtu1280 4096',
      'mtu1280 1232',
    ]);
    expect(quick).toHaveLength(units.length - slow.length);
  });

  it('asks a control, the sizes in order, and a control, each with a run of its own', async () => {
    const { lab, asked, closed } = labThatAnswers('NOERROR');
    const runs = ['000000000001', '000000000002', '000000000003', '000000000004'];
    const result = await runUnit(
      lab,
      cellOf('knot 1232 frag 6 0'),
      [1232, 4096],
      timing(9_000),
      () => runs.shift() ?? '',
    );
    expect(asked).toEqual([
      ['s512-n0000000001.v6.probe.lab', 9_000],
      ['s1232-n0000000002.v6.probe.lab', 9_000],
      ['s4096-n0000000003.v6.probe.lab', 9_000],
      ['s512-n0000000004.v6.probe.lab', 9_000],
    ]);
    expect(result.sizes.map(({ size, run }) => [size, run])).toEqual([
      [1232, '000000000002'],
      [4096, '000000000003'],
    ]);
    expect(closed()).toBe(1);
  });

  it('waits less long for a resolver that has no working path', async () => {
    const { lab, asked } = labThatAnswers('TIMEOUT');
    await runUnit(lab, cellOf('knot 1232 noedns 4 0'), [4096], timing(50_000), () => RUN);
    expect(asked.map(([, timeoutMs]) => timeoutMs)).toEqual([50_000, 6_000, 6_000]);
  });

  it('asks what only some paths make worth asking there, unless sizes are chosen', () => {
    const unit = cellOf('bind 4096 ptb1280 6 0');
    expect(sizesOf(unit, WHOLE_MATRIX)).toEqual([512, 1232, 1440, 1472, 4096]);
    expect(sizesOf({ ...unit, family: 4 }, WHOLE_MATRIX)).toEqual(WHOLE_MATRIX.sizes);
    expect(sizesOf({ ...unit, path: 'clean' }, WHOLE_MATRIX)).toEqual(WHOLE_MATRIX.sizes);
    expect(sizesOf(unit, parseOptions(['--sizes', '512,4096']))).toEqual([512, 4096]);
  });

  it('says what kept a resolver from starting', async () => {
    const lab = { ...labThatAnswers('NOERROR').lab, open: () => Promise.reject(new Error('no port')) };
    const result = await runUnit(lab, cellOf('knot 1232 clean 4 0'), [4096], timing(1_000), () => RUN);
    expect(result).toMatchObject({ problem: 'no port', sizes: [] });
  });

  it('names are those of the test grammar; both IP versions are asked at the origin', () => {
    const name = nameOf(4096, RUN, 'any', 'probe.lab');
    expect(name).toMatch(/^s4096-n[0-9a-v]{10}\.probe\.lab$/);
    expect(parseTestLabel(name.split('.')[0] ?? '', false)).toMatchObject({ test: 's4096', run: RUN });
  });
});

const timing = (patienceMs: number): Timing => ({ patienceMs, respiteMs: 0 });

/** A lab whose one resolver gives the same answer to all. */
function labThatAnswers(status: string) {
  const asked: [string, number][] = [];
  let closed = 0;
  const lab: Lab = {
    origin: 'probe.lab',
    dataDirectories: [],
    servers: [],
    anchors: [],
    secret: new Uint8Array(32),
    setClock: () => undefined,
    now: () => START,
    dig: () => Promise.reject(new Error('no server is asked')),
    rows: async () => [],
    passages: () => [],
    close: async () => undefined,
    open: async () => ({
      address: '192.0.2.53',
      sources: ['192.0.2.53'],
      folder: '',
      dig: () => Promise.reject(new Error('asked by name only')),
      run: () => Promise.reject(new Error('nothing runs beside it')),
      restart: async () => undefined,
      close: async () => void closed++,
      async ask(name, timeoutMs) {
        asked.push([name, timeoutMs]);
        return { status, ad: false, texts: [], elapsedMs: 1 };
      },
    }),
  };
  return { lab, asked, closed: () => closed };
}

const RECEIVED: ClientAnswer = {
  status: 'NOERROR',
  ad: true,
  texts: ['203.0.113.7 received 4096 octets over UDP (EDNS 4096, 3 fragments) 2026-11-23T15:00:00Z ns1'],
  elapsedMs: 12,
};
const FAILED: ClientAnswer = { status: 'SERVFAIL', ad: false, texts: [], elapsedMs: 1500 };

/** Rows of a run that were listened to long enough. */
const listened = (rows: readonly Observation[]) => findingsOf(rows, START + 2 * WINDOW_MS);

const ALONE: Surroundings = { earlier: [], passages: [], hasLostBefore: false };

function judge(text: string, rows: readonly Observation[], client: ClientAnswer) {
  return judgeCell(cellOf(text), { size: 4096, run: RUN, askedAt: START, client }, listened(rows), ALONE);
}

describe('judging', () => {
  const s = story();
  const sent = s.udp(0.01, 7);
  const arrived = [s.gate(0), sent, s.receipt(0.02, sent)];
  const lost = [s.gate(0), s.udp(0.01, 7), s.udp(1.51, 8)];

  it('a cell is right where verdict, expectation and client agree', () => {
    const { found, faults } = judge('unbound 4096 clean 4 4096', arrived, RECEIVED);
    expect({ found, faults }).toEqual({ found: 'UDP_OK_FRAG', faults: [] });
    expect(judge('powerdns 4096 frag 4 4096', lost, FAILED)).toMatchObject({
      found: 'LOSS_RETRY_FAIL',
      faults: [],
    });
  });

  it('another class than expected is a fault that says why', () => {
    expect(judge('powerdns 4096 frag 4 4096', arrived, RECEIVED).faults).toEqual([
      'found UDP_OK_FRAG, expected LOSS_RETRY_FAIL: lost over UDP; it asks each server once and gives up',
    ]);
  });

  it('a late answer is as good as a lost one, where ICMP shows that it came', () => {
    const again = s.udp(0.4, 8);
    const rows = [s.gate(0), sent, again, s.receipt(0.41, again)];
    const late = s.error(0.3, sent, { icmp_code: 3, icmp_from: sent.src });
    const found = 'found UDP_OK_RETRY, expected UDP_OK_FRAG';
    expect(judge('knot 4096 clean 4 4096', rows, RECEIVED).faults).toEqual([expect.stringContaining(found)]);
    expect(judge('knot 4096 clean 4 4096', [...rows, late], RECEIVED)).toMatchObject({
      isLate: true,
      found: 'UDP_OK_RETRY',
      faults: [],
    });
    expect(judge('knot 4096 frag 4 4096', [...rows, late], RECEIVED).faults).toHaveLength(1);
  });

  it('where one server is dead, what reached the other decides', () => {
    const overTcp = { ...RECEIVED, texts: [RECEIVED.texts[0]?.replace('UDP', 'TCP') ?? ''] };
    const last = s.tcp(0.5, 9);
    const receipt = s.receipt(0.51, last);
    const classes = (rows: readonly Observation[], client: ClientAnswer) =>
      judge('knot 4096 frag+onedead 6 4096', rows, client).expectation.classes;
    expect(classes([s.gate(0), sent, last, receipt], overTcp)).toEqual(['LOSS_TCP_OK']);
    expect(classes([s.gate(0), last, receipt], overTcp)).toEqual(['TCP_DIRECT']);
    expect(classes([s.gate(0), sent], FAILED)).toEqual(['SILENT']);
    expect(classes(lost, FAILED)).toEqual(['LOSS_RETRY_FAIL', 'SILENT']);
  });

  it('a run that no server saw is UNSEEN', () => {
    expect(judge('bind 4096 noedns 4 4096', [], FAILED)).toMatchObject({ found: 'UNSEEN', faults: [] });
    expect(judge('bind 4096 clean 4 4096', [], FAILED).faults).toHaveLength(1);
  });

  it('a client that got the receipt contradicts a loss, and rows that are not there', () => {
    expect(judge('powerdns 4096 frag 4 4096', lost, RECEIVED).faults).toEqual([
      'the client got the receipt, and the verdict is LOSS_RETRY_FAIL',
    ]);
    expect(judge('bind 4096 noedns 4 4096', [], RECEIVED).faults).toEqual([
      'the client got the receipt, and no row of its run is there',
    ]);
  });

  it('a client that was told of TCP contradicts an arrival over UDP', () => {
    const overTcp = { ...RECEIVED, texts: [RECEIVED.texts[0]?.replace('UDP', 'TCP') ?? ''] };
    expect(judge('unbound 4096 clean 4 4096', arrived, overTcp).faults).toEqual([
      'the client was told that it arrived over TCP, the verdict says fragments',
    ]);
  });

  it('SERVFAIL contradicts an arrival, but not where signatures are stripped', () => {
    expect(judge('unbound 4096 clean 4 4096', arrived, FAILED).faults).toEqual([
      'the client got SERVFAIL, and the verdict is UDP_OK_FRAG',
    ]);
    const small = story({ size: 512 });
    const whole = small.udp(0.01, 7, { edns_version: -1, edns_udp: 0 });
    const rows = [small.gate(0), whole, small.receipt(0.02, whole)];
    const asked = { size: 512, run: RUN, askedAt: START, client: FAILED };
    expect(judgeCell(cellOf('unbound 4096 noedns-strip 4 512'), asked, listened(rows), ALONE).faults).toEqual(
      [],
    );
  });

  it('two trials in one run are a fault', () => {
    const twice = [...arrived, s.gate(1, { arm: 'df' }), s.udp(1, 9, { arm: 'df' })];
    expect(judge('unbound 4096 clean 4 4096', twice, RECEIVED).faults).toContain(
      'the run has 2 trials of that size, not one',
    );
  });

  it('"delivered" needs a receipt, a cookie that came back, or an acknowledged answer among its evidence', () => {
    const findings = listened(arrived);
    const [verdict] = findings.verdictsOf(RUN);
    if (verdict === undefined) throw new Error('no verdict');
    expect(isUnproven(verdict, findings)).toBe(false);
    const evidence = verdict.evidence.filter(({ seq }) => seq === sent.seq);
    expect(evidence).toHaveLength(1);
    expect(isUnproven({ ...verdict, evidence }, findings)).toBe(true);
    expect(isUnproven({ ...verdict, evidence, outcome: 'failed' }, findings)).toBe(false);
  });

  it('a cookie counts only for the answer that it came with', () => {
    const answer = s.udp(0, 7, { cookie: 'client' });
    const returned = (instance: number) => s.other(1, { cookie: 'valid', cookie_instance: instance });
    const proven = listened([answer, returned(7)]);
    const [verdict] = proven.verdictsOf(RUN);
    expect(verdict?.outcome).toBe('delivered');
    expect(verdict && isUnproven(verdict, proven)).toBe(false);
    const foreign = returned(6);
    const doctored = listened([answer, foreign]);
    const evidence = [answer, foreign].map(({ node, boot, seq }) => ({ node, boot, seq }));
    expect(verdict && isUnproven({ ...verdict, evidence }, doctored)).toBe(true);
  });
});

describe('what people read', () => {
  const s = story();
  const sent = s.udp(0.002, 7, { tc: false });
  const truncated = s.tc(0.1, { edns_udp: 1472 });
  const over = s.tcp(0.101, 8, { tcp_acked: true });
  const rows = [s.gate(0), sent, truncated, over, s.receipt(0.103, over)];

  it('rows in order, with what decided marked', () => {
    expect(tellRows(rows, [truncated])).toEqual([
      '      0 ms  203.0.113.7 asked ns1 over UDP (EDNS 4096, DO) for the gate name, TXT: 120 octets',
      '      2 ms  203.0.113.7 asked ns1 over UDP (EDNS 4096, DO) for the measured name, TXT: 4096 octets in 3 fragments',
      '*   100 ms  203.0.113.7 asked ns1 over UDP (EDNS 1472, DO) for the measured name, TXT: TC=1, 120 octets',
      '    101 ms  203.0.113.7 asked ns1 over TCP (EDNS 4096, DO) for the measured name, TXT: 4096 octets, acknowledged',
      '    103 ms  203.0.113.7 asked ns1 over UDP (EDNS 4096, DO) for the receipt name, TXT: 120 octets; own receipt of 4096 octets over TCP, EDNS 4096',
    ]);
  });

  it('an ICMP error between them', () => {
    const error = s.error(0.003, sent, { icmp_mtu: 1280 });
    const [, told] = tellRows([sent, error], []);
    expect(told).toBe('      1 ms  198.51.100.1 says of an answer to 203.0.113.7: packet too big, MTU 1280');
  });

  it('tries as a fingerprint', () => {
    expect(triesOf(rows)).toBe('U4096 +0.10 U1472 tc +0.10 TCP');
  });

  it('a letter for each size, and a mark behind a wrong one', () => {
    const lost = [s.gate(0), s.udp(0.01, 7), s.udp(1.51, 8)];
    const cells = [
      judge('bind 4096 frag 4 4096', lost, FAILED),
      judge('powerdns 4096 frag 4 4096', lost, FAILED),
    ];
    expect(formatMatrix(cells).split('\n').slice(-2)).toEqual([
      'path  EDNS  IP  bind  powerdns',
      'frag  4096  4   x!    x',
    ]);
  });
});
