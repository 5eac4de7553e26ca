import { expect, it } from 'vitest';
import { gatherErrorReports } from '../../src/observe/error-reports.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { EXTENDED_ERRORS } from '../../src/wire/extended-error.ts';
import { formatRun } from '../../src/zone/test-name.ts';
import { NEIGHBOR, observation, RUN, SOURCE, START } from './rows.ts';

const AGENT = 'er.probe.example.';

function report(seq: number, below: string, changes: Partial<Observation> = {}): Observation {
  const of = { behavior: 'error-report', zone: AGENT, qname: `${below}.${AGENT}`, qtype: 16 };
  return observation({ seq, time: START + seq * 1000, ...of, ...changes });
}
const TC = { tc: true, action: 'tc' } as const;

it('says what a resolver reported, and of which zone', () => {
  const rows = [
    report(1, '_er.1.www.ds-bad-tag.broken.probe.example.9._er', TC),
    report(2, '_ER.1.www.DS-bad-tag.broken.probe.example.9._er', { proto: 'tcp' }),
    observation({
      ...{ seq: 3, behavior: 'broken', zone: 'ds-bad-tag.broken.probe.example.', qtype: 1 },
      qname: 'www.DS-bad-tag.broken.probe.example.',
    }),
    observation({ seq: 4, zone: 'probe.example.' }),
  ];
  expect(gatherErrorReports(rows)).toEqual([
    {
      ...{ source: SOURCE, agent: AGENT, zone: 'ds-bad-tag.broken.probe.example.' },
      ...{ name: 'www.ds-bad-tag.broken.probe.example.', types: ['A'], info_code: 9, run: null },
      ...{ taken: 1, challenged: 0, first_at: START + 1000, last_at: START + 2000 },
      sentence:
        'Your resolver says: DNSKEY missing (EDE 9), for www.ds-bad-tag.broken.probe.example. TYPE A.',
      evidence: rows.slice(0, 2).map(({ node, boot, seq }) => ({ node, boot, seq })),
    },
  ]);
});

it('names a zone only where a row shows that it answered the very question: there may be a cut in between', () => {
  const rows = [
    report(1, '_er.1.www.rrsig-exp-a.broken.probe.example.7._er'),
    observation({ seq: 2, qname: 'live.probe.example.', zone: 'probe.example.' }),
    observation({
      seq: 3,
      qname: 'rrsig-exp-a.broken.probe.example.',
      zone: 'broken.probe.example.',
      qtype: 43,
    }),
  ];
  expect(gatherErrorReports(rows)[0]).toMatchObject({ zone: null });
  const cut = report(1, '_er.1.rrsig-exp-a.broken.probe.example.7._er');
  expect(gatherErrorReports([cut, rows[2]!])[0]).toMatchObject({ zone: null });
  const asked = observation({
    ...{ seq: 4, qname: 'www.rrsig-exp-a.broken.probe.example.', qtype: 1, src: NEIGHBOR },
    zone: 'rrsig-exp-a.broken.probe.example.',
  });
  expect(gatherErrorReports([...rows, asked])[0]).toMatchObject({
    zone: 'rrsig-exp-a.broken.probe.example.',
  });
});

it('marks a report on a name that is in no zone of this server', () => {
  const sentenceOf = (below: string) => gatherErrorReports([report(1, below)])[0]!.sentence;
  expect(sentenceOf('_er.1.www.broken.probe.example.7._er')).toMatch(/^Your resolver says: /);
  for (const name of ['evil.example', 'notprobe.example', 'a\\.probe.example'])
    expect(sentenceOf(`_er.1.${name}.9._er`)).toBe(
      `It says of a name outside the zones of this server: DNSKEY missing (EDE 9), for ${name}. TYPE A.`,
    );
});

it('writes TYPEs without a mnemonic as RFC 3597 does, once', () => {
  const sentenceOf = (types: string) =>
    gatherErrorReports([report(1, `_er.${types}.a.probe.example.6._er`)])[0]!.sentence;
  expect(sentenceOf('0')).toMatch(/ for a\.probe\.example\. TYPE0\.$/);
  expect(sentenceOf('1-65280')).toMatch(/ for a\.probe\.example\. TYPE A, TYPE65280\.$/);
});

it('takes a challenge for a report of its own only where nobody came back over TCP', () => {
  const below = '_er.1.a.example.6._er';
  const late = report(30, below, { proto: 'tcp' });
  const counts = (...rows: readonly Observation[]) =>
    gatherErrorReports(rows).map(({ taken, challenged }) => [taken, challenged]);
  expect(counts(report(1, below, TC), report(2, below, TC))).toEqual([[0, 2]]);
  expect(counts(report(1, below, TC), report(2, below, TC), report(3, below, { proto: 'tcp' }))).toEqual([
    [1, 0],
  ]);
  expect(counts(report(1, below, TC), late)).toEqual([[1, 1]]);
  expect(counts(report(1, below, TC), report(2, below, { cookie: 'valid' }))).toEqual([[1, 1]]);
});

it('counts by source, name, types and code, the most frequent first', () => {
  const rows = [
    report(1, '_er.1.a.example.6._er'),
    report(2, '_er.1.b.example.6._er'),
    report(3, '_er.1.b.example.6._er'),
    report(4, '_er.1-28.b.example.6._er'),
    report(5, '_er.1.b.example.6._er', { src: NEIGHBOR }),
  ];
  expect(
    gatherErrorReports(rows).map(({ source, name, types, taken }) => [source, name, types.join('-'), taken]),
  ).toEqual([
    [SOURCE, 'b.example.', 'A', 2],
    [SOURCE, 'a.example.', 'A', 1],
    [SOURCE, 'b.example.', 'A-AAAA', 1],
    [NEIGHBOR, 'b.example.', 'A', 1],
  ]);
});

it('ties a report to the run in its name', () => {
  const name = `live-${formatRun(RUN)}.bogus.probe.example`;
  expect(gatherErrorReports([report(1, `_er.16.${name}.6._er`)])[0]).toMatchObject({ run: RUN });
});

it('keeps what strangers wrote in its escapes', () => {
  const [found] = gatherErrorReports([report(1, '_er.1.a\\.b\\027[31m\\\\.example.49152._er')]);
  expect(found).toMatchObject({ name: 'a\\.b\\027[31m\\\\.example.', zone: null });
  expect(found!.sentence).toMatch(/: EDE 49152, for a\\\.b\\027\[31m\\\\\.example\. TYPE A\.$/);
});

it('takes shorter names and other TYPEs on the way to a report for none', () => {
  expect(gatherErrorReports([report(1, '_er.1.a.example.6._er', { qtype: 1 })])).toEqual([]);
  expect(gatherErrorReports([report(1, 'example.6._er'), report(2, '6._er'), report(3, '_er')])).toEqual([]);
});

it('names every INFO-CODE that RFC 8914 registers', () => {
  expect(Object.keys(EXTENDED_ERRORS).map(Number).slice(0, 25)).toEqual(
    Array.from({ length: 25 }, (_, at) => at),
  );
});
