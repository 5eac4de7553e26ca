import { describe, expect, it } from 'vitest';
import { formatStory } from '../../src/export/explain.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { tellStory } from '../../src/observe/story.ts';
import { OTHER, SOURCE, START, story } from '../observe/rows.ts';

const LATER = START + 3_600_000;
const FLEET = { configured: 1, unread: 0, nodes: ['ns1'] };
const READ = { counters: { rows: 9, duplicates: 0, torn: 0 }, place: '/data/observations', fleet: FLEET };

/** The story of `SOURCE` as people read it. */
function explain(rows: readonly Observation[], now = LATER): string {
  const report = buildReport(rows, now, { source: SOURCE });
  const told = tellStory(SOURCE, rows, report);
  return told === undefined ? '' : formatStory({ story: told, ...READ });
}

/** What happened, line by line, without what follows from it. */
function eventsOf(rows: readonly Observation[]): string {
  const lines = explain(rows).split('\n');
  const [from, to] = ['+0.000 s', '  = '].map((mark) => lines.findIndex((line) => line.includes(mark)));
  return lines.slice(from, to).join('\n');
}

const NAME = 's4096.probe.example.';
const UNBOUND = { cd: true, edns_options: [], qtype: 1 };
const POWERDNS = { edns_options: [] };
const IPV6 = { src: OTHER, ip_version: 6, fragments: 4 } as const;
const ACKED = { tcp_acked: true, tcp_rtt_us: 45, tcp_mss: 1448, tcp_pmtu: 1500 };
const STALLED = { ...ACKED, tcp_acked: false };

