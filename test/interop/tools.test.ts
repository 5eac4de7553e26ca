/**
 * Everybody's tools over real sockets: dig and drill read every zone, delv and ldns validate it with its own trust anchor.
 *
 * `ldns-verify-zone` gets the records of each apex as a zone: it proves their signatures. The NSEC chain of such a zone cannot
 * be whole, because every denial is made for its one name (RFC 9824), and `dnssec-verify` gives up there: it is not used.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRIVATEDNS } from '../../src/dnssec/ml-dsa.ts';
import { readZoneFiles } from '../../src/zone/zone-file.ts';
import { padzone } from '../cli/run-program.ts';
import { type DigResult, delv, dig } from '../support/dig.ts';
import { testFolder } from '../support/folder.ts';
import { type Finished, type Namespace, SEARCH_PATH } from '../support/namespace.ts';
import { programProblem, skipFor } from '../support/processes.ts';
import { type Program, startProgram } from '../support/server.ts';

const folder = testFolder('tools');
/** Where the zone v6 is served, and only there. */
const LOOPBACK6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const ZONES = (await readZoneFiles('zones'))
  // No tool knows ML-DSA-44, and no size of these tests has room for its signatures.
  .filter(({ algorithm }) => algorithm !== PRIVATEDNS)
  .filter(({ family }) => family !== 'ipv6' || LOOPBACK6)
  .map(({ label, algorithm, fault }) => ({
    zone: label === '' ? 'probe.test' : `${label}.probe.test`,
    signed: algorithm !== undefined,
    fault,
  }));
const SIGNED = ZONES.filter(({ signed }) => signed);
const SOUND = SIGNED.filter(({ fault }) => fault === undefined);
const SPOILED = SIGNED.filter(({ fault }) => fault !== undefined);

let here: Program;
beforeAll(async () => {
  // What one test asks for must not spend what another one needs.
  const dnsListen = LOOPBACK6 ? '127.0.0.1:0,[::1]:0' : '127.0.0.1:0';
  here = await startProgram(folder, {
    flags: { dnsListen, udpBudget: '0', signingBudget: '100' },
  });
});
afterAll(() => here.stop());

/** Runs a program to its end on this host itself. */
function run(command: string, args: readonly string[], timeoutMs = 20_000): Promise<Finished> {
  const settings = { timeout: timeoutMs, env: { ...process.env, PATH: SEARCH_PATH } };
  return new Promise((resolve) => {
    const child = execFile(command, args, settings, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? undefined, stdout, stderr }),
    );
  });
}

/** This host where the harness wants a namespace: our ports are high, so none is needed. */
const HOST: Namespace = {
  run,
  spawn: () => {
    throw new Error('no daemons on the host itself');
  },
  close: async () => {},
};

const keyFiles = () => readdirSync(join(folder, 'keys')).filter((name) => name.endsWith('.key'));

/** DNSKEY lines of a zone, KSKs and CSKs first. */
function keysOf(zone: string): string[] {
  const lines = keyFiles()
    .filter((name) => name.startsWith(`K${zone}.+`))
    .flatMap((name) => readFileSync(join(folder, 'keys', name), 'utf8').split('\n'));
  return lines.filter((line) => line.includes(' DNSKEY ')).sort((a, b) => (b > a ? 1 : -1));
}

/** A file with all DNSKEYs of a zone, for drill and ldns. */
function keyFile(zone: string): string {
  const path = join(folder, `${zone}.key`);
  writeFileSync(path, `${keysOf(zone).join('\n')}\n`);
  return path;
}

/** Address and port that serve a name: IPv6 for the zone v6, IPv4 for all others. */
function serverOf(name: string): { server: string; port: number } {
  const family = /(^|\.)v6\.probe\.test$/.test(name) ? 6 : 4;
  const { address, port } = here.listening.find((one) => one.address.includes(':') === (family === 6))!;
  return { server: address, port };
}

/** drill's answer to one question, with its exit status. */
function drill(name: string, type: string, ...args: string[]): Promise<Finished> {
  const { server, port } = serverOf(name);
  return run('drill', ['-D', ...args, '-p', String(port), `@${server}`, name, type]);
}

function ask(name: string, type: string, ...args: string[]): Promise<DigResult> {
  return dig(HOST, {
    ...serverOf(name),
    name,
    type,
    // A datagram may get lost while other tests flood this host.
    args: ['+tries=4', '+timeout=5', '+norecurse', '+dnssec', '+bufsize=4096', ...args],
  });
}

