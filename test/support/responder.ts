/** An answering core for tests: the shipped zones, real keys, and a clock that the test moves. No sockets. */
import { decode, type Packet } from 'dns-packet';
import type { ZoneKey } from '../../src/dnssec/key.ts';
import type { StoredKey } from '../../src/dnssec/key-store.ts';
import { generateDistinctKey } from '../../src/dnssec/key-store.ts';
import { wantedKeys } from '../../src/engine/load-world.ts';
import type { Facts } from '../../src/record/facts.ts';
import type { Arrival } from '../../src/server/arrival.ts';
import type { ResponderSettings } from '../../src/server/core.ts';
import { makeResponder } from '../../src/server/respond.ts';
import { readSource } from '../../src/server/source.ts';
import { addressKey } from '../../src/wire/address.ts';
import { latin1, type Name, parseName } from '../../src/wire/name.ts';
import { type EdnsOption, opt } from '../../src/wire/rdata/opt.ts';
import { parseType } from '../../src/wire/rdata/table.ts';
import { Writer } from '../../src/wire/writer.ts';
import { buildZones, type NameServer, type ZoneTree } from '../../src/zone/zone.ts';
import { readZoneFiles } from '../../src/zone/zone-file.ts';

/** The full plan of addresses on loopback: origin, children, hostile. */
export const FULL_PLAN: readonly NameServer[] = [
  { name: 'ns1.probe.test', role: 'parent', ipv4: ['127.0.0.1'], ipv6: ['2001:db8::1'] },
  { name: 'nsc.probe.test', role: 'children', ipv4: ['127.0.0.2'], ipv6: ['2001:db8::2'] },
  { name: 'nsx.probe.test', role: 'hostile', ipv4: ['127.0.0.3'], ipv6: ['2001:db8::3'] },
];

/** One IPv4 and one IPv6 address for everything. */
export const MINIMAL_PLAN: readonly NameServer[] = (['parent', 'children', 'hostile'] as const).map(
  (role) => ({
    name: 'ns1.probe.test',
    role,
    ipv4: ['127.0.0.1'],
    ipv6: ['2001:db8::1'],
  }),
);

/** No budget binds, and a gate is needed: tests say where they want it otherwise. */
export const TEST_SETTINGS: ResponderSettings = {
  node: { name: 'ns1', id: 1 },
  version: '',
  secret: latin1('a secret that only tests have'),
  cookieLayout: 'private',
  tcpIdle: 10,
  udpMax: 4096,
  udpPlainMax: 1232,
  udpBudget: 0,
  udpBudgetBurst: 0,
  udpBudgetTotal: 0,
  signingBudget: 1_000_000,
  isOpen: false,
  isAllowed: () => false,
  arms: ['default', 'df', 'nodf', 'frag'],
};

export const NOON = Date.UTC(2026, 10, 24, 12);

export interface Question {
  /** Presentation form, `probe.test` or so: completed with a final dot. Or wire octets. */
  readonly name: string | Name;
  /** Mnemonic, TYPE<n> or number; default TXT. */
  readonly type?: string | number;
  readonly qclass?: number;
  /** Absent: no EDNS. */
  readonly udpPayloadSize?: number;
  readonly dnssecOk?: boolean;
  /** Any further bits of the lower half of OPT's TTL. */
  readonly ednsFlags?: number;
  readonly ednsVersion?: number;
  readonly options?: readonly EdnsOption[];
  /** Header flags word; default RD clear. */
  readonly flags?: number;
  readonly id?: number;
}

/** A query message as octets. */
export function encodeQuestion(question: Question): Uint8Array {
  const { name, type = 'TXT', qclass = 1, udpPayloadSize, options = [], flags = 0, id = 0x1234 } = question;
  const writer = new Writer('message');
  const hasOpt = udpPayloadSize !== undefined;
  for (const word of [id, flags, 1, 0, 0, hasOpt ? 1 : 0]) writer.u16(word);
  writer.name(typeof name === 'string' ? parseName(name) : name);
  writer.u16(typeof type === 'number' ? type : parseType(type)!);
  writer.u16(qclass);
  if (hasOpt) {
    writer.u8(0);
    writer.u16(opt.type);
    writer.u16(udpPayloadSize);
    writer.u8(0);
    writer.u8(question.ednsVersion ?? 0);
    writer.u16((question.dnssecOk ? 0x8000 : 0) | (question.ednsFlags ?? 0));
    writer.counted(() => opt.encode(writer, { options }));
  }
  return writer.finish();
}

export interface AskFrom {
  readonly source?: string;
  readonly sourcePort?: number;
  readonly local?: string;
  readonly transport?: 'udp' | 'tcp';
  readonly linkMtu?: number;
}

