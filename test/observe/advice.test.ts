import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { adviseSource } from '../../src/observe/advice.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { OTHER, SOURCE, story } from './rows.ts';
import {
  adviceOn,
  advise,
  adviseAmong,
  arrived,
  HOUR,
  LATER,
  lostTwice,
  rowsOfTold,
  silent,
  type Tell,
  tcOnce,
  trial,
} from './told.ts';
import { controls, losses, receivers, rowsOf, type Visit } from './visits.ts';

it('says after three silences, while a smaller size arrived, what is silent and what to change', () => {
  const [first, ...others] = advise([2048, silent, 4], [512, arrived, 4]);
  expect(others).toEqual([]);
  expect(first?.isUrgent).toBe(true);
  expect(first?.text).toMatch(
    /^Silent 4 of 4 times at 2048 octets, while 512 octets arrived 4 times\. It asks over UDP only once\. They leave in fragments: /,
  );
});

it('is no alarm where too few others received the size: the fault may be ours', () => {
  const ours = (networks: number, tell: Tell, often: number) => {
    const [first, ...others] = adviseAmong(networks, [4096, tell, often], [512, arrived, often]);
    expect({ isUrgent: first?.isUrgent, others }).toEqual({ isUrgent: false, others: [] });
    return first?.text;
  };
  const fault =
    'received this size lately from the same address of this server: the fault may be ours; `padzone selftest --from` with that address tells, on another host. They leave in fragments: ';
  expect(ours(0, lostTwice, 1)).toContain(`it did not ask for them over TCP. Nobody else ${fault}`);
  expect(ours(1, lostTwice, 1)).toContain(`Only one other network ${fault}`);
  expect(ours(4, silent, 3)).toContain(`It asks over UDP only once. Only 4 other networks ${fault}`);
  expect(adviseAmong(5, [4096, lostTwice, 1])).toMatchObject([{ isUrgent: true }]);
});

it('asks for more after one or two silences', () => {
  expect(advise([2048, silent, 2], [512, arrived, 2])).toEqual([
    {
      isUrgent: false,
      text: expect.stringMatching(/^Silent 2 of 2 times at 2048 octets: .* at least three/),
    },
  ]);
});

it('asks for a small size where nothing else arrived', () => {
  const [{ isUrgent, text } = { isUrgent: true, text: '' }] = advise([2048, silent, 4]);
  expect({ isUrgent, text }).toMatchObject({
    isUrgent: false,
    text: expect.stringContaining('Ask for s512 as well'),
  });
});

it('does not blame fragments where larger answers arrive over UDP', () => {
  const texts = advise([1472, lostTwice, 1], [1232, arrived, 1], [2048, arrived, 1], [4096, arrived, 1]);
  expect(texts.map(({ text }) => text).join()).toMatch(
    /^Answers of 1472 octets .* As large or larger answers arrive .*docs\/operating\.md, Path MTU\.$/,
  );
  expect(texts.map(({ text }) => text).join()).not.toMatch(/fragment/i);
});

it('speaks of fragments only where fragments were lost', () => {
  const [whole] = advise([1472, lostTwice, 1], [1232, arrived, 1]);
  expect(whole?.text).toMatch(/They leave in one packet/);
  expect(whole?.text).not.toMatch(/fragment/i);
  const [pieces] = advise([2048, lostTwice, 1], [1232, arrived, 1]);
  expect(pieces?.text).toMatch(/They leave in fragments: either let UDP fragments pass/);
});

it('does not say that nothing arrives where something did', () => {
  const [before, after] = [rowsOfTold([2048, lostTwice, 4]), rowsOfTold([2048, arrived, 1])];
  const later = after.map((row) => ({ ...row, run: 'ffffffffffff', seq: row.seq + 9000 }));
  const shifted = later.map((row) => ({
    ...row,
    time: row.time + 3.5 * HOUR * 1000,
    receipt: row.receipt && { ...row.receipt, at: row.receipt.at + 3.5 * HOUR * 1000 },
  }));
  expect(adviceOn([...before, ...shifted])).toEqual([
    {
      isUrgent: false,
      text: expect.stringMatching(/^Over UDP only sometimes: 1 of 9 answers of 2048 octets arrived\. /),
    },
  ]);
});