describe('tells of one that', () => {
  it('is behind a filter of fragments and recovers (Unbound)', () => {
    const { gate, udp, tc, tcp, receipt } = story();
    const whole = tcp(0.099, 2, { ...UNBOUND, ...ACKED });
    const rows = [
      gate(0, { ...UNBOUND, qname: NAME, res_len: 226 }),
      udp(0.001, 1, UNBOUND),
      tc(0.098, { ...UNBOUND, edns_udp: 1472, res_len: 101 }),
      whole,
      receipt(0.11, whole, UNBOUND),
    ];
    expect(eventsOf(rows)).toMatchInlineSnapshot(`
      " +0.000 s  It asked for s4096.probe.example. A over UDP with EDNS 4096: the
                 small opening answer left, 226 octets.
       +0.001 s  It followed that over UDP with EDNS 4096: 4096 octets left in 3
                 fragments.
       +0.098 s  Nothing came back. It asked again over UDP, 97 ms later, with EDNS
                 1472 instead of 4096: TC=1 left, 101 octets, because 4096 do not fit
                 in what it offered.
       +0.099 s  It asked over TCP, 1 ms later: 4096 octets left, and TCP acknowledged
                 them all (round trip 0.045 ms, MSS 1448, path MTU 1500).
       +0.110 s  The receipt of the answer came back, 11 ms later: it arrived."
    `);
    expect(explain(rows)).toContain('\n  = UDP_OK_SMALLER (high confidence, rule udp-smaller): ');
  });

  it('is behind a filter of fragments and gives up (PowerDNS Recursor)', () => {
    const { gate, udp } = story();
    const rows = [
      gate(0, { ...POWERDNS, qname: NAME }),
      udp(0.001, 1, POWERDNS),
      gate(1.501, { ...POWERDNS, ...IPV6 }),
      udp(1.502, 2, { ...POWERDNS, ...IPV6 }),
      udp(3.01, 3, POWERDNS),
    ];
    expect(eventsOf(rows)).toMatchInlineSnapshot(`
      " +0.000 s  It asked for s4096.probe.example. TXT over UDP with EDNS 4096: the
                 small opening answer left, 120 octets.
       +0.001 s  It followed that over UDP with EDNS 4096: 4096 octets left in 3
                 fragments.
       +1.502 s  Nothing came back. 2001:db8::53 asked again over UDP, 1.5 s later:
                 4096 octets left in 4 fragments.
       +3.010 s  Nothing came back. It asked again over UDP, 1.5 s later: 4096 octets
                 left in 3 fragments.
      +63.010 s  Nothing more had come for a minute."
    `);
    expect(explain(rows)).toContain('\n  = LOSS_RETRY_FAIL (medium confidence, rule loss-retries): ');
  });

  it('cannot use TCP (BIND), with the middle of a long silence left out', () => {
    const { tc } = story();
    const manner = { cookie: 'valid', proof: 'cookie', res_len: 129 } as const;
    const rows = [0, 1.2, 2.4, 3.6, 4.8, 6, 7.2, 8.4].map((at) => tc(at, { ...manner, qname: NAME }));
    expect(eventsOf(rows)).toMatchInlineSnapshot(`
      " +0.000 s  It asked for s4096.probe.example. TXT over UDP with EDNS 1232 and a
                 valid cookie, so at once: TC=1 left, 129 octets, because 4096 do not
                 fit in what it offered.
       +1.200 s  No query came over TCP. It asked again over UDP, 1.2 s later: TC=1
                 left again.
       +2.400 s  No query came over TCP. It asked again over UDP, 1.2 s later: TC=1
                 left again.
       +3.600 s  No query came over TCP. It asked again over UDP, 1.2 s later: TC=1
                 left again.
       +4.800 s  No query came over TCP. It asked again over UDP, 1.2 s later: TC=1
                 left again.
       +6.000 s  So it went on until +7.200 s, with 2 more over UDP: nothing shows
                 that the answer arrived.
       +8.400 s  No query came over TCP. It asked again over UDP, 1.2 s later: TC=1
                 left again.
      +68.400 s  Nothing more had come for a minute."
    `);
    expect(explain(rows)).toContain('\n  = TC_NO_TCP ');
  });

  it('is behind a narrow link that does not say so, over UDP and TCP (Knot Resolver)', () => {
    const { gate, udp, tcp } = story({ size: 1400 });
    const whole = { cd: true, edns_options: [], fragments: 1 };
    const rows = [
      gate(0, { qname: 's1400.V6.probe.EXAMPLE.' }),
      udp(0.002, 1, whole),
      udp(0.024, 2, whole),
      tcp(0.066, 3, STALLED),
    ];
    expect(eventsOf(rows)).toMatchInlineSnapshot(`
      " +0.000 s  It asked for s1400.v6.probe.example. TXT over UDP with EDNS 4096: the
                 small opening answer left, 120 octets.
       +0.002 s  It followed that over UDP with EDNS 4096: 1400 octets left in one
                 packet.
       +0.024 s  Nothing came back. It asked again over UDP, 22 ms later: 1400 octets
                 left in one packet.
       +0.066 s  Nothing came back. It asked over TCP of its own accord, 42 ms later:
                 1400 octets left, and TCP never acknowledged them all (round trip
                 0.045 ms, MSS 1448, path MTU 1500).
      +60.066 s  Nothing more had come for a minute."
    `);
    expect(explain(rows)).toContain('\n  = LOSS_RETRY_FAIL (medium confidence, rule loss-tcp-stall): ');
  });

  it('is behind a narrow link that says so', () => {
    const { gate, udp, other } = story({ size: 1400 });
    const [first, second] = [1, 2].map((instance) =>
      udp(instance, instance, {
        ...IPV6,
        src_port: 5300 + instance,
        fragments: instance,
        path_mtu: instance === 1 ? null : 1280,
      }),
    ) as [Observation, Observation];
    const error = { src: OTHER, ip_version: 6, event: 'path', src_port: 5301 } as const;
    const tooBig = other(1.004, {
      ...error,
      icmp_type: 2,
      icmp_code: 0,
      icmp_mtu: 1280,
      icmp_from: '2001:db8::1',
    });
    const lateOne = other(2.5, { ...error, icmp_type: 1, icmp_code: 4, icmp_from: OTHER });
    expect(eventsOf([gate(0, { qname: NAME }), first, tooBig, second, lateOne])).toMatchInlineSnapshot(`
      " +0.000 s  It asked for s4096.probe.example. TXT over UDP with EDNS 4096: the
                 small opening answer left, 120 octets.
       +1.000 s  2001:db8::53 followed that over UDP with EDNS 4096: 1400 octets left
                 in one packet.
       +1.004 s  ICMP came from 2001:db8::1: packet too big, its MTU is 1280.
       +2.000 s  Nothing came back. 2001:db8::53 asked again over UDP, 1 s later: 1400
                 octets left in 2 fragments, for a path MTU of 1280 that this server
                 had learned.
       +2.500 s  ICMP came from 2001:db8::53: port unreachable, about what had left at
                 +1.000 s.
      +62.000 s  Nothing more had come for a minute."
    `);
  });
});

