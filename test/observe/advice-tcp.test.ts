import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport, isUrgent } from '../../src/observe/report.ts';
import { adviseOnTcp, crowdOverTcp, cut, dig, hourly, overTcp, tcTwice, unacked } from './tcp-told.ts';
import { adviceOn, arrived, LATER, stalled, type Tell, tcOnce, trial } from './told.ts';

it('takes one silence after TC=1 for nothing, two for TCP that fails', () => {
  expect(adviseOnTcp([4096, tcOnce, 1]).some(({ isUrgent }) => isUrgent)).toBe(false);
  expect(adviseOnTcp([4096, tcOnce, 1], [2048, tcOnce, 1], [512, arrived, 1])[0]).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^TCP fails: it was sent TC=1 for 2048 and 4096 octets in 2 trials /),
  });
});

it('is no alarm about TCP that works: one failure beside fifty answers over TCP', () => {
  for (const [tell, text] of [
    [
      tcTwice,
      /^After TC=1 for 4096 octets it did not ask over TCP in 1 trial, while it got answers over TCP 50 times: TCP works as a rule\.$/,
    ],
    [cut, /^TCP breaks: .* in 1 trial .* That proves little, while it got answers over TCP 50 times: /],
  ] as const)
    expect(adviseOnTcp([2048, overTcp, 50], [4096, tell, 1])).toEqual([
      { isUrgent: false, text: expect.stringMatching(text) },
    ]);
  expect(adviseOnTcp([4096, tcTwice, 1])).toEqual([
    {
      isUrgent: false,
      text: expect.stringMatching(
        /^After TC=1 for 4096 octets it did not ask over TCP in 1 trial: ask again, some minutes apart; /,
      ),
    },
  ]);
  expect(adviseOnTcp([4096, tcTwice, 2])).toMatchObject([{ isUrgent: true }]);
});

it('sees a black hole of TCP: asked over TCP time and again, answered, no receipt', () => {
  expect(adviseOnTcp([4096, stalled, 5])).toEqual([
    {
      isUrgent: true,
      text: expect.stringMatching(/^Asked over TCP for 4096 octets in 5 trials, it was answered, .* MSS/),
    },
  ]);
  expect(adviseOnTcp([4096, stalled, 2])[0]).toMatchObject({ isUrgent: false });
});

it('says that this server closed TCP connections where it did', () => {
  const refused = { action: 'drop', excluded: 'budget', proto: 'tcp', qname: '' } as const;
  const [{ isUrgent, text } = { isUrgent: true, text: '' }] = adviseOnTcp([
    4096,
    ({ tc, other }) => [tc(0), other(0.1, refused), tc(3)],
    1,
  ]);
  expect(isUrgent).toBe(false);
  expect(text).toContain('this server itself closed TCP connections');
});

it('tells TCP that is cut before a query from TCP that never began and TCP whose answer stalls', () => {
  const first = (tell: Tell) => adviseOnTcp([4096, tell, 2])[0];
  expect(first(cut)).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^TCP breaks: it was sent TC=1 for 4096 octets in 2 trials and opened TCP/),
  });
  expect(first(unacked)).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^Asked over TCP for 4096 octets in 2 trials, .* not acknowledged\. .* MSS/),
  });
});

