/** Where chance has its part: what a cell must be by what the path let on; and what no cell may leave out. */
import { describe, expect, it } from 'vitest';
import type { ClientAnswer } from '../../lab/contract.ts';
import { findingsOf } from '../../lab/findings.ts';
import { type Findings, judgeCell } from '../../lab/judge.ts';
import type { Passage } from '../../lab/passage.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { WINDOW_MS } from '../../src/observe/trial.ts';
import type { Verdict } from '../../src/observe/verdict.ts';
import { RUN, SOURCE, START, story } from '../observe/rows.ts';
import { cellOf } from './cells.ts';

const FAILED: ClientAnswer = { status: 'SERVFAIL', ad: false, texts: [], elapsedMs: 1500 };
const received = (how: 'UDP' | 'TCP'): ClientAnswer => ({
  status: 'NOERROR',
  ad: true,
  texts: [`${SOURCE} received 4096 octets over ${how} (EDNS 4096) 2026-11-23T15:00:00Z ns1`],
  elapsedMs: 12,
});

/** Both ways of each measured row over UDP; of those answers that are named the path drops the last fragment. */
function wire(rows: readonly Observation[], lost: readonly Observation[] = []): Passage[] {
  const measured = rows.filter(({ step, proto }) => step === 'measured' && proto === 'udp');
  return measured.flatMap((row): Passage[] => {
    const { src, dst, id, src_port: port, fragments } = row;
    const of = (isResponse: boolean, at: number, isDropped = false): Passage => ({
      at,
      from: isResponse ? dst : src,
      to: isResponse ? src : dst,
      transport: 'udp',
      message: { isResponse, id, port, qname: row.qname.replace(/\.$/, '') },
      isDropped,
    });
    const answer = Array.from({ length: fragments }, (_, at) =>
      of(true, row.time, lost.includes(row) && at === fragments - 1),
    );
    return [of(false, row.time), ...answer];
  });
}

interface Told {
  readonly client: ClientAnswer;
  readonly passages?: readonly Passage[];
  readonly path?: string;
  readonly hasLostBefore?: boolean;
  /** What the product is made to say instead. */
  readonly verdict?: Partial<Verdict>;
}

function judge(
  rows: readonly Observation[],
  { client, passages = [], path = 'loss10', hasLostBefore = false, verdict }: Told,
) {
  const findings = findingsOf(rows, START + 2 * WINDOW_MS);
  const doctored: Findings = {
    ...findings,
    verdictsOf: (run) => findings.verdictsOf(run).map((one) => ({ ...one, ...verdict })),
  };
  const asked = { size: 4096, run: RUN, askedAt: START, client };
  const cell = cellOf(`unbound 4096 ${path} 4 4096`);
  return judgeCell(cell, asked, doctored, { earlier: [], passages, hasLostBefore });
}

describe('where packets get lost by chance', () => {
  const s = story();
  const first = s.udp(0.01, 7, { id: 1 });
  const second = s.udp(1.51, 8, { id: 2 });
  const again = [s.gate(0), first, second, s.receipt(1.52, second)];

  it('an answer that came at the second try is a retry, and nothing else', () => {
    const told = { client: received('UDP'), passages: wire(again, [first]) };
    expect(judge(again, told)).toMatchObject({ found: 'UDP_OK_RETRY', faults: [] });
    const { faults } = judge(again, { ...told, verdict: { class: 'UDP_OK_FRAG' } });
    expect(faults).toEqual([
      'found UDP_OK_FRAG, expected UDP_OK_RETRY: packets of it got lost; 1 of 2 measured answers over UDP were let on, and the client was told that it came over UDP',
    ]);
  });

  it('tries of one moment may be of several users, where the way back takes as long', () => {
    const soon = s.udp(0.06, 8, { id: 2 });
    const rows = (receiptAt: number) => [s.gate(0), first, soon, s.receipt(receiptAt, soon)];
    const verdict = { class: 'UDP_OK_FRAG' } as const;
    const judgeAt = (at: number) =>
      judge(rows(at), { client: received('UDP'), passages: wire(rows(at), [first]), verdict });
    expect(judgeAt(0.1).faults).toEqual([]);
    expect(judgeAt(0.1).expectation.unknowable).toContain('as from users who ask at once');
    expect(judgeAt(0.061).faults).toHaveLength(1);
  });

  it('an answer that came at the first try is none', () => {
    const once = [s.gate(0), first, s.receipt(0.02, first)];
    const told = { client: received('UDP'), passages: wire(once) };
    expect(judge(once, told)).toMatchObject({ found: 'UDP_OK_FRAG', faults: [] });
    expect(judge(once, { ...told, verdict: { class: 'UDP_OK_RETRY' } }).faults).toHaveLength(1);
    expect(judge(once, { ...told, verdict: { class: 'UDP_OK_WHOLE' } }).faults).toHaveLength(1);
  });

  it('what came over TCP tells how it got there by the tries before', () => {
    const smaller = s.tc(0.1, { id: 3 });
    const over = s.tcp(0.11, 9, { tcp_acked: true });
    const cases = [
      [[first, smaller, over], 'UDP_OK_SMALLER'],
      [[first, over], 'LOSS_TCP_OK'],
      [[smaller, over], 'TC_TCP_OK'],
      [[over], 'TCP_DIRECT'],
    ] as const;
    for (const [tries, found] of cases) {
      const rows = [s.gate(0), ...tries, s.receipt(0.2, over)];
      const told = { client: received('TCP'), passages: wire(rows, [first]) };
      expect(judge(rows, told)).toMatchObject({ found, faults: [] });
    }
  });

  it('silence is right only where something was kept back', () => {
    const lost = [s.gate(0), first];
    expect(judge(lost, { client: FAILED, passages: wire(lost, [first]) })).toMatchObject({
      found: 'SILENT',
      faults: [],
    });
    expect(judge(lost, { client: FAILED, passages: wire(lost) }).faults).toHaveLength(1);
    expect(
      judge([...lost, second], { client: FAILED, passages: wire([...lost, second], [first, second]) }),
    ).toMatchObject({ found: 'LOSS_RETRY_FAIL', faults: [] });
  });

  it('a resolver that is dead is no loss', () => {
    expect(judge([], { client: FAILED }).faults).toEqual([
      'found UNSEEN, expected what cannot be: no packet of it got lost; 0 of 0 measured answers over UDP were let on, and the client was told of none',
    ]);
    const [query] = wire([first]);
    const dropped = [{ ...query!, isDropped: true }];
    expect(judge([], { client: FAILED, passages: dropped })).toMatchObject({ found: 'UNSEEN', faults: [] });
    expect(judge([], { client: FAILED, hasLostBefore: true })).toMatchObject({ found: 'UNSEEN', faults: [] });
    const dead = { ...FAILED, status: 'TIMEOUT' };
    expect(judge([], { client: dead, hasLostBefore: true }).faults).toHaveLength(1);
    expect(judge([s.gate(0)], { client: FAILED, passages: dropped })).toMatchObject({
      found: 'INDETERMINATE',
      faults: [],
    });
  });
});