describe('says in the events', () => {
  it('that a cookie came back where no receipt did, and of which answer', () => {
    const { gate, udp } = story({ size: 1232 });
    const bind = { edns_options: [10], cookie: 'valid' } as const;
    const rows = [
      gate(0, { qname: NAME }),
      udp(0.1, 1, bind),
      udp(0.9, 2, bind),
      udp(1.7, 3, { ...bind, cookie_instance: 1 }),
    ];
    expect(eventsOf(rows)).toContain('The cookie of the answer that had left at +0.100 s came back');
  });

  it('that another address of the run brought the receipt', () => {
    const { gate, udp, receipt } = story();
    const sent = udp(0.1, 1);
    const rows = [
      gate(0),
      gate(0.05, { src: OTHER }),
      sent,
      receipt(0.2, sent, { src: OTHER, relation: 'relayed' }),
    ];
    expect(flat(eventsOf(rows))).toContain(
      `The receipt of the answer came back from ${OTHER}, another address of this run, 100 ms later: it arrived.`,
    );
  });

  it('what only a receipt tells of', () => {
    const { gate, udp, receipt } = story();
    const sent = udp(0.1, 1);
    expect(flat(eventsOf([gate(0), receipt(0.2, sent)]))).toContain(
      '+0.100 s 4096 octets left over UDP: only their receipt says so, ',
    );
  });

  it('that a receipt came from a stranger, or late', () => {
    const { gate, udp, receipt } = story();
    const sent = udp(0.1, 1);
    const strange = receipt(0.2, sent, { src: '192.0.2.99', relation: 'relayed' });
    const late = receipt(90, sent, { relation: 'replay' });
    expect(flat(eventsOf([gate(0), sent, strange]))).toContain(
      '+0.200 s A receipt of this trial came from 192.0.2.99, which is not known to belong to it.',
    );
    expect(flat(eventsOf([gate(0), sent, late]))).toContain(
      `+90.000 s A receipt came from ${SOURCE}, too late to say what it proves.`,
    );
  });

  it('that a connection ended before its query, by whose doing', () => {
    const { gate, tc, other } = story();
    const connection = { proto: 'tcp', qname: '', action: 'drop', req_len: 0 } as const;
    const rows = [
      gate(0),
      tc(0.1),
      other(0.2, connection),
      other(0.3, { ...connection, excluded: 'budget' }),
    ];
    expect(flat(eventsOf(rows))).toContain(
      `+0.200 s It opened a TCP connection, which ended before a query came over it. +0.300 s This server closed a TCP connection of ${SOURCE} at its own limits.`,
    );
  });

  it.each<{ changes: Partial<Observation>; says: string }>([
    {
      changes: { action: 'drop', excluded: 'fault', res_len: 0 },
      says: 'nothing left, with the fault that the name asks for.',
    },
    {
      changes: { action: 'refuse', excluded: 'budget' },
      says: 'REFUSED left, because this server was at its limits.',
    },
    { changes: { action: 'badcookie' }, says: 'BADCOOKIE left, which asks whether the address is real.' },
    { changes: { tc: true, options: 'tc' }, says: 'TC=1 left, 4096 octets, as the name asks.' },
    { changes: { tc: true, proof: 'none' }, says: 'because its address was not proven to be real.' },
    { changes: { size_miss: true, res_len: 4000 }, says: '4000 octets left instead of 4096 in 3 fragments.' },
    { changes: { arm: 'df', fragments: 1 }, says: '4096 octets left in one packet with DF.' },
    { changes: { edns_version: -1, edns_udp: 0, tc: true }, says: 'over UDP without EDNS: TC=1 left' },
    { changes: { proof: 'recent' }, says: 'from an address known to be real, so at once: ' },
    {
      changes: { proto: 'tcp', proof: 'tcp', tcp_acked: null },
      says: 'over TCP with EDNS 4096: 4096 octets left.',
    },
    {
      changes: { proto: 'tcp', proof: 'tcp', ...STALLED, syn_mss: 1220 },
      says: 'acknowledged them all (round trip 0.045 ms, MSS of its SYN 1220, MSS 1448, path MTU 1500).',
    },
  ])('$says', ({ changes, says }) => {
    expect(flat(eventsOf([story().udp(0, 1, changes)]))).toContain(says);
  });

  it('that it asked for another TYPE, or went back to UDP', () => {
    const { udp, tcp } = story();
    const rows = [udp(0, 1), udp(0.1, 2, { qtype: 28 }), tcp(1, 3, STALLED), tcp(5, 4, STALLED), udp(9, 5)];
    const events = flat(eventsOf(rows));
    expect(events).toContain('It asked for TYPE AAAA as well, 100 ms later: ');
    expect(events).toContain('Nothing came back. It asked over TCP again, 4 s later: ');
    expect(events).toContain('Nothing came back. It asked again over UDP, 4 s later: ');
  });

  it('every query for an opening name that nothing followed', () => {
    const { gate } = story();
    const rows = [
      gate(0, { qname: NAME }),
      gate(1),
      gate(2, { action: 'tc', tc: true, excluded: 'gate', res_len: 90 }),
    ];
    expect(eventsOf(rows)).toMatchInlineSnapshot(`
      " +0.000 s  It asked for s4096.probe.example. TXT over UDP with EDNS 4096: the
                 small opening answer left, 120 octets.
       +1.000 s  It asked for an opening name again over UDP with EDNS 4096: the small
                 opening answer left, 120 octets.
       +2.000 s  It asked for an opening name again over UDP with EDNS 4096: TC=1
                 left, 90 octets, because the trial was opened from too many networks."
    `);
  });

  it('of a flood of queries for opening names the first ones and the last, and how many lie between', () => {
    const { gate } = story();
    const rows = Array.from({ length: 50 }, (_, second) =>
      gate(second, { qname: NAME, tc: true, action: 'tc', excluded: 'gate', res_len: 90, seq: second }),
    );
    const lines = flat(eventsOf(rows)).match(/\+\d+\.000 s/g);
    expect(lines).toEqual([
      '+0.000 s',
      '+1.000 s',
      '+2.000 s',
      '+3.000 s',
      '+4.000 s',
      '+48.000 s',
      '+49.000 s',
    ]);
    expect(flat(eventsOf(rows))).toContain(
      'So it went on until +48.000 s, with 45 more queries for an opening name.',
    );
  });
});