function validate(zone: string, name: string, type: string, ...args: string[]) {
  const anchors = keysOf(zone).filter((line) => line.includes(' 257 '));
  return delv(HOST, { ...serverOf(name), name, type, args, anchors });
}

/** A line of dig's own about what it received. */
const COMPLAINT = /^;; .*\b(warning|malformed|bad|extra|unexpected|mismatch)\b/im;
/** What stands in front of an answer that delv accepts. */
const VALIDATED = /^; fully validated$/m;
const DENIED = /^; negative response, fully validated$/m;

describe.each(ZONES)('$zone', ({ zone, signed }) => {
  const present = ['SOA', 'NS', ...(signed ? ['DNSKEY', 'CDS', 'CDNSKEY', 'NSEC'] : [])];

  it('dig reads every kind of answer and has nothing to complain of', async ({ skip }) => {
    skipFor(programProblem('dig'), skip);
    const questions = [
      ...present.map((type) => [zone, type] as const),
      ...['me', 'help', 'p1232', 's1232', 'rs'].map((label) => [`${label}.${zone}`, 'TXT'] as const),
      [`s1232.${zone}`, 'HTTPS'] as const,
      [zone, 'ANY'] as const,
    ];
    const asked = questions.flatMap(([name, type]) => [ask(name, type, '+notcp'), ask(name, type, '+tcp')]);
    for (const { status, flags, answer, raw } of await Promise.all(asked)) {
      const found = { status, flags: [...flags], answers: answer.length > 0 };
      expect(found, raw).toEqual({ status: 'NOERROR', flags: ['qr', 'aa'], answers: true });
      expect(raw).not.toMatch(COMPLAINT);
      expect(raw).toMatch(/^; COOKIE: [0-9a-f]{48} \(good\)$/m);
    }
  });

  it('dig reads denials', async ({ skip }) => {
    skipFor(programProblem('dig'), skip);
    const absent = await ask(`nothing.${zone}`, 'A');
    expect(absent.status, absent.raw).toBe(signed ? 'NOERROR' : 'NXDOMAIN');
    expect(absent.answer).toEqual([]);
    const plain = await ask(`nothing.${zone}`, 'A', '+nodnssec');
    expect(plain.status, plain.raw).toBe('NXDOMAIN');
    for (const { raw } of [absent, plain]) expect(raw).not.toMatch(COMPLAINT);
  });

  it('dig receives exactly the octets asked for', async ({ skip }) => {
    skipFor(programProblem('dig'), skip);
    for (const octets of [1232, 4096])
      for (const test of [`s${octets}`, `p${octets}`])
        expect((await ask(`${test}.${zone}`, 'TXT', '+tcp')).size).toBe(octets);
  });

  it('drill reads them too', async ({ skip }) => {
    skipFor(programProblem('drill'), skip);
    for (const transport of ['-u', '-t'])
      for (const type of present) {
        const { code, stdout } = await drill(zone, type, transport);
        expect({ code, answer: /rcode: NOERROR[\s\S]*flags: qr aa/.test(stdout) }, stdout).toEqual({
          code: 0,
          answer: true,
        });
      }
  });
});

