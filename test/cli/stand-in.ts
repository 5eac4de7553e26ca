/** Stand-ins on real sockets for what a probe asks, encoded by dns-packet: a resolver in front of padzone, and padzone in small. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { afterEach } from 'vitest';
import { receiptText } from '../../src/behaviors/receipt-text.ts';
import type { Subcommand } from '../../src/cli/subcommand.ts';
import { loadConfig } from '../../src/config.ts';
import { TOKEN_CHARACTERS } from '../../src/zone/token.ts';

export const ORIGIN = 'probe.example';
export const AA = 1 << 10;
export const TC = 1 << 9;
export const RA = 1 << 7;
export const AD = 1 << 5;
export const CD = 1 << 4;

export type Transport = 'udp' | 'tcp';
/** What the stand-in does with one query; undefined is silence. */
export type Answerer = (
  query: Packet,
  transport: Transport,
  octets: Buffer,
) => Buffer | undefined | Promise<Buffer | undefined>;

const closers: (() => void)[] = [];
afterEach(closeAll);

export function closeAll(): void {
  for (const close of closers.splice(0)) close();
}

/** Starts UDP and TCP on one port of 127.0.0.1; returns `address:port`. */
export async function standIn(answer: Answerer): Promise<string> {
  const tcp = createServer((socket: Socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', async (framed) => {
      const octets = framed.subarray(2);
      const message = await answer(decode(octets), 'tcp', octets);
      if (message === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
  });
  const udp = await listenOnBoth(tcp);
  const { port } = udp.address();
  let isOpen = true;
  udp.on('message', async (octets, peer) => {
    const message = await answer(decode(octets), 'udp', octets);
    if (message !== undefined && isOpen) udp.send(message, peer.port, peer.address);
  });
  closers.push(
    () => {
      isOpen = false;
      udp.close();
    },
    () => tcp.close(),
  );
  return `127.0.0.1:${port}`;
}

/** One port for both, which somebody else may have under UDP: then another. @returns UDP's socket */
async function listenOnBoth(tcp: Server): Promise<UdpSocket> {
  for (let tries = 1; ; tries++) {
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const udp = createSocket('udp4');
    try {
      udp.bind((tcp.address() as AddressInfo).port, '127.0.0.1');
      await once(udp, 'listening');
      return udp;
    } catch (error) {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
      if (tries === 20) throw error;
    }
  }
}

export function qnameOf(query: Packet): string {
  return query.questions?.[0]?.name ?? '';
}

/** What was asked, without run id and origin: `s1232`, `s1232.bogus`, `` for the origin itself. */
export function askedOf(query: Packet): string {
  return qnameOf(query)
    .replace(new RegExp(`\\.?${ORIGIN.replace('.', '\\.')}$`), '')
    .replace(/[-.]n[0-7][0-9a-v]{9}/, '');
}

export const cname = (name: string, data: string) => ({ type: 'CNAME' as const, name, ttl: 0, data });
export const txt = (name: string, ...data: string[]) => ({ type: 'TXT' as const, name, ttl: 0, data });

export function reply(query: Packet, packet: Packet): Buffer {
  return encode({ type: 'response', id: query.id ?? 0, questions: query.questions ?? [], ...packet });
}

/** Its types know four option codes only. */
const option = (code: number, data: string) => ({ code, data: Buffer.from(data) }) as never;

export const servfail = (query: Packet) => reply(query, { flags: RA | 2 });

export const servfailWithEde = (query: Packet) =>
  reply(query, {
    flags: RA | 2,
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [option(65_001, 'private'), option(15, '\0\x16no luck')],
      },
    ],
  });

/** What the servers of the origin would say through this resolver. */
export interface Manner {
  /** EDNS size that it offers to the servers. */
  readonly offers?: number;
  /** Largest answer that crosses its path over UDP; it goes on over TCP, where that works. */
  readonly path?: number;
  readonly hasTcp?: boolean;
  /** Its queries over UDP reach the servers without EDNS; those over TCP have it. */
  readonly isStripped?: boolean;
  readonly validates?: boolean;
  /** Key tags of the root that it trusts, and answers for (RFC 8509); absent where it knows no sentinels. */
  readonly trusts?: readonly number[];
  /** Largest DNSKEY answer that reaches its validator. */
  readonly keys?: number;
  readonly version?: string;
  /** Nodes that answer by turns. */
  readonly nodes?: readonly string[];
  /** Lines that the servers say of it at `me`. */
  readonly views?: readonly string[];
  /** Zones that do not answer. */
  readonly lacks?: readonly string[];
}

