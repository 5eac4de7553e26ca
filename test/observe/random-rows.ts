/** Random rows for laws: up to a dozen events of one run in any mixture, receipts, cookies, acknowledgements and ICMP errors included. */
import fc from 'fast-check';
import type { Observation } from '../../src/observe/observation.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';

const COMMON = ['gate', 'udp', 'tc', 'tcp', 'receipt', 'cookie', 'wordless', 'error'] as const;
/** Lost rows leave the whole trial open, so they are rare. */
const KINDS = [...COMMON, ...COMMON, ...COMMON, 'lost'] as const;
const SOURCES = [SOURCE, '203.0.113.8', '198.51.100.66', OTHER];
const ERRORS = [
  { icmp_type: 3, icmp_code: 4, icmp_mtu: 1400 },
  { icmp_type: 11, icmp_code: 1 },
  { icmp_type: 3, icmp_code: 3 },
  { icmp_type: 3, icmp_code: 13 },
];

const happening = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.integer({ min: 0, max: 900 }).map((tenths) => tenths / 10),
  src: fc.constantFrom(...SOURCES),
  edns_udp: fc.constantFrom(0, 512, 1232, 4096),
  qtype: fc.constantFrom(16, 16, 16, 1, 1, 5),
  rd: fc.constantFrom(false, false, false, true),
  /** Clocks of the two are in step here. */
  node: fc.constantFrom('ns1', 'ns1', 'ns2'),
  tcp_acked: fc.constantFrom(true, false, false, null),
  excluded: fc.constantFrom('', '', '', '', 'budget' as const),
  relation: fc.constantFrom('own', 'own', 'relayed', 'replay' as const),
  /** Which of the answers before it a receipt, cookie or error is about. */
  about: fc.nat(),
  error: fc.constantFrom(...ERRORS),
});

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

export const randomRows: fc.Arbitrary<Observation[]> = fc
  .tuple(fc.array(happening, { minLength: 1, maxLength: 12 }), fc.boolean())
  .map(([happenings, hasRun]) => rowsOf(happenings, hasRun));

function rowsOf(happenings: readonly Happening[], hasRun: boolean): Observation[] {
  const told = story(hasRun ? {} : { run: '' });
  const answers: Observation[] = [];
  return happenings.flatMap((each, index): Observation[] => {
    const asked = askedRow(told, each, index);
    if (asked === undefined) {
      const answer = answers[each.about % Math.max(1, answers.length)];
      return answer === undefined ? [] : [echoRow(told, each, index, answer)];
    }
    if (asked.step === 'measured') answers.push(asked);
    return [asked];
  });
}

type Told = ReturnType<typeof story>;

/** Undefined for what only an earlier answer can bring about. */
function askedRow(told: Told, each: Happening, index: number): Observation | undefined {
  const { kind, at } = each;
  const { qtype, excluded, rd, node } = each;
  const query = { ...sourceOf(each, index), qtype, excluded, rd, node };
  switch (kind) {
    case 'gate':
      return told.gate(at, query);
    case 'udp':
      return told.udp(at, index, { ...query, edns_udp: each.edns_udp });
    case 'tc':
      return told.tc(at, { ...query, instance: index });
    case 'tcp':
      return told.tcp(at, index, { ...query, tcp_acked: each.tcp_acked });
    case 'wordless':
      return told.wordless(at, query);
    case 'lost':
      return told.lost(at, { node });
    default:
      return undefined;
  }
}

function echoRow(told: Told, each: Happening, index: number, answer: Observation): Observation {
  const after = (answer.time - START) / 1000 + each.at / 10;
  if (each.kind === 'error') return told.error(after, answer, each.error);
  // An answer with TC=1 has no room for a receipt.
  if (each.kind === 'cookie' || answer.tc)
    return told.other(after, {
      ...{ src: answer.src, node: answer.node, cookie: 'valid', cookie_instance: answer.instance },
    });
  const asker = each.relation === 'own' ? {} : sourceOf(each, index);
  return told.receipt(after, answer, { ...asker, rd: each.rd, node: each.node, relation: each.relation });
}

function sourceOf({ src }: Happening, index: number) {
  return { src, src_port: 40_000 + index, ip_version: src.includes(':') ? 6 : 4 } as const;
}
