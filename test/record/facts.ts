/** Facts of every shape for property tests, within what a row can hold. */
import fc from 'fast-check';
import { BEHAVIORS } from '../../src/behaviors/table.ts';
import type { Facts } from '../../src/record/facts.ts';
import { ACTIONS, ARMS, COOKIES, EXCLUDED, PROOFS, RELATIONS, STEPS } from '../../src/record/layout.ts';
import { formatName, labels, lower, type Name } from '../../src/wire/name.ts';
import { PHASES, SIGNALS } from '../../src/zone/made.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS } from '../../src/zone/receipt.ts';
import { formatOptions } from '../../src/zone/test-name.ts';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const moment = fc.integer({ min: 0, max: 8.64e15 });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const ipv4 = fc.tuple(u8, u8, u8, u8).map((octets) => octets.join('.'));
/** As inet_ntop writes them: made by the platform, not by the code under test. */
const ipv6 = fc
  .oneof(
    fc.ipV6(),
    fc.constantFrom('::', '::1', '::2', '1::', '::192.0.2.1', '2001:db8::', '1:0:0:2:0:0:0:3', '0:1::'),
  )
  .map((text) => new URL(`http://[${text}]/`).hostname.slice(1, -1))
  .map(dotted);

/** A URL has no dots in ::a.b.c.d; the C library does. */
function dotted(text: string): string {
  const [, high, low] = /^::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text) ?? [];
  if (high === undefined || low === undefined)
    return /^::([2-9a-f]|[0-9a-f]{2,4})$/.test(text) ? last(text) : text;
  return text.replace(`${high}:${low}`, bytes(Number.parseInt(high, 16), Number.parseInt(low, 16)));
}
const last = (text: string) => `::${bytes(0, Number.parseInt(text.slice(2), 16))}`;
const bytes = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** Names of any octets, up to 255 of them. */
export const name: fc.Arbitrary<Name> = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 127 })
  .map((parts) => {
    const octets: number[] = [];
    for (const part of parts) if (octets.length + part.length + 2 <= 255) octets.push(part.length, ...part);
    return Uint8Array.from([...octets, 0]);
  });
export const LONGEST: Name = Uint8Array.from([
  ...[63, 63, 63, 61].flatMap((length) => [length, ...Array<number>(length).fill(0x2e)]),
  0,
]);

/** A name and the apex of a zone above it. */
const names = fc.oneof(name, fc.constant(LONGEST)).chain((qname) =>
  fc.integer({ min: -1, max: labels(qname).length }).map((below) => ({
    qname: formatName(qname),
    zone: below < 0 ? '' : formatName(lower(apexOf(qname, below))),
  })),
);

function apexOf(qname: Name, below: number): Name {
  let at = 0;
  for (let count = 0; count < below; count++) at += qname[at]! + 1;
  return qname.subarray(at);
}

const options = fc
  .record({
    tc: fc.constantFrom(0, 1),
    filler: fc.constantFrom(0, 1, 2),
    arm: fc.constantFrom(0, 1, 2, 3),
    silent: fc.constantFrom(0, 1, 2),
    fault: fc.constantFrom(0, 1, 2, 3),
    delayMs: fc.integer({ min: 0, max: 8000 }),
    ttl: u8,
  })
  .map(formatOptions);

const receipt = fc.record({
  node: u8,
  instance: u32,
  at: moment,
  asked: u16,
  sent: u16,
  proto: fc.constantFrom(...RECEIPT_TRANSPORTS),
  edns: u16,
  fragments: u8,
  filler: fc.constantFrom(...RECEIPT_FILLERS),
  relation: fc.constantFrom(...RELATIONS),
});

export const facts: fc.Arbitrary<Facts> = fc
  .tuple(
    fc.oneof(
      fc.record({ ip_version: fc.constant<4 | 6>(4), src: ipv4, dst: ipv4 }),
      fc.record({ ip_version: fc.constant<4 | 6>(6), src: ipv6, dst: ipv6 }),
    ),
    fc.oneof(names, fc.constant({ qname: '', zone: '' })),
    fc.record({
      time: moment,
      src_port: u16,
      proto: fc.constantFrom(...RECEIPT_TRANSPORTS),
      id: u16,
      qtype: u16,
      qclass: u16,
      rd: fc.boolean(),
      cd: fc.boolean(),
      ad: fc.boolean(),
      edns_version: fc.oneof(fc.constantFrom(-1, 0, 255), u8),
      edns_udp: u16,
      edns_do: fc.boolean(),
      edns_options: fc.array(u16, { maxLength: 32 }),
      cookie: fc.constantFrom(...COOKIES),
      cookie_instance: orNull(fc.integer({ min: 0, max: 0xff_ffff })),
      req_len: u16,
      res_len: u16,
      tc: fc.boolean(),
      rcode: fc.integer({ min: 0, max: 0xfff }),
      ede: fc.integer({ min: -1, max: 0x7fff }),
      behavior: fc.constantFrom(
        '',
        'receipt',
        'replica',
        'broken',
        ...BEHAVIORS.map((behavior) => behavior.name),
      ),
      size: u16,
      size_miss: fc.boolean(),
      arm: fc.constantFrom(...ARMS),
      options,
      filler: fc.constantFrom(...RECEIPT_FILLERS),
      run: fc.oneof(
        fc.constant(''),
        fc.integer({ min: 0, max: 2 ** 48 - 1 }).map((run) => run.toString(16).padStart(12, '0')),
      ),
      step: fc.constantFrom(...STEPS),
      instance: orNull(u32),
      receipt: orNull(receipt),
      phase: fc.constantFrom(...PHASES),
      signal: fc.constantFrom(...SIGNALS),
      proven: u16,
      proof: fc.constantFrom(...PROOFS),
      action: fc.constantFrom(...ACTIONS),
      excluded: fc.constantFrom(...EXCLUDED),
      fragments: u8,
      latency_us: u32,
      ttl: orNull(fc.integer({ min: 1, max: 255 })),
      path_mtu: orNull(fc.integer({ min: 1, max: 0xffff })),
      tcp_rtt_us: orNull(fc.integer({ min: 1, max: 0xffff_ffff })),
      tcp_mss: orNull(fc.integer({ min: 1, max: 0xffff })),
      syn_mss: orNull(fc.integer({ min: 1, max: 0xffff })),
      tcp_pmtu: orNull(fc.integer({ min: 1, max: 0xffff })),
      tcp_acked: orNull(fc.boolean()),
    }),
  )
  .map(([addresses, question, rest]) => ({ ...addresses, ...question, ...rest }));