it('says since when nothing arrives any more', () => {
  expect(advise([2048, arrived, 1], [2048, lostTwice, 9])).toEqual([
    {
      isUrgent: false,
      text: expect.stringMatching(
        /^Over UDP no longer: of 2048 octets none of the last 17 arrived, since 2026-11-23 15:00 UTC, after 1 that did\. /,
      ),
    },
  ]);
});

it('takes another arm for an experiment, and looks at what the default arm brings', () => {
  const inArm = (rows: Observation[]) => rows.map((row) => ({ ...row, arm: 'df', options: 'df' }));
  const df: Tell = (told) => inArm(lostTwice(told));
  const experiment =
    /^Answers of 1472 octets over UDP show no sign of arrival where the test name asks for the arm df; (.*)\. That arm is an experiment/;
  for (const [told, beside] of [
    [[[1472, arrived, 3]], 'without it they arrive'],
    [[[1472, silent, 1]], 'nor do they arrive without it'],
    [[], 'without it nobody tried yet: ask for s1472'],
  ] as const) {
    const found = advise([1472, df, 2], ...told);
    expect(found.some(({ isUrgent }) => isUrgent)).toBe(false);
    expect(experiment.exec(found[0]?.text ?? '')?.[1]).toBe(beside);
  }
  const noDf: Tell = (told) => inArm(arrived(told));
  expect(advise([1472, lostTwice, 2], [1472, noDf, 1])).toMatchObject([
    { isUrgent: true, text: expect.stringContaining('docs/operating.md, Path MTU.') },
  ]);
});

it('lets nobody recover for a loser of another network', () => {
  const winner = '198.51.100.66';
  const rows = trial({ size: 4096, at: 0, id: 1 }, ({ gate, udp, tcp, receipt }) => {
    const sent = tcp(6, 9, { src: winner });
    return [gate(0), udp(0.1, 1), udp(0.9, 2), gate(5.9, { src: winner }), sent, receipt(6.1, sent)];
  });
  const texts = adviceOn(rows).map(({ text }) => text);
  expect(texts.join()).not.toMatch(/recovers/);
  const [row] = buildReport(rows, LATER).sources.find(({ source }) => source === SOURCE)?.rows ?? [];
  expect(row).toMatchObject({ first_lost: 1, recovered: 0 });
});

it('does not blame size where smaller answers get lost as often', () => {
  const lossy = ([1232, 4096] as const).flatMap((size) => [
    [size, arrived, 3] as const,
    [size, lostTwice, 3] as const,
  ]);
  expect(advise(...lossy).at(-1)?.text).toMatch(/4096 octets .* size is not the cause/);
});

it('tells the loser of a trial that its answers get lost, not the winner', () => {
  const told = { qname: `g${'0'.repeat(61)}.probe.example.` };
  const rows = trial({ size: 4096, at: 0, id: 1 }, ({ gate, udp, tcp, receipt }) => {
    const sent = tcp(2, 4, { src: OTHER, ...told });
    return [gate(0), udp(0.1, 1, told), udp(0.8, 2, told), sent, receipt(2.1, sent)];
  });
  const { sources } = buildReport(rows, LATER);
  expect(sources.map(({ source, advice }) => [source, advice[0]?.text.slice(0, 30)])).toEqual([
    [OTHER, 'Nothing to change: all that wa'],
    [SOURCE, 'Answers of 4096 octets over UD'],
  ]);
});

/** What is advised where the source cannot receive 4096 octets over UDP. */
function adviseBroken(...more: readonly Visit[]) {
  const rows = rowsOf([...losses(4096, 5), ...controls(5), ...receivers(4096, 5), ...more]);
  return (changes: Partial<Observation>, extra: readonly Observation[] = []) => {
    const own = rows.map((row) => (row.src === SOURCE ? { ...row, ...changes } : row));
    const { sources } = buildReport([...own, ...extra], LATER);
    return sources.find(({ source }) => source === SOURCE)?.advice ?? [];
  };
}

