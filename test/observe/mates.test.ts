/** Mates: who is one resolver, and so whose recovery it is when another address gets what one lost. */
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { classify } from '../../src/observe/verdict.ts';
import { SOURCE, START, STRANGER } from './rows.ts';
import { LATER, type Tell, trial } from './told.ts';
import { controls, losses, receivers, rowsOf } from './visits.ts';

const IPV6 = { src: '2001:db8:8888::53', ip_version: 6 } as const;
/** A name that only an answer to `s4096` tells. */
const TOLD = { qname: `G${'0a'.repeat(30)}V.probe.example.` };
const ASKED = { qname: 's4096-n0000000000a.probe.example.' };

/** Lost over IPv4, TC=1 and TCP over IPv6, which asks for the same name as its user did. */
const nameserver: Tell = ({ gate, udp, tc, tcp, receipt }) => {
  const sent = tcp(5.3, 9, { ...IPV6, ...TOLD });
  return [
    ...[gate(0, ASKED), udp(0.1, 1, TOLD), gate(5, { ...IPV6, ...ASKED })],
    ...[tc(5.1, { ...IPV6, ...TOLD }), sent, receipt(5.4, sent, IPV6)],
  ];
};
/** The same by one that goes on over IPv6 with what it was told over IPv4. */
const dualStack: Tell = (told) =>
  nameserver(told).map((row) => (row.src === IPV6.src && row.step === 'gate' ? { ...row, ...TOLD } : row));
/** Lost over IPv4 after a proof of its own, so that it asks for no other name before it comes over IPv6. */
const cookies: Tell = (told) =>
  nameserver(told).flatMap((row) =>
    row.instance === 1 ? { ...row, ...ASKED, proof: 'cookie' as const } : row,
  );

function verdictsOf(...rows: readonly (readonly Observation[])[]) {
  return groupTrials(rows.flat()).map((each) => classify(each, LATER));
}

const at = (hours: number, tell: Tell, size = 4096) => trial({ size, at: hours, id: hours + 1 }, tell);

describe('what another address got in the same run', () => {
  it('is no recovery of the loser, where that address asked for the test itself', () => {
    const [verdict] = verdictsOf(at(0, nameserver));
    expect(verdict).toMatchObject({
      ...{ class: 'UDP_OK_SMALLER', confidence: 'medium', lost_by: SOURCE, recovered: false },
      about: [IPV6.src],
      sentence: `Over UDP 4096 octets show no arrival with EDNS 4096; then ${IPV6.src}, of the other IP version, asked with EDNS 1232, and after TC=1 it came over TCP.`,
    });
  });

  it('is one, where that address went on with what the loser was told', () => {
    const [verdict] = verdictsOf(at(0, dualStack));
    expect(verdict).toMatchObject({
      ...{ class: 'UDP_OK_SMALLER', confidence: 'high', lost_by: SOURCE, recovered: true },
      sentence:
        'Over UDP 4096 octets show no arrival with EDNS 4096; asked again with EDNS 1232 it was sent TC=1 and got it over TCP.',
    });
  });

  it('shows nothing where rows are missing, and the one that told may be somebody else', () => {
    const rows = at(0, (told) => [...dualStack(told), told.lost(1, { event: 'lost' })]);
    expect(verdictsOf(rows)).toMatchObject([{ confidence: 'medium', recovered: false }]);
  });

  it('is one as well where another trial shows that the two are one', () => {
    const small: Tell = ({ gate, udp, receipt }) => {
      const sent = udp(0.1, 1, { ...ASKED, proof: 'cookie' });
      return [gate(0, { ...IPV6, ...ASKED }), sent, receipt(0.2, sent, { ...IPV6, relation: 'relayed' })];
    };
    expect(verdictsOf(at(0, cookies))).toMatchObject([{ confidence: 'medium', recovered: false }]);
    const [, verdict] = verdictsOf(at(1, small, 512), at(2, cookies));
    expect(verdict).toMatchObject({ confidence: 'high', lost_by: SOURCE, recovered: true });
  });

  it('is none, however often the two take part in one run: so do all nameservers of a client', () => {
    const both: Tell = ({ gate, udp, receipt }) => {
      const sent = udp(0.1, 1, TOLD);
      return [gate(0, ASKED), gate(0.2, { ...IPV6, ...ASKED }), sent, receipt(0.2, sent)];
    };
    const before = Array.from({ length: 9 }, (_, n) => at(n, both, 512));
    const [verdict] = verdictsOf(...before, at(9, nameserver)).slice(-1);
    expect(verdict).toMatchObject({ confidence: 'medium', lost_by: SOURCE, recovered: false });
  });

  it('goes behind what the loser got itself, although that came later', () => {
    const own: Tell = (told) => {
      const [lost, other] = [told.udp(0, 1), told.tcp(1, 2, { src: STRANGER })];
      const sent = told.tcp(2, 3);
      return [lost, other, sent, told.receipt(1.1, other), told.receipt(2.1, sent)];
    };
    expect(verdictsOf(at(0, own))).toMatchObject([
      { class: 'LOSS_TCP_OK', confidence: 'high', about: [SOURCE], recovered: true },
    ]);
  });

  it('is told apart from what the loser asked: its own TC=1, and TCP of another', () => {
    const mixed: Tell = ({ udp, tc, tcp, receipt }) => {
      const sent = tcp(1, 3, { src: STRANGER });
      return [udp(0, 1), tc(0.8, { edns_udp: 1232 }), sent, receipt(1.1, sent)];
    };
    const [verdict] = verdictsOf(at(0, mixed));
    expect(verdict).toMatchObject({ class: 'UDP_OK_SMALLER', confidence: 'medium', recovered: false });
    expect(verdict?.sentence).toMatch(
      /asked again with EDNS 1232 it was sent TC=1, and then 198\.51\.100\.66, of another network, got it over TCP\.$/,
    );
  });
});

it('does not silence the alarm of a source that another nameserver of its user gets the size', () => {
  const alone = rowsOf([...losses(4096, 6), ...controls(6), ...receivers(4096, 8)]);
  const adviceWith = (...more: readonly (readonly Observation[])[]) => {
    const later = more.flat().map((row) => ({ ...row, boot: START }));
    const report = buildReport([...alone, ...later], LATER).sources.find(({ source }) => source === SOURCE);
    return report?.advice.map(({ isUrgent }) => isUrgent);
  };
  const shared = (tell: Tell) => trial({ size: 4096, at: 0.9, id: 77 }, tell);
  expect(adviceWith()).toEqual([true]);
  expect(adviceWith(shared(nameserver))).toEqual([true]);
  expect(adviceWith(shared(dualStack))).toEqual([false]);
});
