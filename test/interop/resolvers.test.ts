/** padzone behind five real resolvers: what users read through them, and what the server then says of each. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../src/observe/report.ts';
import type { DigResult } from '../support/dig.ts';
import { delv } from '../support/dig.ts';
import { testFolder } from '../support/folder.ts';
import { type Namespace, namespaceProblem, openNamespace } from '../support/namespace.ts';
import { ADDRESSES, ORIGIN, type Padzone, startPadzone } from '../support/padzone.ts';
import { programProblem, skipFor } from '../support/processes.ts';
import { startRoot } from '../support/root-zone.ts';
import { type Aftermath, citesProof, readAftermath } from './aftermath.ts';
import { inquire, newRun, type Question, SETUPS, type Setup, setupProblem, startSetup } from './inquiry.ts';
import { formatShown, type Shown, show } from './show.ts';

const problems = SETUPS.map(setupProblem);
const problem =
  namespaceProblem() ??
  programProblem('dig', 'delv', 'nsd') ??
  (problems.includes(undefined) ? undefined : problems[0]);
const directory = testFolder('resolvers');
const kept: Shown[] = [];
let namespace: Namespace;
let padzone: Padzone;

/** BIND and PowerDNS follow no more than 11 or 12 CNAMEs; the server promises 8. */
const MOST_LINKS = 8;

beforeAll(async () => {
  if (problem !== undefined) return;
  namespace = await openNamespace();
  padzone = await startPadzone(namespace, directory);
  await startRoot(namespace, directory, { [`${ORIGIN}.`]: ADDRESSES.parent });
  for (const setup of SETUPS.filter((each) => setupProblem(each) === undefined))
    await startSetup(namespace, directory, setup, padzone.anchor);
});

afterAll(async () => {
  await namespace?.close();
});

function texts({ answer }: DigResult): string[] {
  return answer.filter(({ type }) => type === 'TXT').map(({ rdata }) => rdata.replace(/^"|"$/g, ''));
}

function links({ answer }: DigResult): number {
  return answer.filter(({ type }) => type === 'CNAME').length;
}

/** The receipt that a resolver must bring: over UDP where it offers enough, else over TCP. */
function receipt({ source, offered }: Setup, size: number, isTruncated = false): RegExp {
  const how = size <= offered && !isTruncated ? `UDP (EDNS ${offered}, one packet)` : `TCP (EDNS ${offered})`;
  const words = `${source} received ${size} octets over ${how} `.replace(/[.()]/g, '\\$&');
  return new RegExp(`^${words}\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ ns1$`);
}

function outcome(result: DigResult): { status: string; ad: boolean } {
  return { status: result.status, ad: result.flags.has('ad') };
}

/** `optional`: validators may lack the algorithm; the zone is insecure then (RFC 4035 §5.2). */
const CHILDREN = [
  ...['a8', 'a13', 'a14', 'a15', 'v4'].map((zone) => ({ zone, security: 'signed' as const })),
  { zone: 'a16', security: 'optional' as const },
  { zone: 'unsigned', security: 'none' as const },
];

const SECURE = { status: 'NOERROR', ad: true };
const INSECURE = { status: 'NOERROR', ad: false };
const BOGUS = { status: 'SERVFAIL', ad: false };

