import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { formatName, latin1, nameKey, parseName } from '../../src/wire/name.ts';
import { codecOf } from '../../src/wire/rdata/table.ts';
import { Reader } from '../../src/wire/reader.ts';
import type { Rrset } from '../../src/wire/rrset.ts';
import { Writer } from '../../src/wire/writer.ts';
import { ZoneFileError } from '../../src/zone/error.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { testFolder } from '../support/folder.ts';
import { hex, toHex } from '../support/hex.ts';
import { findProgram, skipFor } from '../support/processes.ts';

const FOLDER = testFolder('master-file');
const apex = parseName('probe.test.');
const parse = (text: string) => parseMasterFile(text, 'static.zone', apex, 3600);

/** `owner ttl TYPE-number rdata`, one line a record, sorted: what two parsers must agree on. */
function records(sets: readonly Rrset[]): string[] {
  return sets
    .flatMap(({ owner, type, ttl, rdatas }) =>
      rdatas.map((rdata) => {
        const writer = new Writer('canonical');
        codecOf(type).encode(writer, rdata);
        return line(nameKey(owner), ttl, type, writer.finish());
      }),
    )
    .sort();
}

const line = (key: string, ttl: number, type: number, rdata: Uint8Array) =>
  `${toHex(latin1(key))} ${ttl} ${type} ${toHex(rdata)}`;
const record = (owner: string, ttl: number, type: number, rdata: Uint8Array) =>
  line(nameKey(parseName(owner)), ttl, type, rdata);
const text = (...strings: string[]) =>
  Uint8Array.from(strings.flatMap((one) => [one.length, ...latin1(one)]));

/** Every feature of RFC 1035 §5 and RFC 3597 §5 that we take. Read as Latin-1, as the octets of a file are. */
const FEATURES = String.raw`$TTL 300 ; default
@ IN SOA ns1 hostmaster ( 1 ; serial
      3600 900
   1209600 300 )
  NS ns1
  IN NS ns2.example.net.
ns1 A 192.0.2.1
    300 IN AAAA 2001:db8::1
NS2 IN 300 A 192.0.2.2
    TXT first (
      second   ; a comment ( with a parenthesis

      "third part" ) "fourth"
mixed TXT "one; two" three\;four "a \"quoted\" \\ word" \065\032\255 "(not open"
empty TXT ""
glued TXT "a""b"c
$ORIGIN sub.probe.test.
www 60 CNAME @
@ TXT "the origin of now"
$TTL 0
$ORIGIN deep
host AAAA ::ffff:192.0.2.7
$ORIGIN probe.test.
generic TYPE731 \# 6 abcd ( ef 01 23 45 )
generic2 TYPE1 \# 4 0A000001
generic3 TXT \# 3 02 6162
nothing TYPE62347 \# 0
pc HINFO "PC" Linux
child NS ns.child.example.
child DS 60485 5 1 ( 2BB183AF5F22588179A53B0A
                     98631FAD1A292118 )
dot\.ted A 192.0.2.3
a\000b\032c A 192.0.2.4
star.wild TXT wild
hash TXT "\#"
octets TXT ${'"\u00c3\u00a9"'}
several A 192.0.2.9
several A 192.0.2.8
`.replaceAll(/\n(?=dot)/g, '\r\n');

describe('every feature in one file', () => {
  it('is read as it stands in RFC 1035 §5 and RFC 3597 §5', () => {
    const serial = hex('00000001 00000e10 00000384 00127500 0000012c');
    const [ns1, hostmaster] = [parseName('ns1.probe.test.'), parseName('hostmaster.probe.test.')];
    const expected = [
      record('probe.test.', 300, 6, Uint8Array.from([...ns1, ...hostmaster, ...serial])),
      record('probe.test.', 300, 2, ns1),
      record('probe.test.', 300, 2, parseName('ns2.example.net.')),
      record('ns1.probe.test.', 300, 1, hex('c0000201')),
      record('ns1.probe.test.', 300, 28, hex('20010db8 0000000000000000 00000001')),
      record('ns2.probe.test.', 300, 1, hex('c0000202')),
      record('ns2.probe.test.', 300, 16, text('first', 'second', 'third part', 'fourth')),
      record(
        'mixed.probe.test.',
        300,
        16,
        text('one; two', 'three;four', 'a "quoted" \\ word', 'A \u00ff', '(not open'),
      ),
      record('empty.probe.test.', 300, 16, text('')),
      record('glued.probe.test.', 300, 16, text('a', 'b', 'c')),
      record('www.sub.probe.test.', 60, 5, parseName('sub.probe.test.')),
      record('sub.probe.test.', 300, 16, text('the origin of now')),
      record('host.deep.sub.probe.test.', 0, 28, hex('00000000000000000000ffffc0000207')),
      record('generic.probe.test.', 0, 731, hex('abcdef012345')),
      record('generic2.probe.test.', 0, 1, hex('0a000001')),
      record('generic3.probe.test.', 0, 16, text('ab')),
      record('nothing.probe.test.', 0, 62347, hex('')),
      record('pc.probe.test.', 0, 13, text('PC', 'Linux')),
      record('child.probe.test.', 0, 2, parseName('ns.child.example.')),
      record('child.probe.test.', 0, 43, hex('ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118')),
      record('dot\\.ted.probe.test.', 0, 1, hex('c0000203')),
      record('a\\000b\\032c.probe.test.', 0, 1, hex('c0000204')),
      record('star.wild.probe.test.', 0, 16, text('wild')),
      record('hash.probe.test.', 0, 16, text('#')),
      record('octets.probe.test.', 0, 16, text('\u00c3\u00a9')),
      record('several.probe.test.', 0, 1, hex('c0000209')),
      record('several.probe.test.', 0, 1, hex('c0000208')),
    ];
    expect(records(parse(FEATURES))).toEqual(expected.sort());
  });

  it('is to BIND the same octets', ({ skip }) => {
    const program = findProgram('named-compilezone');
    skipFor(program ? undefined : 'named-compilezone not installed (Debian: bind9-utils)', skip);
    const [source, raw] = [join(FOLDER, 'static.zone'), join(FOLDER, 'static.raw')];
    writeFileSync(source, FEATURES, 'latin1');
    const lax = [
      '-k',
      'ignore',
      '-i',
      'none',
      '-n',
      'ignore',
      '-m',
      'ignore',
      '-r',
      'ignore',
      '-S',
      'ignore',
    ];
    execFileSync(program!, ['-F', 'raw', ...lax, '-o', raw, 'probe.test', source]);
    expect(records(parse(FEATURES))).toEqual(readRaw(readFileSync(raw)));
  });
});

