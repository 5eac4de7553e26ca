/** `padzone roll`: what it prints with the secret at hand, what without, and what it refuses. */
import dns from 'node:dns';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RECIPES } from '../../src/cli/roll/recipes/table.ts';
import { testFolder } from '../support/folder.ts';
import { makeTestResponder, TEST_SETTINGS } from '../support/responder.ts';
import { padzone } from './run-program.ts';
import { RA, reply, standIn } from './stand-in.ts';

const FOLDER = testFolder('cli-roll');
const NOW = Date.UTC(2026, 10, 28, 22, 5);
const PARENT = 'roll.probe.test.';
const ZONES = join(FOLDER, 'zones');
const BARE = ['--origin', 'probe.test', '--zones-dir', ZONES, '--keys-dir', join(FOLDER, 'none')];
const SECRET = ['--secret', Buffer.from(TEST_SETTINGS.secret).toString('hex')];

beforeAll(() => {
  mkdirSync(ZONES, { recursive: true });
  copyFileSync('zones/roll.toml', join(ZONES, 'roll.toml'));
  writeFileSync(join(ZONES, 'origin.toml'), 'label = ""\nsummary = "origin"\nalgorithm = 15\n');
});

const roll = (args: string[], now = NOW) =>
  padzone(['roll', args[0]!, ...BARE, ...SECRET, ...args.slice(1)], undefined, {}, now);
/** As somebody runs it who has no secret. */
const bare = (args: string[], now = NOW) =>
  padzone(['roll', args[0]!, ...BARE, ...args.slice(1)], undefined, {}, now);
const lineOf = (out: string, key: string) =>
  out
    .split('\n')
    .find((line) => line.startsWith(`${key}: `))!
    .slice(key.length + 2);
const anchorIn = (out: string) => lineOf(out, 'anchor (old key)');
const MADE = 'made with the secret of the settings';
const notes = (...texts: string[]) => texts.map((text) => `note: ${text}\n`).join('');

/** The address of a server with that secret, whose clock stands. */
async function server(at = NOW): Promise<string> {
  const { respond, clock } = await makeTestResponder({ zonesDir: ZONES });
  clock.now = at;
  return standIn((_query, transport, octets) => {
    const answer = respond(octets, { transport: transport === 'udp' ? 'udp' : 'tcp' }).octets;
    return answer && Buffer.from(answer);
  });
}

