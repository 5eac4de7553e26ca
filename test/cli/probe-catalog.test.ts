/** `padzone probe --dnssec` through a stand-in that validates as it is told to. */
import type { Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { probe } from '../../src/cli/probe.ts';
import { readCaseFiles } from '../../src/zone/broken/case-file.ts';
import { type Outcome, rightOutcomes } from '../../src/zone/broken/outcome.ts';
import {
  AD,
  askedOf,
  qnameOf,
  RA,
  reply,
  resolver,
  run,
  servfail,
  servfailWithEde,
  standIn,
} from './stand-in.ts';

const CASES = await readCaseFiles('zones/broken');
const ABSENT: ReadonlySet<string> = new Set(
  CASES.filter(({ rcode }) => rcode === 'NXDOMAIN').map(({ label }) => label),
);
const RIGHT: ReadonlyMap<string, Outcome> = new Map(CASES.map((one) => [one.label, rightOutcomes(one)[0]!]));

interface Document {
  readonly differs: number;
  readonly cases: readonly Record<string, unknown>[];
}

/** A resolver for which each zone is what the rules say, but for some. */
function validator(
  differs: Readonly<Record<string, Outcome>> = {},
  asked: string[] = [],
  { onServfail = servfail, version }: { onServfail?: (query: Packet) => Buffer; version?: string } = {},
) {
  return resolver(version === undefined ? {} : { version }, (name, query) => {
    const [, label] = /\.([^.]+)\.broken$/.exec(name) ?? [];
    if (label === undefined) return undefined;
    asked.push(label);
    const outcome = differs[label] ?? RIGHT.get(label);
    if (outcome === 'servfail') return onServfail(query);
    const isAbsent = ABSENT.has(label) !== (outcome === 'other');
    return reply(query, {
      flags: RA | (outcome === 'secure' ? AD : 0) | (isAbsent ? 3 : 0),
      answers:
        isAbsent || query.questions?.[0]?.type !== 'A'
          ? []
          : [{ type: 'A', name: qnameOf(query), ttl: 3, data: '192.0.2.53' }],
    });
  });
}

async function runOn(address: string, options: Record<string, unknown> = {}) {
  return run(probe, [address], { dnssec: true, ...options });
}

const documentOf = (out: string) => JSON.parse(out) as Document;

describe('the catalog', () => {
  it('is asked whole, each zone once, those that fail on the way last, with DO', async () => {
    const asked: string[] = [];
    const { status, out } = await runOn(await standIn(validator({}, asked)), { json: true });
    expect([...asked].sort()).toEqual(CASES.map(({ label }) => label).sort());
    expect(asked.slice(-2).sort()).toEqual(['servfail-dnskey', 'tc-notcp']);
    expect(documentOf(out)).toMatchObject({ differs: 0 });
    expect(documentOf(out).cases).toHaveLength(CASES.length);
    expect(status).toBe(0);
  });

  it('is summed up where nothing differs', async () => {
    const { status, out } = await runOn(await standIn(validator()));
    expect(out).not.toContain('expected  found');
    expect(out).toMatch(/^group +zones +as expected +known +differs$/m);
    expect(out).toMatch(/^all +83 +83 +0 +0$/m);
    expect(out).toMatch(/\nNothing to do\.\n$/);
    expect(status).toBe(0);
  });

  it('shows what differs, with the Extended DNS Error', async () => {
    const answerer = validator({ 'rrsig-exp-a': 'insecure', alg13: 'servfail' }, [], {
      onServfail: servfailWithEde,
    });
    const { status, out } = await runOn(await standIn(answerer));
    expect(out).toMatch(/^rrsig-exp-a +www A +servfail +insecure +The signature over A has expired$/m);
    expect(out).toMatch(
      /^alg13 +www A +secure +servfail +Signed with ECDSAP256SHA256 \(13\) \(EDE 22 no reachable authority: no luck\)$/m,
    );
    expect(out).toMatch(/^all +83 +81 +0 +2$/m);
    expect(out).toContain('lets forged data pass');
    expect(status).toBe(1);
  });

  it('calls what was measured in some software known, and no fault', async () => {
    const { status, out } = await runOn(await standIn(validator({ 'dnskey-ksk-nozonebit': 'secure' })));
    expect(out).toMatch(
      /^dnskey-ksk-nozonebit +www A +servfail +secure, known of BIND +The flags of the KSK are 1/m,
    );
    expect(out).toMatch(/^dnskey +8 +7 +1 +0$/m);
    expect(status).toBe(0);
  });

  it('says so where the control is not secure, and blames nothing else', async () => {
    const all = Object.fromEntries(CASES.map(({ label }) => [label, 'insecure' as const]));
    const { status, out } = await runOn(await standIn(validator(all)));
    expect(out).toContain(
      'Already the sound zone www.good.broken.probe.example is not secure (insecure): the resolver does not',
    );
    expect(out).not.toContain('lets forged data pass');
    expect(out).not.toContain('rrsig-exp-a');
    expect(status).toBe(1);
  });

  it.each([
    { denial: 'NXDOMAIN', rcode: 3 },
    { denial: 'an empty answer', rcode: 0 },
  ])('says so where the servers have no such zones, by $denial', async ({ rcode }) => {
    const answerer = resolver({}, (name, query) =>
      name.endsWith('.broken') ? reply(query, { flags: RA | AD | rcode }) : undefined,
    );
    const { out } = await runOn(await standIn(answerer));
    expect(out).not.toContain('lets forged data pass');
    expect(out).not.toContain('rrsig-exp-a');
    expect(out).toContain(
      'www.good.broken.probe.example is not there: the servers of probe.example do not serve these zones.',
    );
  });

  it('names the software, and each field for programs', async () => {
    const { out } = await runOn(await standIn(validator({}, [], { version: 'unbound 1.17.1' })), {
      json: true,
    });
    const { cases, ...document } = documentOf(out);
    expect(document).toMatchObject({ version: 'unbound 1.17.1', origin: 'probe.example' });
    expect(cases.find((one) => one['case'] === 'nsec-bad')).toEqual({
      case: 'nsec-bad',
      group: 'nsec',
      summary: 'NODATA, and the signature over NSEC is altered',
      name: 'www.nsec-bad.broken.probe.example',
      type: 'TXT',
      expect: 'bogus',
      accepts: ['servfail'],
      status: 'SERVFAIL',
      ad: false,
      outcome: 'servfail',
      verdict: 'expected',
      known_of: [],
      errors: [],
      failure: null,
      elapsed_ms: expect.any(Number),
    });
  });

  it('is not asked of a resolver that does not answer at all', async () => {
    const answerer = resolver({}, (asked, query) =>
      asked === 'me' ? reply(query, { flags: RA | 5 }) : undefined,
    );
    const { status, out } = await runOn(await standIn(answerer));
    expect(out).toContain('refuses this host or does not serve probe.example');
    expect(status).toBe(2);
  });
});

it('is asked with names below the zones', async () => {
  const names: string[] = [];
  const answerer = resolver({}, (asked, query) => {
    if (asked.endsWith('.broken')) names.push(qnameOf(query));
    return askedOf(query).endsWith('.broken') ? reply(query, { flags: RA | AD }) : undefined;
  });
  await runOn(await standIn(answerer));
  for (const name of names)
    expect(name).toMatch(/^(www|www\.sub|nosuch)\.[a-z0-9-]+\.broken\.probe\.example$/);
});