/**
 * BIND's raw format, version 1: a header of 24 octets; then for each RRset its size, class, type, covered type, TTL, number of
 * records, and in front of owner and each RDATA their length.
 */
function readRaw(octets: Uint8Array): string[] {
  const reader = new Reader(octets, 24);
  const found: string[] = [];
  while (reader.remaining > 0) {
    reader.octets(6); // size, class
    const type = reader.u16();
    reader.octets(2); // covered type
    const ttl = reader.u32();
    const count = reader.u32();
    const key = nameKey(reader.octets(reader.u16()));
    for (let at = 0; at < count; at++) found.push(line(key, ttl, type, reader.octets(reader.u16())));
  }
  return found.sort();
}

describe('TTL', () => {
  it.each([
    ['x A 192.0.2.1', 3600],
    ['$TTL 5\nx A 192.0.2.1', 5],
    ['x 7 A 192.0.2.1', 7],
    ['x 7 IN A 192.0.2.1', 7],
    ['x IN 7 A 192.0.2.1', 7],
    ['x 2147483647 A 192.0.2.1', 2_147_483_647],
  ])('of %j is %i', (source, ttl) => {
    expect(parse(source)).toEqual([expect.objectContaining({ ttl })]);
  });
});

it('joins records of one owner and type, whatever the case and place', () => {
  const sets = parse('x A 192.0.2.1\ny A 192.0.2.2\nX A 192.0.2.3');
  expect(sets.map(({ owner, rdatas }) => [formatName(owner), rdatas.length])).toEqual([
    ['x.probe.test.', 2],
    ['y.probe.test.', 1],
  ]);
});

it.each(['', '\n\n', '; only a comment\n  ; and another', ' \t \n'])('finds nothing in %j', (source) => {
  expect(parse(source)).toEqual([]);
});