describe('roll anchor', () => {
  it('mints a zone that starts in ten minutes, and says what to paste and how to go on', async () => {
    const { status, out, err } = await roll(['anchor']);
    expect({ status, err }).toEqual({
      status: 0,
      err: notes(MADE, 'it starts in ten minutes; --start chooses another time'),
    });
    const zone = lineOf(out, 'zone');
    expect(zone).toMatch(/^fast-20261128221500-a13-[0-9a-v]{8}\.roll\.probe\.test\.$/);
    expect(lineOf(out, 'start')).toMatch(/^2026-11-28T22:15:00Z, prepub 2026-11-28T22:15:08Z, /);
    expect(anchorIn(out)).toMatch(new RegExp(`^${zone} IN DNSKEY 257 3 13 [A-Za-z0-9+/=]{88}$`));
    expect(out).toMatch(/ IN DS \d+ 13 2 [0-9A-F]{64}\n/);
    expect(lineOf(out, 'go on')).toBe(`padzone roll status ${zone} (or ask TXT status.${zone})`);
    expect(out).toContain(`padzone roll anchor ${zone} --for unbound|bind|kresd|pdns\n`);
  });

  it('takes profile, algorithm and start', async () => {
    const start = ['--start', '2027-03-01T12:00:00Z'];
    const { out, err } = await roll(['anchor', '--profile', 'standard', '--algorithm', '15', ...start]);
    expect(err).toBe(
      notes(
        MADE,
        'have the resolver running with it before 2027-03-01T12:00:20Z, when the new key is published',
      ),
    );
    expect(lineOf(out, 'zone')).toMatch(/^standard-20270301120000-a15-/);
    expect(lineOf((await roll(['anchor', '--profile', 'calendar'])).out, 'zone')).toBe(
      `2026-11-30.${PARENT}`,
    );
    expect(lineOf((await roll(['anchor', '--profile', 'hour'])).out, 'zone')).toBe(`hour.${PARENT}`);
  });

  it('says the same of a zone by its name, in any case, with or without the rest of it', async () => {
    const { out } = await roll(['anchor']);
    const zone = lineOf(out, 'zone');
    for (const typed of [zone, zone.slice(0, -1), zone.toUpperCase(), zone.split('.')[0]!])
      expect(anchorIn((await roll(['anchor', typed])).out)).toBe(anchorIn(out));
  });

  it('names the key that signs once the roll is over, and says so', async () => {
    const zone = lineOf((await roll(['anchor'])).out, 'zone');
    const [before, after] = [await roll(['anchor', zone]), await roll(['anchor', zone], NOW + 660_000)];
    expect(lineOf(after.out, 'phase')).toMatch(/^removed /);
    expect(lineOf(after.out, 'anchor (new key)')).not.toBe(anchorIn(before.out));
    expect([before.err, after.err]).toEqual([
      notes(
        MADE,
        'have the resolver running with it before 2026-11-28T22:15:08Z, when the new key is published',
      ),
      notes(MADE, 'this roll is at "removed": its key change is over; take a fresh zone to follow one'),
    ]);
  });

  it.each([
    [
      '22:04:35Z',
      'too late for this roll: a resolver must see the new key for 10 s before it signs alone, at 2026-11-28T22:04:59Z; take a fresh zone',
    ],
    ['22:04:20Z', 'this roll is at "revoked": its key change is over; take a fresh zone to follow one'],
  ])('says of a fresh zone whose start is past that it is no use: %s', async (start, why) => {
    const { status, err } = await roll(
      ['anchor', '--start', `2026-11-28T${start}`],
      Date.UTC(2026, 10, 28, 22, 4, 58),
    );
    expect({ status, err }).toEqual({ status: 0, err: notes(MADE, why) });
  });

  const SEES = 'a resolver must see the new key for 660 s before it signs alone, at 2026-11-28T22:30:00Z';
  const PUBLISHED = `this roll is at "prepub": the new key is published already; ${SEES}`;
  const AGAIN = '`padzone roll anchor hour.roll.probe.test.` again after 2026-11-28T22:30:00Z';
  const HASTY = `BIND 9.18 and later would take both keys at once, without waiting, and prove nothing: for it, run ${AGAIN}`;
  const LATE = `too late for this roll: ${SEES}; do not paste this anchor, but run ${AGAIN}: it then prints the anchor for the next roll`;
  const inTime = (time: string) =>
    `have the resolver running with it before 2026-11-28T${time}Z, when the new key is published`;
  it.each([
    [2, 'bind', [inTime('22:05:00')]],
    [6, 'bind', [PUBLISHED, HASTY]],
    [18, 'bind', [PUBLISHED, HASTY]],
    [18, 'unbound', [PUBLISHED]],
    [18, undefined, [PUBLISHED, HASTY]],
    [25, 'bind', [LATE]],
    [30, 'bind', [inTime('23:05:00')]],
    [55, undefined, [inTime('23:05:00')]],
  ])('tells who comes to the hour at minute %i, for %s', async (minute, software, texts) => {
    const args = software === undefined ? [] : ['--for', software];
    const { status, err } = await roll(['anchor', 'hour', ...args], Date.UTC(2026, 10, 28, 22, minute));
    expect({ status, err }).toEqual({ status: 0, err: notes(MADE, ...texts) });
  });
});

describe('roll anchor of a weekly zone', () => {
  const FRESH = ['anchor', '--profile', 'calendar'];
  const inTime = (day: string) =>
    `have the resolver running with it before ${day}T00:00:00Z, when the new key is published`;
  const ROOT = 'the root publishes 20326 (KSK-2017) as revoked (2027-01-11)';
  const PUBLISHED =
    'this roll is at "prepub": the new key is published already; a resolver must see the new key for 30 days and 2 h before it signs alone, at 2027-01-07T00:00:00Z';
  const HASTY =
    'BIND 9.18 and later would take both keys at once, without waiting, and prove nothing: for it, take a fresh zone';
  const CHANGE = `its key changes on 2027-01-07, in 37 days, 4 days before ${ROOT}`;
  it.each([
    [
      'a fresh one, before the root',
      Date.UTC(2026, 10, 24, 12),
      FRESH,
      [inTime('2026-11-30'), `its key changes on 2027-01-07, in 44 days, 4 days before ${ROOT}`],
    ],
    [
      'a fresh one, too late for that',
      Date.UTC(2026, 11, 10),
      FRESH,
      [
        inTime('2026-12-14'),
        `its key changes on 2027-01-21, in 42 days, 10 days after ${ROOT}: to know before that, take --profile hour or fast, with a resolver that is there for tests`,
      ],
    ],
    [
      'a fresh one, when that is over',
      Date.UTC(2027, 1, 1),
      FRESH,
      [inTime('2027-02-08'), 'its key changes on 2027-03-18, in 45 days'],
    ],
    [
      'one with both keys, for BIND',
      Date.UTC(2026, 11, 1, 12),
      ['anchor', '2026-11-23', '--for', 'bind'],
      [PUBLISHED, HASTY, CHANGE],
    ],
    [
      'one with both keys, for one that waits',
      Date.UTC(2026, 11, 1, 12),
      ['anchor', '2026-11-23', '--for', 'kresd'],
      [PUBLISHED, CHANGE],
    ],
    [
      'one without 30 days left',
      NOW,
      ['anchor', '2026-11-02'],
      [
        'too late for this roll: a resolver must see the new key for 30 days and 2 h before it signs alone, at 2026-12-17T00:00:00Z; take a fresh zone',
      ],
    ],
    [
      'one whose key has changed',
      NOW,
      ['anchor', '2026-10-05', '--for', 'bind'],
      ['this roll is at "rolled": its key change is over; take a fresh zone to follow one'],
    ],
  ])('says how it stands: %s', async (_, now, args, texts) => {
    const { status, err } = await roll(args, now);
    expect({ status, err }).toEqual({ status: 0, err: notes(MADE, ...texts) });
  });
});