describe('behind a farm', () => {
  const s = story();
  const first = s.udp(0.01, 7);

  it('the way by which the client was told is the way', () => {
    const rows = [s.gate(0), first, s.receipt(0.02, first)];
    const told = { client: received('UDP'), path: 'farm' };
    expect(judge(rows, told)).toMatchObject({ found: 'UDP_OK_FRAG', faults: [] });
    for (const name of ['INDETERMINATE', 'EXCLUDED', 'TCP_DIRECT', 'UDP_OK_RETRY'] as const)
      expect(judge(rows, { ...told, verdict: { class: name } }).faults).not.toEqual([]);
  });

  it('what a stranger asks the receipt for, no server can know; and it says so', () => {
    const stranger = s.receipt(0.02, first, { src: '203.0.114.9', relation: 'relayed' });
    const judged = judge([s.gate(0), first, stranger], {
      client: received('UDP'),
      path: 'farm',
      verdict: { class: 'INDETERMINATE', overlays: [] },
    });
    expect(judged.faults).toEqual([]);
    expect(judged.expectation.unknowable).toContain('asked for by an address');
  });

  it('several addresses must be noticed', () => {
    const other = s.gate(0, { src: '203.0.114.9' });
    const rows = [s.gate(0), other, first, s.receipt(0.02, first)];
    expect(judge(rows, { client: received('UDP'), path: 'farm' }).faults).toEqual([]);
    expect(judge(rows, { client: received('UDP'), path: 'farm', verdict: { overlays: [] } }).faults).toEqual([
      'no overlay farm',
    ]);
  });
});

describe('overlays and confidence', () => {
  const s = story();
  const lost = s.udp(0.01, 7);
  const smaller = s.tc(0.1, { edns_udp: 1472 });
  const over = s.tcp(0.11, 9, { tcp_acked: true });
  const rows = [
    s.gate(0),
    lost,
    smaller,
    over,
    s.receipt(0.2, over),
    s.error(2, lost, { icmp_type: 11, icmp_code: 1 }),
  ];

  it('what ICMP said must be told, and nothing that nobody said', () => {
    const told = { client: received('TCP'), path: 'reasm' };
    expect(judge(rows, told)).toMatchObject({ found: 'UDP_OK_SMALLER', faults: [] });
    expect(judge(rows, { ...told, verdict: { overlays: [] } }).faults).toEqual(['no overlay reassembly']);
    expect(judge(rows, { ...told, path: 'frag' }).faults).toEqual([
      expect.stringMatching(/^overlay reassembly, which nothing here brings about: /),
    ]);
  });

  it('what can be seen must be seen for sure', () => {
    const verdict = { confidence: 'medium' } as const;
    expect(judge(rows, { client: received('TCP'), path: 'reasm', verdict }).faults).toEqual([
      'its confidence is medium, and all was there to see',
    ]);
  });
});