describe('is refused with file, line and why', () => {
  const long = 'x'.repeat(63);
  it.each([
    ['$INCLUDE other.zone', 1, '$INCLUDE is not allowed, only $ORIGIN and $TTL'],
    ['$GENERATE 1-9 x$ A 192.0.2.$', 1, '$GENERATE is not allowed, only $ORIGIN and $TTL'],
    ['$TTL', 1, 'TTL is missing'],
    ['$TTL 1h', 1, "TTL '1h', want 0 to 2147483647"],
    ['$TTL 2147483648', 1, "TTL '2147483648', want 0 to 2147483647"],
    ['$ORIGIN', 1, 'origin is missing'],
    ['$TTL 5 6', 1, "'6' is left over"],
    ['  A 192.0.2.1', 1, 'record without an owner: the first line of a file must not be indented'],
    ['x A 192.0.2.1\nother.test. A 192.0.2.1', 2, 'owner outside the zone'],
    ['$ORIGIN test.\nx A 192.0.2.1', 2, 'owner outside the zone'],
    ['x', 1, 'type is missing'],
    ['x IN', 1, 'type is missing'],
    ['x NOPE data', 1, "'NOPE' is not a TYPE"],
    ['x MX 10 mail', 1, "'MX' is not a TYPE"],
    ['x CH TXT a', 1, "'CH' is not a TYPE"],
    ['x 1h A 192.0.2.1', 1, "'1h' is not a TYPE"],
    ['x A', 1, 'address is missing'],
    ['x A 192.0.2.256', 1, "'192.0.2.256' is not an IPv4 address at offset 0"],
    ['x AAAA 192.0.2.1', 1, "'192.0.2.1' is not an IPv6 address at offset 0"],
    ['x A 192.0.2.1 192.0.2.2', 1, "'192.0.2.2' is left over"],
    ['x A 192.0.2.1\nx 5 A 192.0.2.2', 2, 'A with TTL 5, the set has 3600 (RFC 2181 §5.2)'],
    ['x TXT', 1, 'text is missing'],
    ['\n\nx TXT "open', 3, 'quote is never closed'],
    ['x TXT ( "a"\n"b"\n', 1, "'(' is never closed"],
    ['x TXT a )', 1, "')' without '('"],
    ['x TXT a\\', 1, "'\\' out of place"],
    ['x TXT \\256', 1, "'\\256': \\256 is above 255 at offset 0"],
    ['x TXT \\1', 1, "'\\1': a backslash and a digit, want three at offset 0"],
    [`x TXT ${'y'.repeat(256)}`, 1, 'text of 256 octets, at most 255'],
    ['x HINFO PC', 1, 'os is missing'],
    ['x CNAME a..b', 1, "name 'a..b': empty label at offset 2"],
    [`${long}x A 192.0.2.1`, 1, `name '${long}x': label of 64 octets, at most 63 at offset 64`],
    ['x DS 70000 5 1 00', 1, "key tag '70000', want 0 to 65535"],
    ['x DS 1 5 1 0', 1, 'digest is not hexadecimal'],
    ['x SOA a b 1 2 3 4', 1, 'minimum is missing'],
    [
      'x TYPE731 abcd',
      1,
      'TYPE731 cannot be written here: the server makes it, or write RDATA as \\# (RFC 3597 §5)',
    ],
    [
      'x NSEC y A',
      1,
      'NSEC cannot be written here: the server makes it, or write RDATA as \\# (RFC 3597 §5)',
    ],
    ['x TYPE731 \\# 3 abcd', 1, 'RDATA of 2 octets, length says 3'],
    ['x TYPE731 \\# two ab', 1, "RDATA length 'two', want 0 to 65535"],
    ['x TYPE731 \\# 1 zz', 1, 'RDATA is not hexadecimal'],
    ['x TYPE731 \\# 0 ab', 1, "'ab' is left over"],
    ['x A \\# 3 0a0000', 1, '4 octets wanted, 3 left at offset 0'],
    ['x A \\# 5 0a00000101', 1, '1 octets left over in the RDATA of A'],
    ['x TYPE255 \\# 0', 1, 'ANY can be asked for, but no name has it'],
    ['x OPT \\# 0', 1, 'OPT can be asked for, but no name has it'],
    ['x ( A\n\n 192.0.2.1 ) 5', 1, "'5' is left over"],
  ])('%j', (source, number, why) => {
    let thrown: unknown;
    try {
      parse(source);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ZoneFileError);
    expect(thrown).toMatchObject({ message: `static.zone:${number}: ${why}`, line: number, operator: true });
  });
});

describe('BIND refuses what we refuse, of what it knows too', () => {
  const program = findProgram('named-checkzone');
  beforeEach(({ skip }) => {
    skipFor(program ? undefined : 'named-checkzone not installed (Debian: bind9-utils)', skip);
  });
  const front = '@ SOA ns1 hostmaster 1 3600 900 1209600 300\n@ NS ns1.example.net.\n';

  it.each([
    ['x A 192.0.2.256', false],
    ['x A', false],
    ['x A 192.0.2.1 192.0.2.2', false],
    ['x NOPE data', false],
    ['x TXT "open', false],
    ['x TXT ( "a"', false],
    ['x TXT a )', false],
    ['x TXT \\256', false],
    ['x TXT \\1', false],
    [`x TXT ${'y'.repeat(256)}`, false],
    ['x CNAME a..b', false],
    ['x TYPE731 \\# 3 abcd', false],
    ['x A \\# 5 0a00000101', false],
    ['$TTL', false],
    ['x TXT "\\#"', true],
    ['x TXT ""', true],
    ['x TXT a\\"b', true],
    ['x TXT ( a\n b )', true],
    ['x.y A 192.0.2.1', true],
    ['x A \\# 4 0a000001', true],
  ] as const)('%j: accepted %s', (source, accepted) => {
    const file = join(FOLDER, 'checked.zone');
    writeFileSync(file, `$TTL 300\n${front}${source}\n`, 'latin1');
    const accepts = (judge: () => unknown) => {
      try {
        judge();
        return true;
      } catch {
        return false;
      }
    };
    const run = () =>
      execFileSync(program!, ['-i', 'none', '-k', 'ignore', 'probe.test', file], { stdio: 'pipe' });
    expect(accepts(run), 'BIND').toBe(accepted);
    expect(
      accepts(() => parse(`${front}${source}\n`)),
      'padzone',
    ).toBe(accepted);
  });
});
