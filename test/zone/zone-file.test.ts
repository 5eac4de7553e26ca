import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latin1, parseName } from '../../src/wire/name.ts';
import { ZoneFileError } from '../../src/zone/error.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { parseZoneFile, readZoneFiles } from '../../src/zone/zone-file.ts';
import { testFolder } from '../support/folder.ts';

const nothingBeside = {
  readMaster: () => Promise.reject(new Error('no master file was named')),
  readCases: () => Promise.reject(new Error('no folder was named')),
};
const parse = (...lines: string[]) => parseZoneFile(lines.join('\n'), 'a.toml', nothingBeside);
const SOUND = ["label = 'a'", "summary = 'A zone'"];

const FOLDER = testFolder('zone-file');
let folders = 0;
/** A directory with these files. */
function directory(files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(FOLDER, String(folders++));
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

const origin = "label = ''\nsummary = 'The origin'\n";

describe('a zone file', () => {
  it('needs a label and a summary; all else has a default', async () => {
    expect(await parse(...SOUND)).toEqual({
      label: 'a',
      summary: 'A zone',
      keys: 'csk',
      servers: 'children',
      serial: 1,
      reports: false,
      agent: false,
      file: 'a.toml',
      master: undefined,
      caseFiles: [],
    });
  });

  it('may say everything', async () => {
    const master = { text: '', file: 'static.zone' };
    const text = [
      ...SOUND,
      'algorithm = 8',
      "keys = 'ksk-zsk'",
      "servers = 'hostile'",
      "family = 'ipv6'",
      "fault = 'badsig'",
      "records = 'static.zone'",
      'serial = 4294967295',
    ].join('\n');
    expect(
      await parseZoneFile(text, 'a.toml', { ...nothingBeside, readMaster: async () => master }),
    ).toMatchObject({
      algorithm: 8,
      keys: 'ksk-zsk',
      servers: 'hostile',
      family: 'ipv6',
      fault: 'badsig',
      records: 'static.zone',
      serial: 4_294_967_295,
      master,
    });
  });

  const label = "want '' for the origin, or one label of a-z, 0-9 and hyphens";
  const algorithm = 'want 8, 13, 14, 15, 16 or 253 (ML-DSA-44); leave it out for an unsigned zone';
  it.each([
    [["label = 'A'"], 1, `label: "A": ${label}`],
    [["label = 'a.b'"], 1, `label: "a.b": ${label}`],
    [["label = '-a'"], 1, `label: "-a": ${label}`],
    [["label = 'a-'"], 1, `label: "a-": ${label}`],
    [[`label = '${'x'.repeat(64)}'`], 1, `label: "${'x'.repeat(64)}": ${label}`],
    [['label = 5'], 1, 'label: 5: '],
    [["summary = 'no label'"], 0, 'label: '],
    [["label = 'a'"], 0, 'summary: '],
    [["label = 'a'", "summary = ''"], 2, 'summary: "": want one sentence for people'],
    [[...SOUND, 'algorithm = 5'], 3, `algorithm: 5: ${algorithm}`],
    [[...SOUND, "algorithm = '15'"], 3, `algorithm: "15": ${algorithm}`],
    [[...SOUND, '', "keys = 'zsk'"], 4, "keys: \"zsk\": want 'csk' or 'ksk-zsk'"],
    [[...SOUND, "servers = 'all'"], 3, "servers: \"all\": want 'parent', 'children' or 'hostile'"],
    [[...SOUND, 'family = 4'], 3, "family: 4: want 'ipv4' or 'ipv6'; leave it out for both"],
    [[...SOUND, "algorithm = 15\nfault = 'late'"], 4, "fault: \"late\": want 'badsig', 'expired' or 'nosig'"],
    [[...SOUND, '# a comment', "fault = 'badsig'"], 4, 'fault: an unsigned zone has no signatures to spoil'],
    [
      [...SOUND, 'agent = true', 'reports = true'],
      4,
      'reports: a zone that takes reports wants none on itself',
    ],
    [["label = ''", "summary = 'One'", "cases = 'broken'"], 3, 'cases: they go below a zone of their own'],
    [[...SOUND, "makes = 'rolls'"], 3, 'makes: below a zone that is unsigned, '],
    [[...SOUND, "makes = 'rolls'", 'algorithm = 253'], 3, 'makes: below a zone that is unsigned, '],
    [
      [...SOUND, "makes = 'rolls'", "algorithm = 15\nfault = 'badsig'"],
      3,
      'makes: below a zone that is unsigned, ',
    ],
    [[...SOUND, 'records = 1'], 3, 'records: 1: '],
    [[...SOUND, 'serial = 0'], 3, 'serial: 0: '],
    [[...SOUND, 'serial = 4294967296'], 3, 'serial: 4294967296: '],
    [[...SOUND, 'serial = 1.5'], 3, 'serial: 1.5: '],
    [
      [...SOUND, "keys = 'csk'", 'key = 1'],
      4,
      'key: 1: unknown key, want one of label, summary, algorithm, keys, ',
    ],
    [[...SOUND, '[key]', 'a = 1'], 3, 'key: {"a":1}: unknown key, want one of label, '],
    [['label = "a'], 1, 'Invalid TOML document: '],
    [[...SOUND, "label = 'b'"], 3, 'Invalid TOML document: '],
  ])('%j is refused', async (lines, number, why) => {
    const thrown = await parse(...lines).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(ZoneFileError);
    expect(thrown).toMatchObject({ operator: true, file: 'a.toml' });
    const place = number === 0 ? 'a.toml: ' : `a.toml:${number}: `;
    expect((thrown as Error).message.slice(0, place.length + why.length)).toBe(place + why);
    expect((thrown as Error).message).not.toContain('\n');
  });
});

describe('a directory of zone files', () => {
  it('is read in the order of file names; other files are left alone', async () => {
    const path = directory({
      'b.toml': "label = 'one'\nsummary = 'One'\n",
      'a.toml': origin,
      'README.md': '# zones',
      'c.zone': 'not read',
    });
    expect((await readZoneFiles(path)).map(({ label, file }) => [label, file])).toEqual([
      ['', join(path, 'a.toml')],
      ['one', join(path, 'b.toml')],
    ]);
  });

  it('brings the master file that a zone names, octet for octet', async () => {
    const path = directory({
      'a.toml': `${origin}records = 'static.zone'\n`,
      'static.zone': Uint8Array.from([...latin1('x TXT "'), 0xc3, 0xa9, 0xff, ...latin1('"\n')]),
    });
    const [file] = await readZoneFiles(path);
    expect(file?.master?.file).toBe(join(path, 'static.zone'));
    const [set] = parseMasterFile(file!.master!.text, file!.master!.file, parseName('probe.test.'), 60);
    expect(set?.rdatas).toEqual([{ strings: [Uint8Array.of(0xc3, 0xa9, 0xff)] }]);
  });

  it.each([
    [
      'two zones have one label',
      { 'a.toml': origin, 'b.toml': origin },
      "b.toml: label '' is already taken by ",
    ],
    [
      'no zone is the origin',
      { 'a.toml': "label = 'a'\nsummary = 'A'\n" },
      ": no zone file with label = '' (the origin)",
    ],
    ['it is empty', {}, ": no zone file with label = '' (the origin)"],
    [
      'a master file is missing',
      { 'a.toml': `${origin}records = 'none.zone'\n` },
      'none.zone: cannot be read (ENOENT',
    ],
  ])('is refused where %s', async (_why, files, message) => {
    await expect(readZoneFiles(directory(files as Record<string, string>))).rejects.toThrow(message);
  });

  it('is refused where it does not exist', async () => {
    await expect(readZoneFiles(join(FOLDER, 'none'))).rejects.toThrow(
      `${join(FOLDER, 'none')}: cannot be read (ENOENT`,
    );
  });
});

it('the shipped zones say what they are for, and cover every algorithm, both families, every fault', async () => {
  const files = await readZoneFiles('zones');
  const values = <K extends 'algorithm' | 'family' | 'fault'>(key: K) =>
    new Set(files.map((file) => file[key]));
  expect([...values('algorithm')].filter(Boolean).sort()).toEqual([13, 14, 15, 16, 253, 8]);
  expect(values('algorithm')).toContain(undefined);
  expect(values('family')).toEqual(new Set([undefined, 'ipv4', 'ipv6']));
  expect(values('fault')).toEqual(new Set([undefined, 'badsig', 'expired']));
  expect(new Set(files.map(({ summary }) => summary)).size).toBe(files.length);
});
