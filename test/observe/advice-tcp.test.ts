import { expect, it } from 'vitest';
import { advise, arrived, stalled, type Tell, tcOnce } from './told.ts';

it('takes one silence after TC=1 for nothing, two for TCP that fails', () => {
  expect(advise([4096, tcOnce, 1]).some(({ isUrgent }) => isUrgent)).toBe(false);
  expect(advise([4096, tcOnce, 1], [2048, tcOnce, 1], [512, arrived, 1])[0]).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^TCP fails: it was sent TC=1 for 2048 and 4096 octets in 2 trials /),
  });
});

it('is no alarm about TCP that works: one TC=1 without TCP beside fifty answers over TCP', () => {
  const overTcp: Tell = ({ gate, tc, tcp, receipt }) => {
    const sent = tcp(0.2, 1);
    return [gate(0), tc(0.1), sent, receipt(0.3, sent)];
  };
  const twice: Tell = ({ gate, tc }) => [gate(0), tc(0.1), tc(0.5)];
  const cut: Tell = ({ gate, tc, wordless }) => [gate(0), tc(0.1), wordless(0.5)];
  for (const [tell, text] of [
    [
      twice,
      /^After TC=1 for 4096 octets it did not ask over TCP in 1 trial, while it got answers over TCP 50 times: /,
    ],
    [cut, /^TCP breaks: .* in 1 trial .* That proves little, while it got answers over TCP 50 times: /],
  ] as const)
    expect(advise([2048, overTcp, 50], [4096, tell, 1])).toEqual([
      { isUrgent: false, text: expect.stringMatching(text) },
    ]);
  expect(advise([4096, twice, 1])).toEqual([
    {
      isUrgent: false,
      text: expect.stringMatching(
        /^After TC=1 for 4096 octets it did not ask over TCP in 1 trial: ask again, some minutes apart; /,
      ),
    },
  ]);
  expect(advise([4096, twice, 2])).toMatchObject([{ isUrgent: true }]);
});

it('sees a black hole of TCP: asked over TCP time and again, answered, no receipt', () => {
  expect(advise([4096, stalled, 5])).toEqual([
    {
      isUrgent: true,
      text: expect.stringMatching(/^Asked over TCP for 4096 octets in 5 trials, it was answered, .* MSS/),
    },
  ]);
});

it('says that this server closed TCP connections where it did', () => {
  const refused = { action: 'drop', excluded: 'budget', proto: 'tcp', qname: '' } as const;
  const [{ isUrgent, text } = { isUrgent: true, text: '' }] = advise([
    4096,
    ({ tc, other }) => [tc(0), other(0.1, refused), tc(3)],
    1,
  ]);
  expect(isUrgent).toBe(false);
  expect(text).toContain('this server itself closed TCP connections');
});

it('tells TCP that is cut before a query from TCP that never began and TCP whose answer stalls', () => {
  const broken: Tell = ({ gate, tc, wordless }) => [gate(0), tc(0.1), wordless(0.5)];
  const unacked: Tell = ({ gate, tc, tcp }) => [gate(0), tc(0.1), tcp(0.2, 1, { tcp_acked: false })];
  const first = (tell: Tell) => advise([4096, tell, 2])[0];
  expect(first(broken)).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^TCP breaks: it was sent TC=1 for 4096 octets in 2 trials and opened TCP/),
  });
  expect(first(unacked)).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^Asked over TCP for 4096 octets in 2 trials, .* not acknowledged\. .* MSS/),
  });
});
