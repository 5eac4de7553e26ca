/** Well-formed questions for properties: names that the grammar knows, near misses and any octets; every type, size and option. */
import fc from 'fast-check';
import { latin1, MAX_NAME, type Name, parseName, prepend } from '../../src/wire/name.ts';
import { OPTION_TABLE } from '../../src/zone/test-name.ts';
import { anyFlips, anyLabel, recased } from '../wire/arbitrary.ts';

const apex = parseName('probe.test.');
const word = fc.oneof(
  fc.constantFrom(
    's512',
    's1232',
    's4096',
    's65535',
    'p512',
    'p1400',
    'rs',
    'me',
    'help',
    'o',
    'ooo',
    'n0123456789',
    'filler',
  ),
  fc.constantFrom(
    'a8',
    'a13',
    'a14',
    'a15',
    'a16',
    'unsigned',
    'v4',
    'v6',
    'x',
    'bogus',
    'expired',
    'ns1',
    'ns1-v4',
  ),
  fc
    .tuple(
      fc.constantFrom('s', 'p'),
      fc.nat(70_000),
      fc.subarray([...OPTION_TABLE.map(({ example }) => example), 'n0123456789', '', 'ttl300'], {
        maxLength: 3,
      }),
    )
    .map(([letter, octets, options]) => [`${letter}${octets}`, ...options].join('-')),
);
const label = fc.oneof({ weight: 5, arbitrary: word.map(latin1) }, { weight: 1, arbitrary: anyLabel });
/** A test or a record of ours, one label deep or in a zone. */
const known = fc.tuple(
  fc.array(word, { maxLength: 2 }).map((words) => words.map(latin1)),
  fc.constant(apex),
);
const strange = fc.tuple(
  fc.array(label, { maxLength: 4 }),
  fc.constantFrom(apex, apex, parseName('test.'), parseName('.')),
);
const name = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: known }, { weight: 1, arbitrary: strange }), anyFlips)
  .map(([[labels, origin], flips]) => recased(labels.reduceRight(prependIfRoom, origin), flips));

function prependIfRoom(below: Name, one: Uint8Array): Name {
  return one.length > 0 && one.length <= 63 && below.length + one.length + 1 <= MAX_NAME
    ? prepend(one, below)
    : below;
}

export const anyQuestion = fc.record(
  {
    name,
    type: fc.oneof(fc.constantFrom(16, 1, 2, 5, 6, 13, 28, 43, 46, 47, 48, 59, 60, 65, 255), fc.nat(0xffff)),
    qclass: fc.constantFrom(1, 1, 1, 1, 1, 1, 3, 255),
    udpPayloadSize: fc.oneof(fc.constantFrom(0, 512, 1232, 1472, 4096, 65_535), fc.nat(0xffff)),
    dnssecOk: fc.boolean(),
    ednsFlags: fc.constantFrom(0, 0x4000, 0x3fff),
    options: fc.array(
      fc.record({
        code: fc.constantFrom(3, 8, 10, 11, 12, 15, 65_001),
        data: fc.uint8Array({ maxLength: 41 }),
      }),
      { maxLength: 3 },
    ),
    flags: fc.nat(0xffff).map((flags) => flags & 0x07ff),
    id: fc.nat(0xffff),
  },
  { requiredKeys: ['name'] },
);