it('tells the latest of trials that are alike, and counts the others', () => {
  const rows = [0, 60, 120].flatMap((at) => {
    const { gate, udp, receipt } = story({ size: 1232, run: `00000000000${at / 60}` });
    const sent = udp(at + 0.1, at + 1);
    return [gate(at, { seq: at }), { ...sent, seq: at + 1 }, { ...receipt(at + 0.2, sent), seq: at + 2 }];
  });
  const text = explain(rows);
  expect(text).toContain(`The story of ${SOURCE}: 3 trials, of those alike only the latest in full.`);
  expect(text.match(/ {2}= UDP_OK_WHOLE/g)).toHaveLength(1);
  expect(text).toContain('2026-11-23 15:02:00.000 UTC, 1232 octets, zone probe.example., run 000000000002');
  expect(text).toContain('  + 2 more of this size ended so before, since 2026-11-23 15:00:00 UTC.');
});

it('ends with what is known by size, what it seems to run, what to do, and how much was read', () => {
  const { gate, udp } = story();
  const bind = { edns_options: [10], cookie: 'valid' } as const;
  const rows = [gate(0, bind), udp(0.1, 1, bind), udp(0.9, 2, bind), udp(2.5, 3, bind)];
  const blocks = explain(rows).split('\n\n').slice(2);
  expect(blocks.map((block) => block.split('\n')[0])).toEqual([
    'What it can receive over UDP, by octets, and what is missing to decide:',
    'What else shows:',
    'What to do:',
    '9 rows read',
  ]);
  expect(blocks[0]).toMatch(/\n {2}4096 {2}open: no sign of arrival/);
  expect(flat(blocks[1] ?? '')).toContain('seems to be BIND It sends a COOKIE in every query');
  expect(flat(blocks[2] ?? '')).toContain('edns-udp-size 1232;');
});

it('fits a terminal of 80 columns', () => {
  const { gate, udp, tc, tcp } = story({ run: 'ffffffffffff' });
  const far = { src: '2001:db8:1234:5678:9abc:def0:1234:5678', ip_version: 6 } as const;
  const rows = [
    gate(0, { qname: `s4096-tc-df-ttl60-n01kbslnclh.v6.${'a'.repeat(20)}.example.` }),
    udp(0.1, 1, { arm: 'df', options: 'df-tc' }),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => tc(at, { ...far, options: 'df-tc', arm: 'df' })),
    tcp(100, 2, { ...STALLED, options: 'df-tc', arm: 'df' }),
  ];
  const widths = explain(rows)
    .split('\n')
    .map((line) => line.length);
  expect(widths.length).toBeGreaterThan(20);
  expect(Math.max(...widths)).toBeLessThanOrEqual(80);
});

it('tells the same whatever order the rows come in', () => {
  const { gate, udp, tc, tcp, receipt } = story();
  const whole = tcp(0.099, 2, ACKED);
  const rows = [gate(0), udp(0.001, 1), tc(0.098), whole, receipt(0.11, whole), story({ run: '' }).udp(9, 7)];
  const numbered = rows.map((row, seq) => ({ ...row, seq }));
  expect(explain(numbered.toReversed())).toBe(explain(numbered));
});

/** One line, whatever the wrapping. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}