export interface Answered {
  /** The message, undefined for silence. */
  readonly octets: Uint8Array | undefined;
  /** As dns-packet, which shares no code with ours, reads it. */
  readonly packet: Packet;
  readonly facts: Facts | undefined;
  readonly delayMs: number;
}

export interface TestResponder {
  ask(question: Question & AskFrom): Answered;
  respond(octets: Uint8Array, from?: AskFrom): Omit<Answered, 'packet'>;
  /** Follows the CNAMEs of the answers from one source, asking anew each time, until an answer has none. Newest last. */
  chase(question: Question & AskFrom): Answered[];
  /** Milliseconds since the epoch; tests move it. */
  readonly clock: { now: number };
  readonly tree: ZoneTree;
  /** Errors that the core reported as bugs of ours. */
  readonly bugs: unknown[];
}

export interface TestOptions {
  readonly origin?: string;
  readonly servers?: readonly NameServer[];
  readonly settings?: Partial<ResponderSettings>;
  /** No gate needed, as `direct = "open"`. */
  readonly open?: boolean;
  readonly ledger?: (source: string) => readonly string[];
  readonly zonesDir?: string;
}

const keysByOrigin = new Map<string, ZoneKey[]>();

/** Keys of the shipped zones, made once a test file. */
export async function testKeys(origin: string, zonesDir = 'zones'): Promise<ZoneKey[]> {
  const cacheKey = `${origin} ${zonesDir}`;
  const known = keysByOrigin.get(cacheKey);
  if (known) return known;
  const made: ZoneKey[] = [];
  for (const { zone, algorithm, scheme } of wantedKeys(origin, await readZoneFiles(zonesDir)))
    for (const flags of scheme === 'csk' ? ([257] as const) : ([257, 256] as const))
      made.push(generateDistinctKey({ zone, algorithm, flags }, made as StoredKey[]));
  keysByOrigin.set(cacheKey, made);
  return made;
}

export async function makeTestResponder(options: TestOptions = {}): Promise<TestResponder> {
  const { origin = 'probe.test', servers = MINIMAL_PLAN, open = false, zonesDir = 'zones' } = options;
  const keys = await testKeys(origin, zonesDir);
  const tree = buildZones(origin, await readZoneFiles(zonesDir), servers, keys, {
    secret: options.settings?.secret ?? TEST_SETTINGS.secret,
    reportChannel: true,
  });
  const clock = { now: NOON };
  const bugs: unknown[] = [];
  let random = 1;
  const core = makeResponder({
    tree,
    settings: {
      ...TEST_SETTINGS,
      isOpen: open,
      ...options.settings,
    },
    now: () => clock.now,
    monotonic: () => clock.now * 1000,
    random: (octets) => Uint8Array.from({ length: octets }, () => (random = (random * 73 + 41) & 0xff)),
    ledger: options.ledger ?? (() => []),
    onBug: (error) => bugs.push(error),
  });

  const respond = (octets: Uint8Array, from: AskFrom = {}) => core(octets, arrivalOf(from));
  const ask = (question: Question & AskFrom): Answered => {
    const outcome = respond(encodeQuestion(question), question);
    return {
      ...outcome,
      packet: outcome.octets ? decode(Buffer.from(outcome.octets)) : ({ type: 'response' } as Packet),
    };
  };
  const chase = (question: Question & AskFrom): Answered[] => {
    const all = [ask(question)];
    for (let hops = 0; hops < 12; hops++) {
      const target = aliasOf(all.at(-1)!);
      if (target === undefined) return all;
      all.push(ask({ ...question, name: target }));
    }
    throw new Error('more than 12 CNAMEs');
  };
  return { ask, respond, chase, clock, tree, bugs };
}

/** Target of the first CNAME in an answer. */
export function aliasOf({ packet }: Pick<Answered, 'packet'>): string | undefined {
  const found = packet.answers?.find(({ type }) => type === 'CNAME');
  return found && 'data' in found ? String(found.data) : undefined;
}

/** The TXT records of an answer, each as one text. */
export function texts({ packet }: Pick<Answered, 'packet'>): string[] {
  return (packet.answers ?? []).flatMap((record) =>
    record.type === 'TXT' ? [[record.data].flat().join('')] : [],
  );
}

export function arrivalOf({
  source = '192.0.2.7',
  sourcePort = 4711,
  local = '127.0.0.1',
  transport = 'udp',
  linkMtu = 1500,
}: AskFrom): Arrival {
  return { source: readSource(source), sourcePort, local, localKey: addressKey(local), transport, linkMtu };
}