describe('where nobody can tell whose fault it is, it is no alarm, and names both', () => {
  const ours = (who: string) =>
    new RegExp(
      `${who} within a day: the fault may be ours; \`padzone selftest --from\` with the address of this server tells, on another host\\. If this server is well, `,
    );

  it.each<{ what: string; tell: Tell; text: RegExp }>([
    { what: 'no TCP', tell: tcTwice, text: ours('Nobody else reached this server over TCP') },
    { what: 'silence', tell: tcOnce, text: ours('Nobody else reached this server over TCP') },
    { what: 'TCP cut', tell: cut, text: ours('Nobody else asked this server over TCP') },
    {
      what: 'TCP stalled',
      tell: unacked,
      text: ours('Nobody else received a long answer over TCP from this server'),
    },
  ])('$what of every network', ({ tell, text }) => {
    const rows = Array.from({ length: 30 }, (_, n) =>
      [
        ...hourly(2, tell, { id: 10 * n + 1 }),
        ...hourly(1, arrived, { size: 512, from: 0.5, id: 10 * n + 5 }),
      ].map((row) => ({ ...row, src: `10.1.${n}.1` })),
    ).flat();
    const { sources } = buildReport(rows, LATER);
    expect(sources).toHaveLength(30);
    expect(sources.filter(isUrgent)).toEqual([]);
    expect(sources.map(({ advice: [first] }) => first?.text)).toEqual(
      sources.map(() => expect.stringMatching(text)),
    );
  });

  const broken = hourly(2, tcTwice);
  const told = (...others: readonly Observation[][]) => adviceOn([...broken, ...others.flat()])[0];
  const HOURS = [0.5, 10];

  it('five other networks that got through tell', () => {
    expect(told(crowdOverTcp({ networks: 5, hours: HOURS }))).toEqual({
      isUrgent: true,
      text: 'TCP fails: it was sent TC=1 for 4096 octets in 2 trials and never asked over TCP. Allow TCP to port 53, outbound, from this address, and check that TCP is not switched off in the resolver (Unbound do-tcp).',
    });
    expect(told(crowdOverTcp({ networks: 4, hours: HOURS }))).toEqual({
      isUrgent: false,
      text: expect.stringContaining('Only 4 other networks reached this server over TCP within a day: '),
    });
  });

  it.each<{ what: string; others: Observation[] }>([
    { what: 'at another address of ours', others: crowdOverTcp({ changes: { dst: '192.0.2.99' } }) },
    { what: 'at another node', others: crowdOverTcp({ changes: { node: 'ns2' } }) },
    { what: 'more than a day later', others: crowdOverTcp({ hours: [26] }) },
    { what: 'of one network', others: crowdOverTcp({ changes: { src: '10.9.0.1' } }) },
    { what: 'over UDP', others: crowdOverTcp({ tell: arrived }) },
  ])('others $what do not', ({ others }) => {
    expect(told(others)).toMatchObject({ isUrgent: false });
  });

  it('nor do those that belong to its runs', () => {
    const together = (row: Observation) => row.src.startsWith('10.9.');
    const rows = [...broken, ...crowdOverTcp({ hours: HOURS })];
    const joined = rows.filter(together).filter(({ step }) => step === 'gate');
    const run = broken[0]!.run;
    const gates = joined.map((row, n) => ({ ...row, run, time: broken[0]!.time + n, seq: 9000 + n }));
    expect(adviceOn([...rows, ...gates])[0]).toMatchObject({ isUrgent: false });
  });

  it('nor those that got through before alone: our port may have been closed since', () => {
    const before = crowdOverTcp({ networks: 30, hours: [-3] });
    expect(told(before)).toEqual({
      isUrgent: false,
      text: expect.stringContaining(
        'Nobody else reached this server over TCP since then: the fault may be ours',
      ),
    });
    expect(told(before, crowdOverTcp({ networks: 1, hours: [3] }))).toMatchObject({
      isUrgent: false,
      text: expect.stringContaining('Only one other network reached this server over TCP since then'),
    });
    expect(told(before, crowdOverTcp({ networks: 2, hours: [3] }))).toMatchObject({ isUrgent: true });
  });

  it('a long answer over TCP tells of stalls, a short one or a mere query does not', () => {
    const stalls = hourly(2, unacked);
    const others = (changes: Partial<Observation>, size = 4096) =>
      adviceOn([...stalls, ...crowdOverTcp({ size, tell: overTcpWithout(changes) })])[0];
    expect(others({ tcp_acked: true })).toMatchObject({ isUrgent: true });
    expect(others({ tcp_acked: null })).toMatchObject({ isUrgent: false });
    expect(others({ tcp_acked: true }, 1400)).toMatchObject({ isUrgent: false });
  });
});

/** Over TCP, without a receipt. */
const overTcpWithout =
  (changes: Partial<Observation>): Tell =>
  ({ gate, tc, tcp }) => [gate(0), tc(0.1), tcp(0.2, 1, changes)];