describe.each(SOUND)('$zone', ({ zone }) => {
  it('delv validates records, filler, and a whole trial from gate to receipt', async ({ skip }) => {
    skipFor(programProblem('delv'), skip);
    for (const type of ['SOA', 'NS', 'DNSKEY', 'CDS', 'CDNSKEY', 'NSEC'])
      expect((await validate(zone, zone, type)).raw).toMatch(VALIDATED);
    for (const test of ['me', 'help', 'rs', 's1232', 's4096'])
      expect((await validate(zone, `${test}.${zone}`, 'TXT')).raw).toMatch(VALIDATED);
    const exact = await validate(zone, `p1232.${zone}`, 'TXT', '+tcp');
    expect(exact.raw).toMatch(VALIDATED);
    const trial = await validate(zone, `s1232.${zone}`, 'TXT', '+tcp');
    expect(trial.raw).toContain('received 1232 octets over TCP');
  });

  it('delv validates denials: a name, a type, a name below nothing, an empty non-terminal', async ({
    skip,
  }) => {
    skipFor(programProblem('delv'), skip);
    for (const name of ['nothing', 'me', 'nothing.below', 'n0123456789'])
      expect((await validate(zone, `${name}.${zone}`, 'A')).raw).toMatch(DENIED);
    expect((await validate(zone, zone, 'NSEC3PARAM')).raw).toMatch(DENIED);
  });

  it('drill verifies the signatures of single answers', async ({ skip }) => {
    skipFor(programProblem('drill'), skip);
    const keys = keyFile(zone);
    for (const [name, type] of [
      [zone, 'SOA'],
      [zone, 'DNSKEY'],
      [`me.${zone}`, 'TXT'],
      [`p4096.${zone}`, 'TXT'],
      [`s4096.${zone}`, 'CNAME'],
    ] as const)
      expect((await drill(name, type, '-t', '-k', keys)).stdout).toContain('; VALIDATED by id = ');
  });

  it('ldns-verify-zone verifies the records of the apex, and would see a wrong one', async ({ skip }) => {
    skipFor(programProblem('dig', 'ldns-verify-zone'), skip);
    const sets = ['SOA', 'NS', 'DNSKEY', 'CDS', 'CDNSKEY', 'NSEC'].map((type) =>
      ask(zone, type, '+tcp', '+noall', '+answer', '+nosplit'),
    );
    const good = (await Promise.all(sets)).map(({ raw }) => raw).join('');
    expect(good.match(/\sIN\s+RRSIG\s/g)).toHaveLength(6);
    expect(await ldnsErrors(zone, good)).toEqual([
      `the NSEC record for ${zone}. points to the wrong next owner name`,
    ]);
    const spoiled = good.replace(/(\sRRSIG\s+NS .* )(\S)(\S+)$/m, (_, front, first, rest) =>
      [front, first === 'A' ? 'B' : 'A', rest].join(''),
    );
    expect((await ldnsErrors(zone, spoiled)).length).toBeGreaterThan(1);
  });
});

/** What ldns-verify-zone finds wrong with master file text, when it trusts the keys of that zone. */
async function ldnsErrors(zone: string, text: string): Promise<string[]> {
  const file = join(folder, `${zone}.zone`);
  writeFileSync(file, text);
  const { stdout, stderr } = await run('ldns-verify-zone', ['-a', '-k', keyFile(zone), file]);
  return [...(stdout + stderr).matchAll(/^(?:Error: )(.*)$/gm)].map(([, why]) => why ?? '');
}

describe.each(SPOILED)('$zone', ({ zone }) => {
  it('delv accepts its keys and nothing else', async ({ skip }) => {
    skipFor(programProblem('delv'), skip);
    expect((await validate(zone, zone, 'DNSKEY')).raw).toMatch(VALIDATED);
    for (const [name, type] of [
      [zone, 'SOA'],
      [`me.${zone}`, 'TXT'],
      [`nothing.${zone}`, 'A'],
    ] as const) {
      const { raw } = await validate(zone, name, type);
      expect(raw).toContain('resolution failed');
      expect(raw).not.toContain('fully validated');
    }
  });
});

describe('from the anchor of the origin', () => {
  it('delv follows DS into every signed child, and learns that one is not signed', async ({ skip }) => {
    skipFor(programProblem('delv'), skip);
    for (const { zone } of SOUND)
      expect((await validate('probe.test', `me.${zone}`, 'TXT')).raw, zone).toMatch(VALIDATED);
    const unsigned = (name: string) => validate('probe.test', name, 'TXT');
    expect((await unsigned('me.unsigned.probe.test')).raw).toMatch(/^; unsigned answer$/m);
    expect((await unsigned('nothing.unsigned.probe.test')).raw).toMatch(
      /^; negative response, unsigned answer$/m,
    );
    expect((await validate('probe.test', 'unsigned.probe.test', 'DS')).raw).toMatch(DENIED);
    for (const { zone } of SPOILED)
      expect((await unsigned(`me.${zone}`)).raw, zone).toContain('resolution failed');
  });
});

it('padzone ds says what dnssec-dsfromkey makes of the same files', async ({ skip }) => {
  skipFor(programProblem('dnssec-dsfromkey'), skip);
  const keysDir = join(folder, 'keys');
  const ksks = keyFiles().filter((name) => / DNSKEY 257 /.test(readFileSync(join(keysDir, name), 'utf8')));
  const theirs = ksks.map((name) => run('dnssec-dsfromkey', ['-2', join(keysDir, name)]));
  const { status, out } = await padzone(['ds', '--all', '--keys-dir', keysDir]);
  expect(status).toBe(0);
  // The key of mldsa44 stands in no file.
  const lines = (text: string) =>
    text.split('\n').filter((line) => line !== '' && !line.startsWith('mldsa44.'));
  const wanted = (await Promise.all(theirs)).flatMap(({ stdout }) => lines(stdout));
  expect(wanted).toHaveLength(SIGNED.length);
  expect(lines(out).sort()).toEqual(wanted.sort());
});