export const SOURCE = '192.0.2.1';
/** Of the length that they have. */
const PROOF = `v${'0'.repeat(TOKEN_CHARACTERS)}`;
const SENT_AT = Date.UTC(2026, 10, 24, 15);

/** A resolver in front of padzone, unless `otherwise` answers. */
export function resolver(
  manner: Manner = {},
  otherwise: (asked: string, query: Packet, transport: Transport) => Buffer | 'silence' | undefined = () =>
    undefined,
): Answerer {
  let asked = 0;
  return (query, transport) => {
    const own = otherwise(askedOf(query), query, transport);
    if (own !== undefined) return own === 'silence' ? undefined : own;
    return answerOf(manner, query, asked++);
  };
}

function answerOf(manner: Manner, query: Packet, turn: number): Buffer {
  const { validates = true, nodes = ['ns1'], lacks = [] } = manner;
  const name = qnameOf(query);
  const asked = askedOf(query);
  const isUnchecked = ((query.flags ?? 0) & CD) !== 0;
  const [label = '', zone = ''] = asked.split('.');
  if (query.questions?.[0]?.class === 'CH') return versionOf(manner, query);
  if (lacks.includes(zone) || (zone === 'bogus' && validates && !isUnchecked)) return servfail(query);
  const flags = RA | (validates && zone !== 'bogus' ? AD : 0);
  if (query.questions?.[0]?.type === 'DNSKEY') return keysOf(query, flags);
  if (PROVING.test(label)) return isRefused(manner, asked, query) ? servfail(query) : proving(query, flags);
  if (asked === '') {
    const answers = nodes.map((data) => ({ type: 'NS' as const, name, ttl: 60, data: `${data}.${ORIGIN}` }));
    return reply(query, { flags, answers });
  }
  const lines = linesOf(manner, label, nodes[turn % nodes.length] ?? '');
  return lines === undefined
    ? servfail(query)
    : reply(query, { flags, answers: lines.map((line) => txt(name, line)) });
}

const PROVING = /^(root-key-sentinel-|live$|trial-|v[0-9a-v]{20})/;
/** Octets of the replicas that are asked for. */
const REPLICAS: Readonly<Record<string, number>> = { 'trial-k20261011': 1139, 'trial-k20270111': 1425 };

function isRefused(
  { trusts, keys = 65_535, validates = true }: Manner,
  asked: string,
  query: Packet,
): boolean {
  const [label = ''] = asked.split('.');
  if (label in REPLICAS) return validates && REPLICAS[label]! > keys;
  const [, kind, tag] = /^root-key-sentinel-(is|not)-ta-(\d{5})$/.exec(label) ?? [];
  if (trusts === undefined || kind === undefined || query.questions?.[0]?.type !== 'A') return false;
  return trusts.includes(Number(tag)) !== (kind === 'is');
}

/** As a zone signed with ML-DSA-44 has them. */
function keysOf(query: Packet, flags: number): Buffer {
  const key = Buffer.alloc(1331);
  const data = { flags: 257, algorithm: 253, key };
  return reply(query, { flags, answers: [{ type: 'DNSKEY', name: qnameOf(query), ttl: 300, data }] });
}

/** An address, or TXT with the name to ask next. */
function proving(query: Packet, flags: number): Buffer {
  const name = qnameOf(query);
  const answer =
    query.questions?.[0]?.type === 'A'
      ? ({ type: 'A', name, ttl: 0, data: '192.0.2.53' } as const)
      : txt(name, 'this answer reached you; to tell the server, ask TXT');
  return reply(query, {
    flags,
    answers: [answer, ...(answer.type === 'A' ? [] : [txt(name, `${PROOF}.${name}.`)])],
  });
}