describe.each(SETUPS)('$who', (setup) => {
  const ask = (label: string, more: Omit<Question, 'label'> = {}) =>
    inquire(namespace, setup, { label, ...more }, kept);
  const reason = problem ?? setupProblem(setup);

  it('reads the receipt of each size, over UDP where the EDNS size allows it, else over TCP', async ({
    skip,
  }) => {
    skipFor(reason, skip);
    for (const [label, size, isTruncated] of [
      ['s1232', 1232, false],
      ['s4096', 4096, false],
      ['s4096-tc', 4096, true],
    ] as const) {
      const result = await ask(label);
      expect(outcome(result), result.raw).toEqual(SECURE);
      expect(texts(result)).toEqual([expect.stringMatching(receipt(setup, size, isTruncated))]);
      expect(links(result)).toBeLessThanOrEqual(MOST_LINKS);
    }
  });

  it.for(['A', 'AAAA', 'HTTPS'])(
    'follows the same names for %s to a proven NODATA',
    async (type, { skip }) => {
      skipFor(reason, skip);
      const result = await ask(`s1232-${newRun()}`, { type });
      expect(outcome(result), result.raw).toEqual(SECURE);
      expect(result.answer.every((record) => record.type === 'CNAME')).toBe(true);
      expect(links(result)).toBeGreaterThan(0);
    },
  );

  it('may be asked for many types of one name in a row', async ({ skip }) => {
    skipFor(reason, skip);
    const label = `s1232-${newRun()}`;
    for (const type of ['A', 'AAAA', 'MX', 'HTTPS']) await ask(label, { type });
    const result = await ask(label);
    expect(texts(result), result.raw).toEqual([expect.stringMatching(receipt(setup, 1232))]);
  });

  it('climbs rs as far as its EDNS size allows and reads the sentences of OARC', async ({ skip }) => {
    skipFor(reason, skip);
    const result = await ask('rs');
    expect(outcome(result), result.raw).toEqual(SECURE);
    expect(texts(result).sort()).toEqual([
      `${setup.source} DNS reply size limit is at least ${setup.offered} bytes`,
      `${setup.source} sent EDNS buffer size ${setup.offered}`,
      expect.stringMatching(/^Over UDP \d+ octets came in one packet(; never offered: 1472, 2048, 4096)?\.$/),
      expect.stringMatching(/^Tested at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    ]);
    expect(links(result)).toBeLessThanOrEqual(MOST_LINKS);
  });

  it('reads about itself at me', async ({ skip }) => {
    skipFor(reason, skip);
    const result = await ask('me');
    expect(outcome(result), result.raw).toEqual(SECURE);
    const lines = texts(result).join('\n');
    expect(lines).toMatch(`${setup.source} port `);
    expect(lines).toMatch(`EDNS payload size ${setup.offered}, DO=1`);
    expect(lines).toMatch(/ns1 saw 4096 octets received over (UDP|TCP)/);
  });

  it.for(CHILDREN)('reads the receipt in the child zone $zone', async ({ zone, security }, { skip }) => {
    skipFor(reason, skip);
    const result = await ask(`s1232.${zone}`);
    expect(texts(result), result.raw).toEqual([expect.stringMatching(receipt(setup, 1232))]);
    if (security === 'optional' && !result.flags.has('ad'))
      process.stderr.write(`${setup.who} does not know the algorithm of ${zone}: insecure\n`);
    else expect(outcome(result)).toEqual(security === 'none' ? INSECURE : SECURE);
  });

  it.for([
    { what: 'an unknown name', label: 'nosuch' },
    { what: 'a wildcard', label: '*' },
    { what: 'an unknown name of a child', label: 'nosuch.a13' },
    { what: 'an option that no test has', label: 's1232-nosuch' },
    { what: 'a type that a name lacks', label: 'me', type: 'MX' },
  ])('proves the absence of $what', async ({ label, type = 'TXT' }, { skip }) => {
    skipFor(reason, skip);
    const result = await ask(label, { type });
    // Compact denial is NOERROR for all who do not set CO (RFC 9824 §5.1).
    expect(['NOERROR', 'NXDOMAIN'], result.raw).toContain(result.status);
    expect(result).toMatchObject({ answer: [] });
    expect(result.flags).toContain('ad');
  });

  it.for([{ zone: 'bogus' }, { zone: 'expired' }])(
    'refuses what the zone $zone says, unless checking is off',
    async ({ zone }, { skip }) => {
      skipFor(reason, skip);
      const refused = await ask(`s1232-${newRun()}.${zone}`);
      expect(outcome(refused), refused.raw).toEqual(BOGUS);
      const unchecked = await ask(`s1232-${newRun()}.${zone}`, { args: ['+cdflag'] });
      expect(outcome(unchecked), unchecked.raw).toEqual(INSECURE);
      expect(texts(unchecked)).toEqual([expect.stringMatching(receipt(setup, 1232))]);
    },
  );
});

describe.each(SETUPS.filter(({ ednsSize }) => ednsSize !== undefined))('the hostile zone, $who', (setup) => {
  const ask = (option: string, args: readonly string[] = []) =>
    inquire(namespace, setup, { label: `s1232-${option}-${newRun()}.x`, args }, kept);
  const reason = problem ?? setupProblem(setup);

  it.for(['badsig', 'expired', 'nosig'])('is refused with %s', async (option, { skip }) => {
    skipFor(reason, skip);
    const result = await ask(option);
    expect(result.status, result.raw).toBe('SERVFAIL');
  });

  it('is waited for with d300', async ({ skip }) => {
    skipFor(reason, skip);
    const began = performance.now();
    const result = await ask('d300');
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(outcome(result), result.raw).toEqual(SECURE);
    expect(texts(result)).toEqual([expect.stringMatching(/ received 1232 octets over (UDP|TCP) /)]);
  });

  // The last of the zone: from here on its server counts as dead.
  it('is read over TCP or not at all with noudp', async ({ skip }) => {
    skipFor(reason, skip);
    const result = await ask('noudp', ['+timeout=3']);
    if (result.status === 'NOERROR')
      expect(texts(result)).toEqual([expect.stringMatching(/ received 1232 octets over TCP /)]);
    else expect(['SERVFAIL', 'TIMEOUT'], result.raw).toContain(result.status);
  });
});

it('is validated by delv itself, through Unbound, and the unsigned and the bogus zone are not', async ({
  skip,
}) => {
  const [setup] = SETUPS;
  skipFor(problem ?? (setup && setupProblem(setup)), skip);
  const validate = async (label: string) => {
    const name = `${label}.${ORIGIN}`;
    return delv(namespace, { server: setup?.listen ?? '', name, type: 'TXT', anchors: [padzone.anchor] });
  };
  for (const label of ['s1232', 's1232.a8', 's1232.a13', 'rs', 'nosuch']) {
    const { validated, raw } = await validate(label);
    expect(validated, raw).toBe(label !== 'nosuch');
    if (label === 'nosuch') expect(raw).toContain('negative response, fully validated');
  }
  for (const label of ['s1232.unsigned', 's1232.bogus'])
    expect((await validate(label)).validated).toBe(false);
});

describe('padzone report, afterwards,', () => {
  const SPOILED = ['bogus', 'expired', 'x'].map((zone) => `${zone}.${ORIGIN}.`);
  const NOTHING_TO_DO = 'Nothing to change: all that was decided arrived, up to 4096 octets.';
  let after: Aftermath;

  beforeAll(async () => {
    if (problem !== undefined) return;
    after = await readAftermath(padzone);
    const text = await padzone.run('report');
    show(() => `${formatShown(kept)}\n${text}`);
  });

  it.for(SETUPS)('says of $who what its users read', ({ source, offered, ...setup }, { skip }) => {
    skipFor(problem ?? setupProblem({ source, offered, ...setup }), skip);
    const row = (size: number, options = '') =>
      after.rows.find((each) => each.source === source && each.size === size && each.options === options);
    // What a validator asks in search of a zone cut is no trial.
    expect(row(0)).toBeUndefined();
    expect(row(1232)).toMatchObject({ ability: 'CAN', offered, fragments: 0, tcp: 0, failed: 0 });
    expect(row(4096, 'tc')).toMatchObject({ offered, whole: 0, tcp: 1, failed: 0 });
    expect(row(4096)).toMatchObject(
      offered >= 4096
        ? { ability: 'CAN', offered, whole: 1, tcp: 0, failed: 0 }
        : { ability: 'NEVER_OFFERED', offered, whole: 0, tcp: 1, failed: 0 },
    );
    const advice = after.advice.filter((each) => each.source === source);
    expect(advice).toEqual([{ source, urgent: false, text: NOTHING_TO_DO }]);
  });

  it('says of every measured answer of a sound zone that it was delivered, and nothing of the others', ({
    skip,
  }) => {
    skipFor(problem, skip);
    // On a busy machine a resolver may ask an opening name twice, and follow one of the small answers.
    const measured = new Set(
      after.observations.filter(({ step }) => step === 'measured').map(({ run }) => run),
    );
    for (const { zone, run, class: name, outcome: said, sentence } of after.verdicts) {
      if (SPOILED.includes(zone)) expect({ zone, name }, sentence).toEqual({ zone, name: 'EXCLUDED' });
      else if (measured.has(run)) expect({ zone, said }, sentence).toEqual({ zone, said: 'delivered' });
    }
  });

  it('says so a minute later too, when silence counts', ({ skip }) => {
    skipFor(problem, skip);
    const { sources } = buildReport(after.observations, Date.now() + 120_000);
    for (const { advice } of sources) expect(advice).toEqual([{ isUrgent: false, text: NOTHING_TO_DO }]);
  });

  it('never says delivered without a receipt or a cookie that came back', ({ skip }) => {
    skipFor(problem, skip);
    const delivered = after.verdicts.filter(({ via }) => via !== null);
    expect(delivered.length).toBeGreaterThan(0);
    expect(delivered.filter((verdict) => !citesProof(verdict, after.observations))).toEqual([]);
  });

  it('has no answer that was truncated but for its size, or for strangers who ask me', ({ skip }) => {
    skipFor(problem, skip);
    const truncated = after.observations.filter(
      ({ tc, step, behavior }) => tc && step !== 'measured' && behavior !== 'me',
    );
    expect(truncated.map(({ src, qname, qtype }) => `${src} ${qname} ${qtype}`)).toEqual([]);
  });
});