it('says once what cannot arrive, on what ground, and that it is broken for users', () => {
  const [first, ...others] = adviseBroken()({});
  expect(others).toEqual([]);
  expect(first?.isUrgent).toBe(true);
  expect(first?.text).toMatch(
    /^Answers of 4096 octets cannot reach it over UDP: none of 5 arrived, while others did before and after, and other networks received that size\. Nothing shows that it gets them in another way\. They leave in fragments: /,
  );
});

it('says since when an answer that used to arrive cannot', () => {
  const [first, ...rest] = adviseBroken({ at: -8, size: 4096, end: 'arrived' })({});
  expect(rest).toEqual([]);
  expect(first?.isUrgent).toBe(true);
  expect(first?.text).toMatch(
    /^Answers of 4096 octets cannot reach it over UDP any more: of 4096 octets none of the last 5 arrived, since 2026-11-23 15:00 UTC, after 1 that did, while others did before and after, and other networks received that size\. Nothing /,
  );
});

it('is no alarm where the resolver recovers', () => {
  const { tcp, receipt } = story({ run: '000000000001' });
  const sent = tcp(3, 900);
  const extra = [sent, receipt(4, sent)].map((row, at) => ({ ...row, seq: 9000 + at }));
  expect(adviseBroken()({}, extra)).toMatchObject([
    { isUrgent: false, text: expect.stringMatching(/^Answers of 4096 octets cannot .* but users wait\. /) },
  ]);
});

it('names the settings of four programs, or of the one that it seems to be', () => {
  const texts = (changes: Partial<Observation>) =>
    adviseBroken()(changes)
      .map(({ text }) => text)
      .join();
  expect(texts({})).toMatch(
    /EDNS size 1232 \(BIND edns-udp-size, Unbound edns-buffer-size, Knot Resolver net\.bufsize, PowerDNS Recursor edns-outgoing-bufsize\), with TCP/,
  );
  expect(texts({ cookie: 'valid' })).toMatch(
    /EDNS size 1232 \(edns-udp-size 1232; of BIND, which it seems to be\), with TCP/,
  );
});

it('names few sizes of a source that asked for thousands, at once', () => {
  const { rows = [] } = buildReport(rowsOf(losses(512, 1, { end: 'lost twice' })), LATER).sources[0] ?? {};
  const [row] = rows;
  const many = Array.from({ length: 125_000 }, (_, at) => ({
    ...row!,
    size: 512 + (at % 60_000),
    options: `ttl${at}`,
  }));
  const [first] = adviseSource(many);
  expect(first?.text).toContain('Answers of 512, 513, ');
  expect(first?.text).toContain('523 and 709 more octets over UDP');
  const all = adviseSource(
    many.map((each) => ({
      ...each,
      ...{ whole: 1, arrived: 1, failed: 0, first_lost: 0, lost_in_a_row: 0 },
    })),
  );
  expect(all.at(-1)?.text).toMatch(/60511 octets\.$/);
});

it('says which trials are open for want of the rows of other name servers', () => {
  const { rows = [] } = buildReport(rowsOf([...controls(1)]), LATER).sources[0] ?? {};
  const [row] = rows;
  const open = { ...row!, open: 2, rules: { ...row!.rules, 'node-unread': 2 } };
  expect(adviseSource([row!]).map(({ text }) => text)).toEqual([
    expect.stringContaining('Nothing to change'),
  ]);
  expect(adviseSource([open]).map(({ text }) => text)).toEqual([
    '2 trials of it stay open, because rows of another name server are not here: `padzone report --from` takes the data directories of all.',
    expect.stringContaining('Nothing to change'),
  ]);
  const opened = { ...row!, whole: 0, open: 2, classes: {}, rules: { 'gate-only': 2 } };
  expect(adviseSource([opened]).map(({ text }) => text)).toEqual([
    expect.stringContaining('so do dig and other programs'),
  ]);
  expect(adviseSource([opened], { isPartial: true }).map(({ text }) => text)).toEqual([
    'What it asked other name servers is not known, because rows of another name server are not here: `padzone report --from` takes the data directories of all.',
  ]);
});