describe('roll anchor --for', () => {
  const forSoftware = async (software: string, zone: string) => {
    const { status, out } = await roll(['anchor', zone, '--for', software]);
    expect(status).toBe(0);
    return out.slice(out.indexOf('\n##') + 1);
  };

  it.each(RECIPES)('prints what to paste into $software', async ({ name }) => {
    const zone = lineOf((await roll(['anchor', '--start', '2026-12-01T00:00:00Z'])).out, 'zone');
    expect(await forSoftware(name, zone)).toMatchSnapshot();
  });

  it.each(RECIPES)('leaves the timers of $software alone where 30 days will do', async ({ name }) => {
    const text = await forSoftware(name, '2026-11-30');
    expect(text).not.toMatch(/mkeytimers|holddown|hold_down|servfail-ttl/);
    expect(text).toContain(`2026-11-30.${PARENT}`);
  });
});

describe('roll status', () => {
  it('says phase, keys and next change, to the second', async () => {
    const zone = lineOf((await roll(['anchor'])).out, 'zone');
    const at = async (second: number) => (await roll(['status', zone], NOW + 600_000 + second * 1000)).out;
    expect(lineOf(await at(7.999), 'phase')).toBe('init (the old key alone)');
    const prepub = await at(8);
    expect(
      prepub
        .replace(/tag \d+/g, 'tag N')
        .split('\n')
        .slice(1, 8),
    ).toEqual([
      'profile: fast, DNSKEY TTL 2 s, hold-down 8 s',
      'phase: prepub (both keys, the old one signs)',
      'since: 2026-11-28T22:15:08Z',
      'next: rolled at 2026-11-28T22:15:24Z',
      'old key: tag N, active',
      'new key: tag N, published',
      'zone signing key: tag N, active',
    ]);
    expect(lineOf(await at(36), 'old key')).toMatch(/^tag \d+, revoked as tag \d+$/);
    expect(lineOf(await at(50), 'next')).toBe('no change any more');
  });
});