describe('what fails since it last worked', () => {
  const day = (rows: readonly Observation[]) =>
    adviceOn([...rows, ...crowdOverTcp({ hours: [-80, 0.5, 10, 20, 30] })]);
  const first = hourly(1, overTcp, { from: -80 });

  it('is an alarm, with its moment, however long it worked before', () => {
    expect(day([...first, ...hourly(30, tcTwice, { id: 100 })])).toEqual([
      {
        isUrgent: true,
        text: expect.stringMatching(
          /^TCP fails since 2026-11-23 15:00 UTC, after it worked before: it was sent TC=1 for 4096 octets in 30 trials and asked no more over TCP\. Allow /,
        ),
      },
    ]);
    for (const [tell, text] of [
      [cut, /^TCP breaks since 2026-11-23 15:00 UTC, after it worked before: /],
      [
        unacked,
        /^TCP stalls since 2026-11-23 15:00 UTC, after it worked before: asked over TCP for 4096 octets in 5 trials, it was answered, and the answer was not acknowledged\. Look /,
      ],
    ] as const)
      expect(day([...first, ...hourly(5, tell, { id: 100 })])).toEqual([
        { isUrgent: true, text: expect.stringMatching(text) },
      ]);
  });

  it('is none where it works again', () => {
    const again = hourly(1, overTcp, { from: 36, id: 200 });
    for (const tell of [tcTwice, cut, unacked])
      expect(day([...first, ...hourly(30, tell, { id: 100 }), ...again])).toEqual([
        {
          isUrgent: false,
          text: expect.stringMatching(/, while it got answers over TCP 2 times: TCP works as a rule\.$/),
        },
      ]);
  });

  it('is none of two trials, or of one moment', () => {
    const hasty = [0, 1, 2, 3].flatMap((n) => trial({ size: 4096, at: n / 100, id: 100 + n }, tcTwice));
    for (const rows of [hourly(2, tcTwice, { id: 100 }), hasty])
      expect(day([...first, ...rows])).toEqual([
        {
          isUrgent: false,
          text: expect.stringMatching(
            /, while it got answers over TCP once: ask again, some minutes apart, and see whether it goes on\.$/,
          ),
        },
      ]);
  });
});

describe('dig from the same address', () => {
  const broken = hourly(10, tcTwice);

  it.each<{ what: string; changes: Partial<Observation> }>([
    { what: 'with RD=1 and AD=1', changes: {} },
    { what: 'with RD=1 alone', changes: { ad: false } },
    { what: 'with AD=1 alone', changes: { rd: false } },
  ])('$what shows that the way is open, and nothing of the resolver', ({ changes }) => {
    const asked = trial({ size: 4096, at: 11, id: 99 }, (told) =>
      dig(told).map((row) => ({ ...row, ...changes })),
    );
    expect(adviceOn([...broken, ...asked])).toEqual([
      {
        isUrgent: true,
        text: 'TCP fails: it was sent TC=1 for 4096 octets in 10 trials and never asked over TCP, while a program such as dig asked over TCP from its address. Check that TCP is not switched off in the resolver (Unbound do-tcp), and that no firewall of its host lets only some programs out.',
      },
    ]);
  });

  it('says nothing of our port that may be closed since', () => {
    const asked = trial({ size: 4096, at: -1, id: 99 }, dig);
    expect(adviceOn([...broken, ...asked])[0]).toMatchObject({ isUrgent: false });
  });

  it('is a forwarder where its receipt came back', () => {
    const forwarded = trial({ size: 4096, at: 11, id: 99 }, ({ tcp, receipt }) => {
      const sent = tcp(0, 1, { rd: true, ad: true, tcp_acked: true });
      return [sent, receipt(0.1, sent, { rd: true, ad: true })];
    });
    expect(adviceOn([...broken, ...forwarded, ...crowdOverTcp()])).toEqual([
      {
        isUrgent: false,
        text: expect.stringContaining('while it got answers over TCP once: TCP works as a rule'),
      },
    ]);
  });
});