it('does not say that nothing is to change beside a loss, be it made good, not settled, or final', () => {
  const retried: Tell = ({ gate, udp, receipt }) => {
    const sent = udp(1, 2);
    return [gate(0), udp(0.1, 1), sent, receipt(1.1, sent)];
  };
  const texts = (...told: readonly (readonly [number, Tell, number])[]) =>
    advise(...told).map(({ text }) => text);
  expect(texts([4096, arrived, 9])).toEqual([expect.stringMatching(/^Nothing to change: /)]);
  expect(texts([4096, arrived, 8], [4096, retried, 1])).toEqual([
    'Nothing urgent, and not all well: a first answer over UDP got lost 1 of 9 times at 4096 octets. So few losses may be accidents: ask again, some minutes apart, and see whether it goes on.',
  ]);
  expect(texts([4096, arrived, 30], [4096, lostTwice, 1])).toEqual([
    expect.stringMatching(
      / a first answer over UDP got lost 1 of 31 times at 4096 octets, and none came in the end 1 of 31 times at 4096 octets\. /,
    ),
  ]);
  const fleet = { configured: 2, unread: 1, nodes: ['ns1'] };
  const smaller: Tell = ({ gate, udp, tc, tcp, receipt }) => {
    const sent = tcp(1.1, 3);
    return [gate(0), udp(0.1, 1), tc(1), sent, receipt(1.2, sent)];
  };
  const { sources } = buildReport(rowsOfTold([4096, smaller, 1]), LATER, { fleet });
  expect(sources[0]?.rows[0]).toMatchObject({ first_lost: 0, classes: { UDP_OK_SMALLER: 1 } });
  expect(sources[0]?.advice.map(({ text }) => text)).toEqual([
    expect.stringContaining('a first answer over UDP got lost 1 of 1 times at 4096 octets'),
  ]);
});

it('does not say that nothing is to change while something sent shows no arrival yet', () => {
  const rows = rowsOfTold([512, arrived, 1], [1472, silent, 1], [2048, tcOnce, 1]);
  const last = Math.max(...rows.map(({ time }) => time));
  const adviceAt = (until: number) =>
    buildReport(rows, until)
      .sources.find(({ source }) => source === SOURCE)
      ?.advice.map(({ text }) => text);
  expect(adviceAt(last + 1000)).toEqual([
    'Nothing urgent: all that was decided arrived, up to 512 octets. But nothing shows an arrival of 1472 octets, and after TC=1 for 2048 octets nothing shows an arrival over TCP. Silence counts once this server listened for a minute after the last query: ask for this report again then.',
  ]);
  expect(adviceAt(LATER)).toEqual([expect.stringMatching(/^Silent 1 of 1 times at 1472 octets/)]);
  expect(advise([512, arrived, 1], [2048, tcOnce, 1]).map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /up to 512 octets\. But after TC=1 for 2048 octets .* ask again, some minutes apart/,
    ),
  ]);
});

it('says that EDNS is taken away over UDP, where it comes over TCP alone', () => {
  const bare = { edns_version: -1, edns_udp: 0, edns_do: false, edns_options: [] };
  const tellStripped =
    (udp: Partial<Observation>, tcp: Partial<Observation>): Tell =>
    (told) => {
      const sent = told.tcp(0.2, 1, tcp);
      return [told.gate(0, udp), told.tc(0.1, udp), sent, told.receipt(0.3, sent, udp)];
    };
  const text = (udp: Partial<Observation>, tcp: Partial<Observation>) =>
    advise([4096, tellStripped(udp, tcp), 2])
      .map((each) => each.text)
      .join();
  expect(text(bare, {})).toBe(
    'All of its 6 queries over UDP came without EDNS, and it sent EDNS over TCP (2 times): something on the way takes EDNS away over UDP, as some firewalls do, or the resolver gave it up there. So nothing above 512 octets is sent to it over UDP, and its users wait for TCP. Let EDNS pass.',
  );
  expect(text(bare, bare)).toMatch(/^Nothing to change/);
  expect(text({}, {})).toMatch(/^Nothing to change/);
});

it('points at a section that says what to do about a path MTU', () => {
  const [, section = ''] = readFileSync('docs/operating.md', 'utf8').split('\n## Path MTU\n');
  const [text = ''] = section.split('\n## ');
  for (const word of [
    'IPv6',
    'ICMPv6 type 2',
    'packet-too-big accept',
    'net.ipv6.route.mtu_expires',
    'ip -6 route',
  ])
    expect(text).toContain(word);
});