function versionOf({ version }: Manner, query: Packet): Buffer {
  const name = qnameOf(query);
  if (version === undefined || name !== 'version.bind') return reply(query, { flags: RA | 5 });
  return reply(query, { flags: RA, answers: [{ ...txt(name, version), class: 'CH' } as Answer] });
}

/** The TXT of a name; undefined where the servers cannot be asked for it. */
function linesOf(manner: Manner, label: string, node: string): string[] | undefined {
  const { offers = 4096, path = 4096, isStripped = false, views = [] } = manner;
  if (label === 'me')
    return [
      `${SOURCE} port 5353 asked ${node} at 198.51.100.1 over UDP`,
      isStripped ? 'no EDNS' : `EDNS payload size ${offers}, DO=1, options none`,
      'RD=0 CD=0, cookie none, query of 45 octets',
      ...views,
    ];
  if (label === 'rs')
    return [
      isStripped ? `${SOURCE} lacks EDNS, defaults to 512` : `${SOURCE} sent EDNS buffer size ${offers}`,
      `${SOURCE} DNS reply size limit is at least ${isStripped ? 512 : Math.min(offers, path)} bytes`,
    ];
  if (label.startsWith('p')) return ['x'.repeat(255)];
  const receipt = receiptOf(manner, label, node);
  return receipt === undefined ? undefined : [receipt];
}

function receiptOf(manner: Manner, label: string, node: string): string | undefined {
  const { offers = 4096, path = 65_535, hasTcp = true, isStripped = false } = manner;
  const size = Number(/^s(\d+)/.exec(label)?.[1]);
  const overUdp = !label.endsWith('-tc') && size <= (isStripped ? 512 : offers) && size <= path;
  if (!overUdp && !hasTcp) return undefined;
  const told = {
    asked: size,
    sent: size,
    at: SENT_AT,
    edns: isStripped && overUdp ? 0 : offers,
    transport: overUdp ? ('udp' as const) : ('tcp' as const),
    fragments: !overUdp ? 0 : size > 1472 ? Math.ceil(size / 1472) : 1,
  };
  return receiptText(told, 'own', SOURCE, node);
}

export class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A millisecond a look, so that nothing is late because a machine is busy. */
export function tickingClock(): () => number {
  let time = SENT_AT;
  return () => time++;
}

/** Runs a subcommand in this process. */
export async function run(
  subcommand: Subcommand,
  args: readonly string[],
  options: Record<string, unknown> = {},
  { origin = ORIGIN, err = new Sink(), now = tickingClock() } = {},
) {
  const out = new Sink();
  const config = () => loadConfig({ flags: { origin }, env: {} });
  const status = await subcommand.run({ config, out, err, now }, args, {
    timeout: '2',
    ...options,
  });
  return { status, out: out.text, err: err.text };
}

/** The document of `--json`, as far as tests look at it. */
export interface Document {
  server: string;
  run: string;
  direct: boolean;
  version: string | null;
  problems: number;
  sources: string[];
  advice: string[];
  sizes: {
    size: number;
    how: string;
    recovery: string;
    edns: number | null;
    not_offered: number | null;
    problem: string | null;
  }[];
  checks: { name: string; state: string; text: string; advice: string[] }[];
  views: { node: string; source: string; octets: number; transport: string; arrived: boolean }[];
  tests: {
    asked: string;
    name: string;
    status: string;
    transport: string;
    octets: number;
    largest: number;
    texts: string[];
    problem: string | null;
    exchanges: { name: string; udp: string }[];
  }[];
}

export async function runJson(
  subcommand: Subcommand,
  args: readonly string[],
  options: Record<string, unknown> = {},
  world: Parameters<typeof run>[3] = {},
) {
  const { status, out } = await run(subcommand, args, { ...options, json: true }, world);
  return { status, document: JSON.parse(out) as Document };
}

export function check({ checks }: Document, name: string) {
  return checks.find((each) => each.name === name);
}

export function test({ tests }: Document, asked: string) {
  return tests.find((each) => each.asked === asked);
}