describe('a stall', () => {
  it('is no alarm where it was one, beside as large answers that arrived or alone', () => {
    expect(adviseOnTcp([8192, overTcp, 50], [4096, unacked, 1])).toEqual([
      {
        isUrgent: false,
        text: 'Asked over TCP for 4096 octets in 1 trial, it was answered, and the answer was not acknowledged. That proves little, while it got answers over TCP 50 times: TCP works as a rule.',
      },
    ]);
    expect(adviseOnTcp([4096, unacked, 1], [512, arrived, 3])).toEqual([
      {
        isUrgent: false,
        text: expect.stringMatching(
          /\. That proves little: ask again, some minutes apart; where it happens again, look for a link of the path whose MTU /,
        ),
      },
    ]);
  });

  it('is one where only smaller answers arrive, as they do below the MTU', () => {
    expect(adviseOnTcp([1232, overTcp, 20], [4096, unacked, 1], [1472, unacked, 1])[0]).toMatchObject({
      isUrgent: true,
      text: expect.stringMatching(/^Asked over TCP for 1472 and 4096 octets in 2 trials, /),
    });
  });

  it('is no alarm where it was long ago, and nobody asked for as much since', () => {
    expect(adviseOnTcp([1232, overTcp, 50], [4096, unacked, 1], [1472, unacked, 1])[0]).toMatchObject({
      isUrgent: false,
      text: expect.stringMatching(
        /^Asked over TCP for 1472 and 4096 octets in 2 trials, .* The last such trial was at .*, and none since says more: ask for s4096-tc to see\. Where it fails again, look for /,
      ),
    });
  });

  it('is none where dig gets as much over TCP from there since', () => {
    const asked = trial({ size: 4096, at: 11, id: 99 }, dig);
    const rows = [...hourly(2, unacked), ...asked, ...crowdOverTcp()];
    expect(adviceOn(rows)[0]).toMatchObject({ isUrgent: false });
  });
});

describe('no failure of TCP', () => {
  const well = hourly(3, overTcp);

  it('is TC=1 that nobody listened for, as where somebody asks in the name of the source', () => {
    const refused: Tell = ({ tc, error }) => {
      const sent = tc(0.1);
      return [sent, error(0.12, sent, { icmp_type: 3, icmp_code: 3 })];
    };
    const forged = [3, 3.1, 3.2].flatMap((at, n) => trial({ size: 4096, at, id: 70 + n }, refused));
    expect(adviceOn([...well, ...forged, ...crowdOverTcp()])).toEqual([
      { isUrgent: false, text: expect.stringMatching(/^Nothing to change: /) },
    ]);
  });

  it('is told of a forwarder that passes AD on as of a program beside it', () => {
    const forwarded = { rd: true, ad: true };
    const small: Tell = ({ gate, udp, receipt }) => {
      const sent = udp(0.1, 1, forwarded);
      return [gate(0, forwarded), sent, receipt(0.2, sent, forwarded)];
    };
    const stall: Tell = ({ gate, tc, tcp }) => [
      gate(0, forwarded),
      tc(0.1, forwarded),
      tcp(0.2, 1, { ...forwarded, tcp_acked: false }),
    ];
    const rows = [
      ...hourly(2, small, { size: 512, id: 1 }),
      ...hourly(2, stall, { from: 2, id: 20 }),
      ...hourly(2, ({ gate, tc }) => [gate(0, forwarded), tc(0.1, forwarded)], { from: 4, id: 40 }),
    ];
    const texts = adviceOn([...rows, ...crowdOverTcp()]).map(({ text }) => text);
    expect(texts.join('\n')).not.toMatch(/a program such as dig|never asked over TCP|after it worked before/);
  });

  it('of others is shown by acknowledgements that they asked again after', () => {
    const vain: Tell = ({ gate, tc, tcp }) => [
      gate(0),
      tc(0.1),
      tcp(0.2, 1, { tcp_acked: true }),
      tcp(3, 2, { tcp_acked: false }),
    ];
    const [first] = adviceOn([...hourly(3, unacked), ...crowdOverTcp({ tell: vain })]);
    expect(first).toMatchObject({
      isUrgent: false,
      text: expect.stringContaining('Nobody else received a long answer over TCP'),
    });
  });
});
