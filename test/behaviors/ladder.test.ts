/** The ladder `rs`: the largest size that came through, in OARC's words, with no state on the server. */
import { beforeEach, expect, it } from 'vitest';
import { aliasOf, makeTestResponder, type TestResponder, texts } from '../support/responder.ts';

let on: TestResponder;
beforeEach(async () => {
  on = await makeTestResponder();
});

/** A resolver on a path with a round-trip time, that loses answers above a size and asks again after a while. */
function resolve(largest: number, edns: number | undefined, retryMs: number, rttMs: number) {
  const question = edns === undefined ? {} : { udpPayloadSize: edns, dnssecOk: true };
  let name = 'rs.probe.test';
  const sizes: number[] = [];
  for (let queries = 0; queries < 20; queries++) {
    const answer = on.ask({ name, ...question });
    if (answer.octets!.length > largest) {
      on.clock.now += retryMs;
      continue;
    }
    sizes.push(answer.octets!.length);
    on.clock.now += rttMs;
    const next = aliasOf(answer);
    if (next === undefined)
      return {
        sizes: sizes.slice(1, -1),
        lines: texts(answer),
        chain: sizes.length - 1,
        proven: answer.facts!.proven,
      };
    name = next;
  }
  throw new Error('no end');
}

it.each([
  {
    edns: 4096,
    sizes: [1232, 1472, 2048, 4096],
    ours: 'Over UDP 1472 octets came in one packet, 4096 octets came in 3 fragments.',
  },
  {
    edns: 2000,
    sizes: [1232, 1472],
    ours: 'Over UDP 1472 octets came in one packet; never offered: 2048, 4096.',
  },
  {
    edns: 1232,
    sizes: [1232],
    ours: 'Over UDP 1232 octets came in one packet; never offered: 1472, 2048, 4096.',
  },
  {
    edns: 512,
    sizes: [],
    ours: 'Over UDP nothing above 512 octets is proven; never offered: 1232, 1472, 2048, 4096.',
  },
])('climbs as far as EDNS $edns allows', ({ edns, sizes, ours }) => {
  const found = resolve(65_535, edns, 0, 20);
  const most = sizes.at(-1) ?? 512;
  expect(found).toMatchObject({ sizes, proven: sizes.at(-1) ?? 0 });
  expect(found.lines).toEqual([
    `192.0.2.7 sent EDNS buffer size ${edns}`,
    `192.0.2.7 DNS reply size limit is at least ${most} bytes`,
    expect.stringMatching(/^Tested at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    ours,
  ]);
  expect(found.chain).toBeLessThanOrEqual(8);
});

it('says so where there is no EDNS', () => {
  expect(resolve(65_535, undefined, 0, 20).lines[0]).toBe('192.0.2.7 lacks EDNS, defaults to 512');
});

it.each([
  { largest: 1500, rttMs: 10, retryMs: 800, limit: 1472 },
  { largest: 1300, rttMs: 10, retryMs: 300, limit: 1232 },
  { largest: 3000, rttMs: 180, retryMs: 800, limit: 2048 },
  { largest: 600, rttMs: 10, retryMs: 400, limit: 512 },
  { largest: 600, rttMs: 600, retryMs: 2000, limit: 512 },
])(
  'ends at the last step that came through when a larger one is lost (at most $largest, RTT $rttMs ms)',
  ({ largest, rttMs, retryMs, limit }) => {
    const { lines } = resolve(largest, 4096, retryMs, rttMs);
    expect(lines[1]).toBe(`192.0.2.7 DNS reply size limit is at least ${limit} bytes`);
    expect(lines[3]).toMatch(
      / octets got lost, came late, or were asked of a server that is down: asked again after \d+ ms with EDNS size 4096\.$/,
    );
  },
);

it('does not take a slow path for a loss: a second type asked within four round trips is no retry', () => {
  on.ask({ name: 'rs.probe.test', udpPayloadSize: 4096 });
  const first = aliasOf(on.ask({ name: 'rs.probe.test', udpPayloadSize: 4096 }))!;
  on.clock.now += 150;
  const second = aliasOf(on.ask({ name: first, udpPayloadSize: 4096 }))!;
  on.clock.now += 400;
  expect(on.ask({ name: second, type: 'A', udpPayloadSize: 4096 }).facts!.res_len).toBe(1472);
});

it('takes a smaller EDNS size for a loss, however soon it comes', () => {
  let name = 'rs.probe.test';
  for (let step = 0; step < 3; step++) {
    name = aliasOf(on.ask({ name, udpPayloadSize: 4096 }))!;
    on.clock.now += 20;
  }
  on.clock.now += 40;
  expect(texts(on.ask({ name, udpPayloadSize: 1472 }))).toEqual([
    '192.0.2.7 sent EDNS buffer size 1472',
    '192.0.2.7 DNS reply size limit is at least 1472 bytes',
    expect.stringMatching(/^Tested at /),
    'Over UDP 1472 octets came in one packet; 2048 octets got lost, came late, or were asked of a server that is down: asked again after 60 ms with EDNS size 1472.',
  ]);
});

it('ends over TCP', () => {
  const first = aliasOf(on.ask({ name: 'rs.probe.test', udpPayloadSize: 4096 }))!;
  const lines = texts(on.ask({ name: first, udpPayloadSize: 4096, transport: 'tcp' }));
  expect(lines[3]).toBe('Over UDP nothing above 512 octets is proven; then it asked over TCP.');
});

it('proves for the prefix that an answer was sent to, and for no other', () => {
  const victim = { source: '192.0.2.9', udpPayloadSize: 4096 };
  const attacker = { source: '198.51.100.1', udpPayloadSize: 4096 };
  const next = (name: string, from: object) => aliasOf(on.ask({ name, ...from }))!;
  // The attacker climbs by himself, and has the victim ask what he was sent.
  let name = next('rs.probe.test', attacker);
  for (let step = 0; step < 3; step++) name = next(name, attacker);
  const asked = on.ask({ name, ...victim });
  expect(asked.facts).toMatchObject({ proven: 0, step: 'gate', tc: false });
  expect(asked.octets!.length).toBeLessThan(512);
  // What the small answer says was not proven to the victim either; the step behind it is.
  const handed = on.ask({ name: aliasOf(asked)!, ...victim });
  expect(handed.facts).toMatchObject({ proven: 0, size: 4096, res_len: 4096 });
  const top = on.ask({ name: aliasOf(handed)!, ...victim });
  expect(top.facts!.proven).toBe(4096);
  // Whoever else asks the last name is told how far the others came; his rows say nothing of it.
  const stranger = on.ask({ name: aliasOf(handed)!, source: '203.0.113.1', udpPayloadSize: 4096 });
  expect(stranger.facts!.proven).toBe(0);
  expect(texts(stranger)[3]).toContain('at one or another of its addresses');
});

it('sends nothing large to more prefixes than a gate may have', () => {
  let name = aliasOf(on.ask({ name: 'rs.probe.test', udpPayloadSize: 4096 }))!;
  for (const source of ['198.51.100.1', '203.0.113.1'])
    name = aliasOf(on.ask({ name, source, udpPayloadSize: 4096 }))!;
  const tired = on.ask({ name, source: '100.64.0.1', udpPayloadSize: 4096 });
  expect(tired.facts).toMatchObject({ tc: true, excluded: 'gate' });
});

it('gets a resolver that changes its IP version on the way to an end', () => {
  const sources = ['192.0.2.9', '2001:db8::9'];
  let name: string | undefined = 'rs.probe.test';
  let queries = 0;
  let last: ReturnType<TestResponder['ask']>;
  while (name !== undefined && queries < 10) {
    last = on.ask({ name, udpPayloadSize: 4096, source: sources[queries++ % 2]! });
    name = aliasOf(last);
  }
  expect(name).toBeUndefined();
  expect(queries).toBeLessThanOrEqual(8);
  expect(texts(last!)[1]).toContain('DNS reply size limit is at least 4096 bytes');
});