describe('without the secret', () => {
  it('a server mints the zone, and tells of it', async () => {
    const address = await server();
    const { status, out, err } = await bare(['anchor', '--profile', 'standard', '--server', address]);
    const same = await roll(['anchor', '--profile', 'standard']);
    expect({ status, out, err }).toEqual({
      status: 0,
      out: same.out,
      err: notes(`asked ${address}`, 'it starts in ten minutes'),
    });
    const zone = lineOf(out, 'zone');
    const later = NOW + 600_000 + 105_000;
    const other = await server(later);
    const own = await roll(['status', zone], later);
    expect(own.err).toBe(notes(MADE));
    expect(await bare(['status', zone, '--server', other])).toEqual({ ...own, err: notes(`asked ${other}`) });
  });

  it('the resolver of this system is asked where nobody else is named, and what else there is where it knows of none', async () => {
    const before = dns.getServers();
    const address = await standIn((query) => reply(query, { flags: RA | 3 }));
    dns.setServers([address]);
    try {
      expect(await bare(['anchor'])).toEqual({
        status: 2,
        out: '',
        err: `padzone: new-fast.${PARENT} TXT: ${address}: it knows of none (NXDOMAIN); only the resolver of this system was asked: name a server of these zones with --server, or the settings of a node with --config\n`,
      });
    } finally {
      dns.setServers(before);
    }
  });

  it('a key of RSA, longer than a character-string, comes over whole', async () => {
    const address = await server();
    const { out } = await bare(['anchor', '--algorithm', '8', '--server', address]);
    expect(anchorIn(out)).toMatch(/ DNSKEY 257 3 8 [A-Za-z0-9+/=]{348}$/);
    expect(out).toBe((await roll(['anchor', '--algorithm', '8'])).out);
  });

  it('says whom it asked where there is no such zone', async () => {
    const address = await server();
    const { status, out, err } = await bare([
      'status',
      'fast-20261128221500-a13-00000000',
      '--server',
      address,
    ]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toBe(
      `padzone: status.fast-20261128221500-a13-00000000.${PARENT} TXT: ${address}: it knows of none (NOERROR)\n`,
    );
  });
});

it('roll calendar lists what rolls now and the next four Mondays', async () => {
  const { status, out } = await bare(['calendar']);
  const lines = out.trimEnd().split('\n');
  expect(status).toBe(0);
  expect(lines[0]).toBe(`hour.${PARENT} prepub, rolled at 2026-11-28T22:30:00Z`);
  expect(lines[1]).toBe(`2026-09-21.${PARENT} revoked, removed at 2026-12-05T00:00:00Z`);
  expect(lines.at(-1)).toBe(`2026-12-21.${PARENT} init, prepub at 2026-12-28T00:00:00Z`);
  expect(lines).toHaveLength(15);
});

describe('refuses, in one line, with exit status 2', () => {
  it.each([
    [['anchor', '--profile', 'slow'], '--profile: "slow", want one of fast, standard, hour, calendar'],
    [['anchor', '--for', 'dnsmasq'], '--for: "dnsmasq", want one of unbound, bind, kresd, pdns'],
    [['anchor', '--algorithm', '14'], '--algorithm: "14", fast has 13, 15, 8'],
    [['anchor', '--profile', 'hour', '--algorithm', '15'], '--algorithm: "15", hour has 13'],
    [['anchor', '--start', 'tomorrow'], '--start: "tomorrow", want a time in UTC as 2026-11-28T22:15:00Z'],
    [
      ['anchor', '--start', '2026-11-31T25:15:00Z'],
      '--start: "2026-11-31T25:15:00Z", want a time in UTC as 2026-11-28T22:15:00Z',
    ],
    ...['2026-02-30T00:00:00Z', '2027-02-29T00:00Z', '2026-11-28T24:00:00Z'].map((start) => [
      ['anchor', '--start', start],
      `--start: "${start}", want a time in UTC as 2026-11-28T22:15:00Z`,
    ]),
    [
      ['anchor', '--start', '2027-12-31T00:00:00Z'],
      '--start: "2027-12-31T00:00:00Z" is more than 366 days away',
    ],
    [
      ['anchor', '--profile', 'hour', '--start', '2026-12-01T00:00:00Z'],
      '--start: hour has its own start: a roll each hour on the clock (UTC), without end: the new key of one hour is the old key of the next',
    ],
    [
      ['anchor', 'hour', '--profile', 'fast'],
      '--profile: only for a fresh zone; the name "hour" says it already',
    ],
    [
      ['status', 'a b'],
      '"a b" is no name of a zone, want labels of letters, digits, "-" and "_" joined by dots, 253 characters at most',
    ],
    [['status', 'hour.example'], `hour.example.: not the name of a zone that rolls its key below ${PARENT}`],
    [
      ['status', '2026-12-01'],
      `2026-12-01.${PARENT}: not the name of a zone that rolls its key below ${PARENT}`,
    ],
    [
      ['status', '2029-01-01'],
      `2029-01-01.${PARENT}: its start is more than 366 days away, so it is not served`,
    ],
    [
      ['status', 'fast-20261128221500-a13-00000000'],
      `fast-20261128221500-a13-00000000.${PARENT}: minted with another secret; ask a server of its own with --server`,
    ],
    [
      ['anchor', '--server', '127.0.0.1:1', '--start', '2026-12-01T00:00:00Z'],
      '--start: a server mints zones that start ten minutes from now; another start takes the secret',
    ],
    [['anchor', '--server', '999.0.0.1'], '999.0.0.1: not an IPv4 address, an IPv6 address or a host name'],
  ] as [string[], string][])('%j', async (args, why) => {
    expect(await roll(args)).toEqual({ status: 2, out: '', err: `padzone: ${why}\n` });
  });

  it('zones without a parent of zones that roll', async () => {
    const empty = join(FOLDER, 'empty');
    mkdirSync(empty);
    copyFileSync(join(ZONES, 'origin.toml'), join(empty, 'origin.toml'));
    const { status, err } = await roll(['calendar', '--zones-dir', empty]);
    expect({ status, err }).toEqual({
      status: 2,
      err: `padzone: zones_dir: no zone file in ${empty} has makes = "rolls"\n`,
    });
  });
});
