/** The parts of the suite `roll` without a lab: what files of resolvers say, how they are made older, how a roll is judged. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabResolver } from '../../lab/contract.ts';
import { ANCHOR_FILE, bindStore, knotStore, unboundStore } from '../../lab/roll/anchor-store.ts';
import { type Found, judgeBlocked, judgeRoll } from '../../lab/roll/judge.ts';
import { PARTICIPANTS } from '../../lab/roll/participants.ts';
import type { Rehearsal } from '../../lab/roll/rehearsal.ts';
import type { Told } from '../../lab/roll/told.ts';
import type { Sight } from '../../lab/roll/watch.ts';
import type { RollClass } from '../../src/observe/key-roll/roll-class.ts';
import { findProfile, PROFILES } from '../../src/zone/roll/profile.ts';

const DAY = 86_400;

describe('anchors in the files of a resolver', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'padzone-anchors-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const resolver = (stdout = ''): LabResolver => ({
    address: '',
    sources: [],
    folder,
    ask: () => Promise.reject(new Error('not asked')),
    dig: () => Promise.reject(new Error('not asked')),
    run: async () => ({ code: 0, stdout, stderr: '' }),
    restart: async () => undefined,
    close: async () => undefined,
  });

  it('Unbound', async () => {
    const key = (tag: number, state: string, at: number) =>
      `z. 2 IN DNSKEY 257 3 13 AAAA ;{id = ${tag} (ksk), size = 256b} ;;state=2 [${state}] ;;count=0 ;;lastchange=${at} ;;Sat Nov 28\n`;
    write(
      ANCHOR_FILE,
      `;;id: z. 1\n;;last_queried: 2000000 ;;Mon\n;;query_interval: 1\n${key(7, '  VALID  ', 1_900_000)}${key(65_535, ' ADDPEND ', 2_000_000)}`,
    );
    expect(await unboundStore.read(resolver())).toEqual({ 7: 'VALID', 65535: 'ADDPEND' });
    unboundStore.age(folder, DAY);
    expect(read(ANCHOR_FILE)).toContain(';;last_queried: 1913600 ;;Mon\n;;query_interval: 1\n');
    expect(read(ANCHOR_FILE)).toContain('lastchange=1813600 ');
  });

  it('Knot Resolver', async () => {
    write(
      ANCHOR_FILE,
      'z. 2 DNSKEY 257 3 13 AAAA ; Valid: ; KeyTag:7\nz. 2 DNSKEY 257 3 13 BBBB ; AddPend:2000000 ; KeyTag:9\n',
    );
    expect(await knotStore.read(resolver())).toEqual({ 7: 'VALID', 9: 'ADDPEND' });
    knotStore.age(folder, DAY);
    expect(read(ANCHOR_FILE)).toContain('; Valid: ; KeyTag:7\n');
    expect(read(ANCHOR_FILE)).toContain('; AddPend:1913600 ; KeyTag:9\n');
  });

  it('BIND', async () => {
    const said = `view: _default\n    name: z\n    keyid: 7\n\talgorithm: ECDSAP256SHA256\n\tflags: SEP\n\tnext refresh: Sat\n\ttrusted since: Sat
    keyid: 9\n\talgorithm: ECDSAP256SHA256\n\tflags: SEP\n\tnext refresh: Sat\n\ttrust pending: Mon\n`;
    expect(await bindStore.read(resolver(said))).toEqual({ 7: 'VALID', 9: 'ADDPEND' });
    write(
      'managed-keys.bind',
      'z KEYDATA 20261129010000 20261128000000 19700101000000 257 3 13 ( 20261128 )\n',
    );
    write('managed-keys.bind.jnl', 'older');
    bindStore.age(folder, 30 * DAY);
    expect(read('managed-keys.bind')).toBe(
      'z KEYDATA 20261030010000 20261029000000 19700101000000 257 3 13 ( 20261128 )\n',
    );
    expect(() => read('managed-keys.bind.jnl')).toThrow('ENOENT');
  });
});

const rehearsal: Rehearsal = {
  zone: 'fast.roll.probe.lab',
  profile: findProfile('fast')!,
  startAt: 0,
  anchor: { zone: 'fast.roll.probe.lab.', ds: ['7', '13', '2', 'ab'], dnskey: '' },
};
const sight = (more: Partial<Sight>): Sight => ({
  at: 1,
  phase: 'init',
  status: 'NOERROR',
  ad: true,
  states: { 7: 'VALID' },
  ...more,
});
const done = { 135: 'REVOKED', 9: 'VALID' };
const told = { newKey: 9, old: -1, both: 17, fresh: 38, fetches: { udp: 1, tcp: 0 }, signals: [] };

const PENDING: Readonly<Record<string, RollClass>> = {
  powerdns: 'UNKNOWN',
  'unbound-permissive': 'UNKNOWN',
  'unbound-open': 'NOT_VALIDATING',
};

const untold = { ...told, old: undefined, both: undefined, fresh: undefined };
const pended = (verdict: RollClass, by: Told = { ...told, both: undefined, fresh: undefined }) => ({
  verdict,
  told: by,
});

describe('judging', () => {
  function judge(
    name: string,
    more: Partial<Found>,
    sights: readonly Sight[],
    states = {},
    control = 'SERVFAIL',
  ) {
    const participant = PARTICIPANTS.find((one) => one.name === name)!;
    const watched = { sights, controls: [{ status: control }], states };
    const right = {
      told,
      verdict: 'FOLLOWS',
      pending: pended(PENDING[name] ?? 'HOLDS'),
      sentence: '',
    } as const;
    return judgeRoll({ participant, watched, ...right, ...more }, rehearsal);
  }

  it('a follower is right that never lost AD and ends with the new key alone', () => {
    const { faults, doneAt } = judge(
      'unbound',
      {},
      [sight({}), sight({ at: 38, phase: 'revoked', states: done })],
      done,
    );
    expect({ faults, doneAt }).toEqual({ faults: [], doneAt: 38 });
  });

  it.each([
    [{ status: 'SERVFAIL', ad: false }, 'unbound: SERVFAIL at 40 s (revoked), want NOERROR with AD'],
    [{ ad: false }, 'unbound: NOERROR at 40 s (revoked), want NOERROR with AD'],
    [
      { status: 'SERVFAIL', ad: false, phase: undefined },
      'unbound: SERVFAIL at 40 s (between phases), want NOERROR with AD',
    ],
  ])('a follower that lost its users in between: %j', (more, fault) => {
    const sights = [
      sight({ at: 39, states: done }),
      sight({ at: 40, phase: 'revoked', states: done, ...more }),
    ];
    expect(judge('unbound', {}, sights, done).faults).toEqual([fault]);
  });

  it('a start without AD is none of the roll, where AD comes before it', () => {
    const cold = sight({ status: 'SERVFAIL', ad: false, at: -4 });
    const end = sight({ at: 38, phase: 'revoked', states: done });
    expect(judge('knot', {}, [cold, sight({}), end], done).faults).toEqual([]);
    expect(judge('knot', {}, [cold, sight({ phase: 'prepub' }), end], done).faults).toHaveLength(1);
  });

  it('no reply in time proves nothing', () => {
    const sights = [sight({ at: 38, states: done }), sight({ status: 'TIMEOUT', ad: false, states: done })];
    expect(judge('unbound', {}, sights, done).faults).toEqual([]);
  });

  it('a follower that is late, or never done', () => {
    expect(judge('knot', {}, [sight({ at: 61, states: done })], done).faults).toEqual([
      'knot: done after 61 s, want 60',
    ]);
    expect(judge('knot', {}, [sight({})], { 7: 'VALID', 9: 'ADDPEND' }).faults).toEqual([
      'knot: at the end its anchors are 7 VALID, 9 ADDPEND: the new key is not the only one',
    ]);
  });

  it('a static anchor serves until the roll, and has to fail then', () => {
    const verdict = 'STATIC_ANCHOR' as const;
    const gone = sight({ phase: 'rolled', status: 'SERVFAIL', ad: false, at: 30 });
    expect(judge('bind-static', { verdict }, [sight({}), gone]).faults).toEqual([]);
    expect(judge('bind-static', { verdict }, [sight({ phase: 'rolled' })]).faults).toHaveLength(1);
    expect(
      judge('bind-static', { verdict }, [sight({ phase: undefined }), { ...gone, phase: undefined }]).faults,
    ).toEqual([]);
  });

  it('the verdict has to be that of its manner, of PowerDNS that of its software', () => {
    const sights = [sight({})];
    expect(judge('bind-static', {}, sights).faults).toEqual([
      'bind-static: the report says FOLLOWS, want STATIC_ANCHOR',
    ]);
    expect(judge('powerdns', { verdict: 'NO_TELEMETRY' }, sights).faults).toEqual([]);
    expect(judge('powerdns', { verdict: undefined }, sights).faults).toHaveLength(1);
  });

  const knotEnd = [sight({ at: 38, states: done })];

  it.each([
    ['of the old key alone', { old: -1 }],
    ['of both keys alone', { both: 17 }],
    ['of the new key alone', { fresh: 38 }],
  ])('Knot Resolver that told %s is unknown, and nobody else', (_, only) => {
    const less = { told: { ...untold, ...only }, verdict: 'UNKNOWN' } as const;
    expect(judge('knot', less, knotEnd, done).faults).toEqual([]);
    expect(judge('knot', { verdict: 'UNKNOWN' }, knotEnd, done).faults).toHaveLength(1);
    expect(judge('knot', { ...less, verdict: 'FOLLOWS' }, knotEnd, done).faults).toHaveLength(1);
    expect(judge('unbound', less, knotEnd, done).faults).toHaveLength(1);
  });

  it('Knot Resolver that has told nothing by the hold-down is unknown then, and nobody else', () => {
    const silent = (verdict: RollClass) => ({ pending: pended(verdict, untold) });
    expect(judge('knot', silent('UNKNOWN'), knotEnd, done).faults).toEqual([]);
    expect(judge('knot', silent('HOLDS'), knotEnd, done).faults).toHaveLength(1);
    expect(judge('knot', { pending: pended('UNKNOWN') }, knotEnd, done).faults).toHaveLength(1);
    expect(judge('unbound', silent('UNKNOWN'), knotEnd, done).faults).toHaveLength(1);
  });

  it('in the hold-down whoever has an anchor has to be seen to hold, and nobody else', () => {
    const sights = [sight({})];
    const verdict = 'STATIC_ANCHOR' as const;
    expect(judge('bind-static', { verdict, pending: pended('FOLLOWS') }, sights).faults).toEqual([
      'bind-static: in the hold-down the report said FOLLOWS, want HOLDS',
    ]);
    expect(
      judge('powerdns', { verdict: 'NO_TELEMETRY', pending: pended('HOLDS') }, sights).faults,
    ).toHaveLength(1);
  });

  it('who hands on what does not validate loses AD with the roll, and nothing else', () => {
    const verdict = 'FAILS_OPEN' as const;
    const lax = (after: Partial<Sight>) =>
      judge(
        'unbound-permissive',
        { verdict },
        [sight({}), sight({ phase: 'rolled', ...after })],
        {},
        'NOERROR',
      ).faults;
    expect(lax({ ad: false })).toEqual([]);
    expect(lax({})).toHaveLength(1);
    expect(lax({ status: 'SERVFAIL', ad: false })).toHaveLength(1);
  });

  it('a control that validates is a fault, but where nobody validates', () => {
    const verdict = 'NOT_VALIDATING' as const;
    expect(judge('unbound-open', { verdict }, [sight({ ad: false })], {}, 'NOERROR').faults).toEqual([]);
    expect(judge('unbound', {}, [sight({ states: done })], done, 'NOERROR').faults).toEqual([
      'unbound: the bogus control gave NOERROR',
    ]);
  });
});

describe('judging where the keys of the revocation do not arrive', () => {
  const blocked = (verdict: Found['verdict'], ...sights: Sight[]) => {
    const watched = { sights, controls: [], states: {} };
    const participant = PARTICIPANTS[0]!;
    return judgeBlocked({ participant, watched, told, verdict, pending: pended('UNKNOWN'), sentence: '' })
      .faults;
  };
  const lost = sight({ at: 120, phase: 'revoked', status: 'TIMEOUT', ad: false });

  it('right are answers until then, none after, and the verdict that says why', () => {
    expect(blocked('TRANSPORT_FAILED', sight({}), sight({ phase: 'rolled' }), lost)).toEqual([]);
  });

  it.each([
    ['FOLLOWS', lost, 'unbound: the report says FOLLOWS, want TRANSPORT_FAILED'],
    [
      'TRANSPORT_FAILED',
      sight({ at: 120, phase: 'revoked' }),
      'unbound: an answer at 120 s, when the keys could not arrive',
    ],
    [
      'TRANSPORT_FAILED',
      sight({ at: 80, phase: 'rolled', status: 'SERVFAIL', ad: false }),
      'unbound: SERVFAIL at 80 s (rolled), want NOERROR with AD',
    ],
  ] as const)('%s after %j', (verdict, last, fault) => {
    expect(blocked(verdict, sight({}), last)).toEqual([fault]);
  });
});

describe('participants', () => {
  it.each(PARTICIPANTS)(
    '$name: settings for every pace name the anchor, where it has one',
    ({ manner, add }) => {
      const anchor = {
        zone: 'z.roll.',
        ds: ['7', '13', '2', 'ab'],
        dnskey: 'z.roll. IN DNSKEY 257 3 13 AAAA',
      } as const;
      for (const { pace } of PROFILES) {
        const { lines, files } = add(anchor, pace)('/folder', { ipv4: '192.0.2.1', ipv6: '2001:db8::1' });
        const named = [lines, ...Object.values(files ?? {})].some((text) => text.includes('z.roll.'));
        expect(named).toBe(manner !== 'lacks' && manner !== 'open');
      }
    },
  );
});
