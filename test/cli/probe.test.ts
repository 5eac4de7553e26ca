/** `padzone probe` through a stand-in for a resolver: what people and programs read, and the exit status. */
import { readFileSync } from 'node:fs';
import type { Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { receiptText } from '../../src/behaviors/receipt-text.ts';
import { PEER_CHECKS, RESOLVER_CHECKS } from '../../src/cli/probe/checks/table.ts';
import { probe } from '../../src/cli/probe.ts';
import {
  AD,
  askedOf,
  CD,
  check,
  type Manner,
  ORIGIN,
  qnameOf,
  RA,
  reply,
  resolver,
  run,
  runJson,
  SOURCE,
  servfail,
  servfailWithEde,
  standIn,
  type Transport,
  test,
  tickingClock,
  txt,
} from './stand-in.ts';

const VIEW = 'ns1 saw 4096 octets received over UDP in 3 fragments, last 2026-11-24T15:00:01Z';

const probeOf = async (manner: Manner, options: Record<string, unknown> = {}) =>
  runJson(probe, [await standIn(resolver(manner))], options);

describe('a resolver without faults', () => {
  it('is told that nothing is to do, in a table that a person reads', async () => {
    const { status, out } = await run(probe, [await standIn(resolver({ version: 'unbound 1.17.1' }))]);
    const stable = out.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:53').replace(/run n[0-7][0-9a-v]{9}/, 'run n…');
    expect(stable).toMatchSnapshot();
    expect(status).toBe(0);
  });

  it('is asked each trial under one run id, with RD, EDNS 4096 and DO', async () => {
    const queries: Packet[] = [];
    const answer = resolver();
    const address = await standIn((query, transport, octets) => {
      queries.push(query);
      return answer(query, transport, octets);
    });
    const { document } = await runJson(probe, [address], { sizes: '512,1232' });
    for (const query of queries) {
      expect(query.flags).toBe(askedOf(query) === 's1232.bogus' && query.flags !== 0x100 ? 0x110 : 0x100);
      expect(query.additionals?.[0]).toMatchObject({ type: 'OPT', udpPayloadSize: 4096, flag_do: true });
    }
    const trials = queries.map(qnameOf).filter((name) => name.startsWith('s'));
    expect(document.run).toMatch(/^n[0-7][0-9a-v]{9}$/);
    expect(trials.filter((name) => !name.includes(document.run))).toEqual([]);
    expect(new Set(trials).size).toBe(trials.length);
    expect((await runJson(probe, [address], { sizes: '512' })).document.run).not.toBe(document.run);
  });

  it('is asked for a small answer over TCP before the first size that needs TCP: a long one that stalls may hold it up', async () => {
    const { document } = await probeOf({ offers: 1232 });
    const asked = document.tests.map(({ asked: id }) => id).filter((id) => /^s\d+(-tc)?$/.test(id));
    expect(asked).toEqual(['s512', 's1232', 's512-tc', 's1472', 's2048', 's4096', 's4096-tc']);
    const wide = await probeOf({});
    const askedThen = wide.document.tests.map(({ asked: id }) => id).filter((id) => /^s\d+(-tc)?$/.test(id));
    expect(askedThen).toEqual(['s512', 's1232', 's1472', 's2048', 's4096', 's512-tc', 's4096-tc']);
  });

  it('is asked for the sizes once each, the smallest first', async () => {
    const { document } = await probeOf({}, { sizes: '4096,512,512,1232' });
    expect(document.sizes.map(({ size }) => size)).toEqual([512, 1232, 4096]);
  });

  it('offers what it offers: larger answers come over TCP, and that is well', async () => {
    const { status, document } = await probeOf({ offers: 1232 });
    expect(document.sizes.map(({ how }) => how)).toEqual(['whole', 'whole', 'tcp', 'tcp', 'tcp']);
    expect(document.sizes.every(({ recovery }) => recovery === 'none')).toBe(true);
    expect(document.advice).toEqual(['Nothing to do.']);
    expect(status).toBe(0);
  });

  it('may forward without AD: then somebody validates', async () => {
    const forwarder = resolver();
    const address = await standIn(async (query, transport, octets) => {
      const answer = await forwarder(query, transport, octets);
      answer?.writeUInt8(answer.readUInt8(3) & ~AD, 3);
      return answer;
    });
    const { status, document } = await runJson(probe, [address], { sizes: '512' });
    expect(check(document, 'DNSSEC')).toMatchObject({ state: 'unknown' });
    expect(check(document, 'DNSSEC')?.text).toContain('a forwarder may take it out');
    expect(status).toBe(0);
  });

  it('is named by its version, where it says one', async () => {
    expect((await probeOf({ version: 'PowerDNS Recursor 4.8.8' })).document.version).toBe(
      'PowerDNS Recursor 4.8.8',
    );
    expect((await probeOf({})).document.version).toBeNull();
  });
});

describe('a path that loses large answers over UDP', () => {
  it('is named with the setting of the software, though the resolver recovers', async () => {
    const { status, document } = await probeOf({ path: 1472, version: 'unbound 1.17.1' });
    expect(document.sizes.map(({ recovery }) => recovery)).toEqual([
      'none',
      'none',
      'none',
      'doubtful',
      'doubtful',
    ]);
    expect(document.advice).toEqual([
      expect.stringMatching(
        /^Answers of 2048, 4096 octets came over TCP although .* They leave in fragments: .*1232 \(edns-buffer-size in Unbound\)/,
      ),
    ]);
    expect(status).toBe(1);
  });

  it('names all four settings where the software is not known', async () => {
    const { document } = await probeOf({ path: 1232 });
    const [advice = ''] = document.advice;
    for (const setting of ['edns-buffer-size', 'edns-udp-size', 'net.bufsize', 'edns-outgoing-bufsize'])
      expect(advice).toContain(setting);
  });

  it('is known to lose them where the servers say that they sent them over UDP in vain', async () => {
    const views = ['ns1 sent 4096 octets over UDP 2 times, no receipt so far, last 2026-11-24T15:00:01Z'];
    const { document } = await probeOf({ path: 1472, views }, { sizes: '512,4096' });
    expect(document.sizes[1]?.recovery).toBe('lost');
    expect(document.advice[0]).toMatch(
      /^Answers of 4096 octets over UDP get lost on the way to 192\.0\.2\.1;/,
    );
  });

  it('is known to lose them where the answer came much later than one that was sent over TCP at once', async () => {
    const now = tickingClock();
    const address = await standIn(
      resolver({ path: 1472 }, (asked) => {
        for (let waited = 0; asked === 's4096' && waited < 400; waited++) now();
        return undefined;
      }),
    );
    const { document } = await runJson(probe, [address], {}, { now });
    expect(document.sizes.slice(3)).toMatchObject([
      { size: 2048, recovery: 'doubtful', late: false },
      { size: 4096, recovery: 'lost', late: true },
    ]);
  });

  it('is not known to by what a server sent another day', async () => {
    const views = ['ns1 sent 4096 octets over UDP once, no receipt so far, last 2026-11-23T15:00:01Z'];
    const { document } = await probeOf({ path: 1472, views }, { sizes: '512,4096' });
    expect(document.sizes[1]?.recovery).toBe('doubtful');
  });

  it('is shown where nothing comes at all, with the Extended DNS Error', async () => {
    const address = await standIn(
      resolver({}, (asked, query) => (/^s4096/.test(asked) ? servfailWithEde(query) : undefined)),
    );
    const { status, out } = await run(probe, [address]);
    expect(out).toMatch(
      /^4096 +NOTHING: answered SERVFAIL \(EDE 22 no reachable authority: no luck\) +- +- +- +\d+$/m,
    );
    expect(out).toMatch(/Answers of 4096 octets over UDP do not reach 192\.0\.2\.1, .* finds no other way/);
    expect(status).toBe(1);
  });

  it('is told of each size as the table shows it, where some came over TCP and some did not come', async () => {
    const address = await standIn(
      resolver({ path: 1232 }, (asked, query) => (asked === 's1472' ? servfailWithEde(query) : undefined)),
    );
    const { document } = await runJson(probe, [address]);
    expect(document.sizes.map(({ how }) => how)).toEqual(['whole', 'whole', 'nothing', 'tcp', 'tcp']);
    expect(document.advice[0]).toMatch(
      /^Answers of 1472, 2048, 4096 octets over UDP do not reach 192\.0\.2\.1: those of 2048, 4096 came another way after that, those of 1472 did not come \(answered SERVFAIL /,
    );
  });

  it('is not blamed on size where a larger answer came over UDP', async () => {
    const address = await standIn(
      resolver({}, (asked, query) => (asked === 's1472' ? servfailWithEde(query) : undefined)),
    );
    const { document } = await runJson(probe, [address]);
    expect(document.advice[0]).toContain('2048 octets did arrive over UDP, so size alone is not the cause');
  });

  it('is told apart from a resolver that gives up: then the small answer at the end fails too', async () => {
    let gaveUp = false;
    const address = await standIn(
      resolver({}, (asked, query) => {
        gaveUp ||= asked === 's4096';
        return gaveUp && asked !== '' ? servfailWithEde(query) : undefined;
      }),
    );
    const { document } = await runJson(probe, [address]);
    expect(check(document, 'control')).toMatchObject({ state: 'problem' });
    expect(check(document, 'TCP')).toMatchObject({ state: 'unknown' });
    expect(document.advice.join(' ')).toContain('may not have failed for its size');
  });
});

describe('TCP', () => {
  it('is the one to blame where TC=1 brings nothing, however small', async () => {
    const { status, document } = await probeOf({ offers: 1232, hasTcp: false });
    expect(document.sizes.map(({ how }) => how)).toEqual(['whole', 'whole', 'nothing', 'nothing', 'nothing']);
    expect(document.advice).toEqual([expect.stringMatching(/^TCP fails: allow TCP .* from 192\.0\.2\.1/)]);
    expect(test(document, 's4096-tc')).toBeUndefined();
    expect(status).toBe(1);
  });

  it('is told apart from long answers that stall on it', async () => {
    const address = await standIn(
      resolver({}, (asked, query) => (asked === 's4096-tc' ? servfailWithEde(query) : undefined)),
    );
    const { document } = await runJson(probe, [address]);
    expect(check(document, 'TCP')?.text).toMatch(/^512 octets came over TCP, 4096 did not/);
    expect(document.advice).toEqual([expect.stringContaining('clamp the MSS')]);
  });
});

describe('DNSSEC', () => {
  it.each([
    { validates: true, state: 'good', text: /^validates: AD for probe\.example, SERVFAIL for the spoiled/ },
    { validates: false, state: 'unknown', text: /^does not validate/ },
  ])('validates: $validates', async ({ validates, state, text }) => {
    const { status, document } = await probeOf({ validates });
    expect(check(document, 'DNSSEC')).toMatchObject({ state, text: expect.stringMatching(text) });
    expect(status).toBe(0);
  });

  it('is not judged where the spoiled zone fails without validation too', async () => {
    const { document } = await probeOf({ lacks: ['bogus'] });
    expect(check(document, 'DNSSEC')?.text).toContain('fails with CD=1 as well');
  });

  it.each([
    { denial: 'NXDOMAIN', rcode: 3 },
    { denial: 'an empty answer, as to who wants signatures', rcode: 0 },
  ])('is not spoken of where the server has no such zone, and says so by $denial', async ({ rcode }) => {
    const address = await standIn(
      resolver({}, (asked, query) =>
        /\.(bogus|v4|v6)$|^(trial|mldsa44)/.test(asked)
          ? reply(query, { flags: RA | AD | rcode })
          : undefined,
      ),
    );
    const { status, document } = await runJson(probe, [address]);
    for (const name of ['DNSSEC', 'anchor', 'root', 'IPv4', 'IPv6', 'ML-DSA'])
      expect(check(document, name), name).toBeUndefined();
    expect(test(document, 's1232.bogus +cd')).toBeUndefined();
    expect(document.advice).toEqual(['Nothing to do.']);
    expect(status).toBe(0);
  });
});

describe('the trust anchor', () => {
  const [NEW, OLD] = [38_696, 20_326];

  it.each([
    {
      manner: { trusts: [NEW, OLD] },
      state: 'good',
      text: /^READY for .* trusts the key; 20326 \(KSK-2017\) as well$/,
    },
    { manner: { trusts: [NEW] }, state: 'good', text: /^READY for .* and trusts the key$/ },
    { manner: { trusts: [OLD] }, state: 'problem', text: /^NOT_READY for the root key 38696 / },
    {
      manner: { trusts: [] },
      state: 'unknown',
      text: /^OTHER_ROOT: it validates probe\.example and trusts neither 38696 .* nor 20326 .*, so by an anchor for that/,
    },
    { manner: {}, state: 'unknown', text: /^UNKNOWN for .* this tells nothing about its keys$/ },
    { manner: { validates: false }, state: 'unknown', text: /^NOT_VALIDATING for / },
    { manner: { lacks: ['bogus'], validates: false }, state: 'unknown', text: /^UNKNOWN for / },
  ])('of $manner', async ({ manner, state, text }) => {
    const { status, document } = await probeOf(manner);
    expect(check(document, 'anchor')).toMatchObject({ state, text: expect.stringMatching(text) });
    expect(status).toBe(state === 'problem' ? 1 : 0);
  });

  it('is to be brought up to date now, in the way of the software, since the old key no longer signs', async () => {
    const { document } = await probeOf({ trusts: [OLD], version: 'unbound 1.17.1' });
    expect(document.advice).toEqual([
      expect.stringMatching(
        /^The resolver trusts the root key 20326 .* and not 38696 .*, which signs the root alone since 2026-10-11, and yet it resolves probe\.example: .* If it is to resolve names of the Internet, add the key now, in Unbound by [^;]+\. RFC 5011 does not bring it/,
      ),
    ]);
    const [anybody = ''] = (await probeOf({ trusts: [OLD] })).document.advice;
    for (const way of ['unbound-anchor', 'rndc managed-keys', 'root.keys']) expect(anybody).toContain(way);
  });

  it('of a PowerDNS Recursor cannot be had from outside: it is told where to look, and what to add', async () => {
    const { status, document } = await probeOf({ version: 'PowerDNS Recursor 4.8.8' });
    expect(check(document, 'anchor')).toMatchObject({
      state: 'unknown',
      text: 'UNKNOWN for the root key 38696 (KSK-2024): it validates; PowerDNS Recursor has no sentinels, and so does not tell',
    });
    const ds = '38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16';
    expect(document.advice).toEqual([
      expect.stringMatching(/^Look with `rec_control get-tas` whether .* 5\.2 and later bring it\. /),
    ]);
    expect(document.advice[0]).toContain(`rec_control add-ta . '${ds}'`);
    expect(document.advice[0]).toContain(`addTA('.', '${ds}')`);
    expect(status).toBe(0);
  });

  it('is missing at one of several where all names of sentinels fail and others do not', async () => {
    const address = await standIn(
      resolver({ version: 'unbound 1.17.1' }, (asked, query) =>
        asked.startsWith('root-key-') ? servfail(query) : undefined,
      ),
    );
    const { status, document } = await runJson(probe, [address]);
    expect(check(document, 'anchor')).toMatchObject({
      state: 'unknown',
      text: expect.stringMatching(/^MIXED for the root key 38696 .*: all three names failed/),
    });
    expect(document.advice).toEqual([
      expect.stringMatching(/ask each by itself, .*: in Unbound see the file of auto-trust-anchor-file /),
    ]);
    expect(status).toBe(0);
  });

  it('is told to the servers by names that stand in the answers, the run closed by that of live', async () => {
    const asked: string[] = [];
    const address = await standIn(
      resolver({ trusts: [OLD] }, (_, query) => {
        asked.push(qnameOf(query));
        return undefined;
      }),
    );
    const { document } = await runJson(probe, [address]);
    const proofs = asked.filter((name) => /^v0+\./.test(name) && !name.includes('.trial-'));
    const at = (name: string) =>
      expect.stringMatching(new RegExp(`^v0+\\.${name}[-.]${document.run}\\.${ORIGIN}$`));
    expect(
      document.tests.filter(({ asked: id, problem }) => id.endsWith(' proof') && problem !== null),
    ).toEqual([]);
    expect(proofs).toEqual(
      [`root-key-sentinel-not-ta-${NEW}`, `root-key-sentinel-is-ta-${OLD}`, 'live'].map(at),
    );
  });

  it('is not spoken of where the server has no such names', async () => {
    const address = await standIn(
      resolver({}, (asked, query) =>
        asked.startsWith('root-key-') ? reply(query, { flags: RA | 3 }) : undefined,
      ),
    );
    expect(check((await runJson(probe, [address])).document, 'anchor')).toBeUndefined();
  });
});

describe("the root's keys", () => {
  it.each([
    { manner: {}, state: 'good', text: /^a DNSKEY answer of 1425 octets, .* arrives and validates$/ },
    {
      manner: { keys: 1232 },
      state: 'problem',
      text: /^a DNSKEY answer of 1139 octets arrives, one of 1425 does not \(answered SERVFAIL\)$/,
    },
    {
      manner: { keys: 512 },
      state: 'unknown',
      text: /^cannot tell: answered SERVFAIL with 1139 octets already$/,
    },
    {
      manner: { validates: false },
      state: 'unknown',
      text: /^it does not validate, so it needs none of the keys/,
    },
  ])('of $manner', async ({ manner, state, text }) => {
    const { status, document } = await probeOf(manner);
    expect(check(document, 'root')).toMatchObject({ state, text: expect.stringMatching(text) });
    expect(status).toBe(state === 'problem' ? 1 : 0);
    expect(document.advice.some((advice) => advice.includes('TCP to port 53 out'))).toBe(state === 'problem');
  });

  it.each(['s512-tc', 's4096-tc'])('wait for TCP to be mended, where %s fails', async (failing) => {
    const answer = resolver({}, (asked, query) =>
      asked === failing || asked === 'trial-k20270111' ? servfail(query) : undefined,
    );
    const { advice } = (await runJson(probe, [await standIn(answer)])).document;
    expect(advice[1]).toMatch(/^From 2027-01-11 .* every name would fail\. So mend TCP by then\.$/);
    expect(advice[0]).toMatch(failing === 's512-tc' ? /^TCP fails/ : /^TCP connects/);
  });

  it('are not spoken of where the server has no replicas', async () => {
    const address = await standIn(
      resolver({}, (asked, query) =>
        asked.startsWith('trial-') ? reply(query, { flags: RA | 3 }) : undefined,
      ),
    );
    expect(check((await runJson(probe, [address])).document, 'root')).toBeUndefined();
  });

  it('of a post-quantum root: what they weigh, or that they did not come, which is no fault', async () => {
    expect(check((await probeOf({})).document, 'ML-DSA')).toMatchObject({
      state: 'good',
      text: expect.stringMatching(/ML-DSA-44, 1\d\d\d octets, came over UDP/),
    });
    const address = await standIn(
      resolver({}, (asked, query) => (asked.startsWith('mldsa44') ? servfail(query) : undefined)),
    );
    const { status, document } = await runJson(probe, [address]);
    expect(check(document, 'ML-DSA')).toMatchObject({
      state: 'unknown',
      text: expect.stringContaining('SERVFAIL'),
    });
    expect(document.advice[0]).toContain('ML-DSA could not be tested');
    expect(status).toBe(0);
    const stalling = await standIn(
      resolver({}, (asked, query) =>
        asked.startsWith('mldsa44') || asked === 's4096-tc' ? servfail(query) : undefined,
      ),
    );
    const { advice } = (await runJson(probe, [stalling])).document;
    expect(advice.join()).toContain('TCP connects, and long answers stall');
    expect(advice.join()).not.toContain('ML-DSA');
  });
});

describe('IP versions', () => {
  it('says where the resolver does not reach servers over IPv6, and calls it no fault', async () => {
    const { status, document } = await probeOf({ lacks: ['v6'] });
    expect(check(document, 'IPv6')).toMatchObject({
      state: 'unknown',
      text: expect.stringMatching(/^servers that have IPv6 only are out of reach \(answered SERVFAIL\)/),
    });
    expect(check(document, 'IPv4')).toMatchObject({ state: 'good' });
    expect(status).toBe(0);
  });

  it('says why long answers may get lost over IPv4 alone: they leave in larger packets', async () => {
    const address = await standIn(
      resolver({}, (asked, query) => (asked === 's4096.v4' ? servfailWithEde(query) : undefined)),
    );
    const { document } = await runJson(probe, [address]);
    expect(document.advice).toEqual([
      expect.stringMatching(/lost over IPv4 alone, where they leave in packets of up to 1500 octets/),
    ]);
  });

  it('finds what gets lost over IPv6 alone', async () => {
    const address = await standIn(
      resolver({}, (asked, query) => (asked === 's4096.v6' ? servfailWithEde(query) : undefined)),
    );
    const { status, document } = await runJson(probe, [address]);
    expect(check(document, 'IPv6')).toMatchObject({ state: 'problem' });
    expect(document.advice).toEqual([expect.stringContaining('lost over IPv6 alone')]);
    expect(status).toBe(1);
  });
});

describe('what could not be tested', () => {
  it('is named at the end, and is no fault of the resolver', async () => {
    const { status, document } = await probeOf({ lacks: ['v4', 'v6', 'bogus'] });
    expect(document.advice).toEqual([
      expect.stringMatching(
        /^Nothing to do about what was tested\. But DNSSEC, IPv4, IPv6 could not be tested, for the zones below probe\.example /,
      ),
    ]);
    expect(status).toBe(0);
  });

  it('stands behind what is to be done', async () => {
    const { document } = await probeOf({ lacks: ['v4', 'v6'], path: 1232 });
    expect(document.advice).toEqual([
      expect.stringMatching(/^Answers of /),
      expect.stringMatching(/^Besides, IPv4, IPv6 could not be tested, /),
    ]);
  });
});

describe('EDNS', () => {
  it.each([
    { offers: 512, says: 'The resolver offers 512 octets, and less than 1220' },
    { offers: 0, says: 'reach the servers without EDNS' },
  ])('is a problem with $offers octets', async ({ offers, says }) => {
    const plain = (asked: string, query: Packet) =>
      offers === 0 && asked === 'me'
        ? reply(query, {
            flags: RA,
            answers: [
              txt(qnameOf(query), `${SOURCE} port 1 asked ns1 at 198.51.100.1 over UDP`),
              txt(qnameOf(query), 'no EDNS'),
            ],
          })
        : undefined;
    const { status, document } = await runJson(probe, [await standIn(resolver({ offers }, plain))]);
    expect(check(document, 'EDNS')).toMatchObject({ state: 'problem' });
    expect(document.advice.join(' ')).toContain(says);
    expect(status).toBe(1);
  });

  it('that does not reach the servers is the one cause where validation fails for it', async () => {
    const address = await standIn(
      resolver({ isStripped: true }, (_, query) =>
        ((query.flags ?? 0) & CD) === 0 ? servfail(query) : undefined,
      ),
    );
    const { status, document } = await runJson(probe, [address]);
    expect(check(document, 'me')?.text).toBe(
      'answered SERVFAIL; with CD=1 an answer came, to a query without EDNS, so no signature comes and validation fails',
    );
    expect(document.advice).toEqual([
      expect.stringMatching(/^Queries from 192\.0\.2\.1 reach the servers without EDNS: /),
    ]);
    expect(status).toBe(1);
  });

  it('that is taken out over UDP alone is the one problem: all that came is no loss', async () => {
    const { status, document } = await probeOf({ isStripped: true });
    expect(document.sizes.map(({ size, how, recovery, edns }) => [size, how, recovery, edns])).toEqual([
      [512, 'whole', 'none', null],
      ...[1232, 1472, 2048, 4096].map((size) => [size, 'tcp', 'none', 4096]),
    ]);
    expect(document.sizes.map(({ not_offered }) => not_offered)).toEqual([null, 512, 512, 512, 512]);
    expect(document.checks.filter(({ state }) => state === 'problem').map(({ name }) => name)).toEqual([
      'EDNS',
    ]);
    expect(document.advice).toEqual([
      expect.stringMatching(
        /^Something on the way from 192\.0\.2\.1 to the servers takes EDNS out of queries over UDP/,
      ),
    ]);
    expect(status).toBe(1);
    const { out } = await run(probe, [await standIn(resolver({ isStripped: true }))]);
    expect(out).not.toMatch(/LOSS|ALTHOUGH|lost/);
  });
});

describe('several name servers', () => {
  it('are asked until each has shown its view, and the views are merged by node', async () => {
    const { document } = await probeOf({ nodes: ['ns1', 'ns2', 'ns3'], views: [VIEW] }, { sizes: '512' });
    const met = document.tests.filter(({ asked }) => asked.startsWith('me '));
    expect(met.length).toBeGreaterThanOrEqual(3);
    expect(check(document, 'servers')).toMatchObject({ state: 'good' });
    expect(document.views).toEqual([
      expect.objectContaining({ node: 'ns1', source: SOURCE, octets: 4096, transport: 'udp', arrived: true }),
    ]);
  });

  it('that never answer are missed', async () => {
    const two = (query: Packet) =>
      reply(query, {
        flags: RA,
        answers: ['ns1', 'ns2'].map((data) => ({
          type: 'NS' as const,
          name: qnameOf(query),
          ttl: 60,
          data: `${data}.probe.example`,
        })),
      });
    const address = await standIn(resolver({}, (asked, query) => (asked === '' ? two(query) : undefined)));
    const { document } = await runJson(probe, [address], { sizes: '512' });
    expect(check(document, 'servers')).toMatchObject({ state: 'unknown' });
    expect(check(document, 'servers')?.text).toContain('of 2 name servers no other was asked');
  });
});

describe('servers that `me` did not meet', () => {
  const receipt = (sender: string, source = SOURCE, relation: 'own' | 'relayed' = 'own') =>
    receiptText(
      { asked: 512, sent: 512, at: 0, edns: 4096, transport: 'udp', fragments: 1 },
      relation,
      source,
      sender,
    );
  /** Two name servers, of which `me` meets the first. */
  const probeWith = async (text: string, at = 's512') => {
    const answer = (asked: string, query: Packet) => {
      const name = qnameOf(query);
      if (asked === at) return reply(query, { flags: RA | AD, answers: [txt(name, text)] });
      if (asked !== '' || query.questions?.[0]?.type !== 'NS') return undefined;
      const answers = ['ns1', 'ns2'].map((host) => ({
        type: 'NS' as const,
        name,
        ttl: 60,
        data: `${host}.${ORIGIN}`,
      }));
      return reply(query, { flags: RA, answers });
    };
    return run(probe, [await standIn(resolver({}, answer))], { sizes: '512' });
  };

  it.each([
    { sender: 'ns2', says: /^servers +ns1 \(198\.51\.100\.1\), ns2 answered$/m },
    { sender: 'node 2', says: /^servers +ns1 \(198\.51\.100\.1\), another one answered$/m },
    { sender: 'ns1', says: /^servers +ns1 \(.*\) answered; of 2 name servers no other was asked/m },
  ])('were asked where a receipt says so: $sender', async ({ sender, says }) => {
    expect((await probeWith(receipt(sender))).out).toMatch(says);
  });

  it('are none of the origin where they serve a zone below it', async () => {
    expect((await probeWith(receipt('ns2'), 's1232.v4')).out).toContain(
      'of 2 name servers no other was asked',
    );
  });

  it('may have had their answer received by another address than asked for the receipt', async () => {
    const { out } = await probeWith(receipt('ns2', '2001:db8::1', 'relayed'));
    expect(out).toMatch(/^ 512 +UDP, whole +4096 +another, relayed by 2001:db8::1 +ns2 /m);
    const { out: below } = await probeWith(receipt('ns2', '2001:db8::1', 'relayed'), 's1232.v6');
    expect(below).toMatch(/^IPv6 +512 octets over UDP to another, relayed by 2001:db8::1, /m);
  });
});

describe('the way between the resolver and this host', () => {
  const quiet = (of: Transport[]) =>
    resolver({}, (asked, _query, transport) =>
      asked === 's1232' && of.includes(transport) ? 'silence' : undefined,
    );
  const options = { sizes: '512,1232', timeout: '0.5' };

  it('is to blame where an answer comes over TCP after silence over UDP, and nothing was lost before', async () => {
    const { status, document } = await runJson(probe, [await standIn(quiet(['udp']))], options);
    expect(test(document, 's1232')).toMatchObject({ transport: 'tcp', problem: null });
    expect(check(document, 'client')).toMatchObject({ state: 'problem' });
    expect(document.advice).toEqual([expect.stringContaining('between the resolver and this host')]);
    expect(status).toBe(1);
  });

  it('is not, where nothing came at all: the resolver may still be at work', async () => {
    const { status, document } = await runJson(probe, [await standIn(quiet(['udp', 'tcp']))], options);
    expect(test(document, 's1232')).toMatchObject({ status: 'NO ANSWER', octets: null });
    expect(test(document, 'p2048')).toBeUndefined();
    expect(check(document, 'client')).toBeUndefined();
    expect(document.advice[0]).toMatch(/^Answers of 1232 octets .* limits DNS to 512 octets/);
    expect(status).toBe(1);
  });

  it('may lose the first datagram: a second one is sent', async () => {
    let dropped = false;
    const address = await standIn(
      resolver({}, (asked) => {
        if (dropped || asked !== 's512') return undefined;
        dropped = true;
        return 'silence';
      }),
    );
    const { status, document } = await runJson(probe, [address], { sizes: '512', timeout: '0.5' });
    expect(test(document, 's512')?.exchanges[0]?.udp).toBe('answered-second');
    expect(status).toBe(0);
  });

  it('may bring a reply with another id, which is ignored', async () => {
    const address = await standIn(
      resolver({}, (asked, query) =>
        asked === 's512' ? reply({ ...query, id: (query.id ?? 0) ^ 1 }, {}) : undefined,
      ),
    );
    const { document } = await runJson(probe, [address], { sizes: '512', timeout: '0.5' });
    expect(test(document, 's512')?.problem).toBe('nothing over UDP, and the answer over TCP cannot be read');
  });

  it('may bring control characters, which are written as digits', async () => {
    const { out } = await run(probe, [await standIn(resolver({ version: 'red \x1b[31m' }))], {
      sizes: '512',
    });
    expect(out).toContain('red \\027[31m');
    expect(out).not.toContain('\x1b');
  });
});

describe('docs/probe.md', () => {
  const page = readFileSync('docs/probe.md', 'utf8');

  it('explains each line of a report', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('| `'));
    const explained = lines.flatMap((line) => line.split('|')[1]?.match(/[\w-]+/g) ?? []);
    for (const { name } of [...RESOLVER_CHECKS, ...PEER_CHECKS]) expect(explained).toContain(name);
  });

  it('names each field of the document', async () => {
    const { document } = await probeOf({ views: [VIEW] });
    const members = [document, document.sizes[0], document.checks[0], document.views[0], document.tests[0]];
    for (const field of members.flatMap((object) => Object.keys(object ?? {})))
      expect(page).toContain(`\`${field}\``);
  });
});
