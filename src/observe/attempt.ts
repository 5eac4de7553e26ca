/** Attempt: one measured answer that left, and what shows that it arrived. */
import type { Observation, ReceiptFacts, Transport } from './observation.ts';
import { pathKindOf, REASSEMBLY } from './path-kind.ts';
import { CLOCK_MS } from './window.ts';

/** Names one observation for ever. */
export interface RowId {
  readonly node: string;
  readonly boot: number;
  readonly seq: number;
}

export interface Attempt {
  /** When the answer left, milliseconds since the epoch. */
  readonly at: number;
  /** Where it was sent to; the only address that its proof credits. */
  readonly src: string;
  /** The least of the addresses of its trial that are known to be one resolver with `src`. */
  readonly asker: string;
  /** Addresses that some trial shows to be one resolver with `src`; may hold `src` itself. */
  readonly mates: ReadonlySet<string>;
  /** True where its query had RD=1, and no such query of `src` ever went on to a receipt: `dig`, or another stub resolver. */
  readonly isStub: boolean;
  /** AD bit of its query: `dig` sets it, resolvers hardly. */
  readonly ad: boolean;
  /** Port it was sent to; 0 where only its receipt is known, which does not say. */
  readonly srcPort: number;
  /** Address of ours that it left from; empty where only its receipt is known. */
  readonly dst: string;
  /** Name of the node that sent it; empty where only its receipt is known. */
  readonly node: string;
  /** How it was to leave: `default`, `df`, `nodf`, `frag`. */
  readonly arm: string;
  readonly ipVersion: 4 | 6;
  readonly proto: Transport;
  readonly qtype: number;
  /** EDNS payload size of the query; 512 where it had no EDNS. */
  readonly offered: number;
  /** Octets of the DNS message. */
  readonly sent: number;
  readonly tc: boolean;
  /** IP packets it needed; 0 where unknown. */
  readonly fragments: number;
  /** Path MTU that the kernel knew when it left, octets; null where unknown. */
  readonly pathMtu: number | null;
  /** Over TCP, whether its last octet was acknowledged; null where unknown, and for UDP. */
  readonly tcpAcked: boolean | null;
  /** False where we ourselves kept the answer small or withheld it: its loss says nothing about the path. */
  readonly isClean: boolean;
  /** True where an arrival would have shown itself: it carried a receipt, and its asker had reason to go on to it. */
  readonly canProve: boolean;
  /** True where nothing had arrived at its asker, and it asked the same again when it would have known of an arrival. */
  readonly isMissed: boolean;
  /**
   * `own`: its receipt came from `src`. `joined`: from another address of the run. `cookie`: its server cookie came back.
   * `acked`: TCP acknowledged its last octet.
   */
  readonly proof: 'own' | 'joined' | 'cookie' | 'acked' | 'none';
  /** ICMP errors that answered it, in order of time. Anybody can forge one. */
  readonly errors: readonly Observation[];
  /** True where one of them says that fragments never came, and quotes port, id and question: who cannot see it hardly guesses all. */
  readonly isMissingFragments: boolean;
  /** The measured row, where we have it, and the rows that prove its arrival. */
  readonly rows: readonly RowId[];
}

/** What came back for a measured row. */
export interface Echoes {
  readonly receipt: { readonly row: Observation; readonly relation: 'own' | 'joined' } | undefined;
  /** The first query with its server cookie. */
  readonly cookie: Observation | undefined;
  readonly errors: readonly Observation[];
}

/** What its trial knows of who asked. */
export type Asking = Pick<Attempt, 'asker' | 'isStub'>;

/** An attempt that we have a measured row for. */
export function attemptOf(
  row: Observation,
  { receipt, cookie, errors }: Echoes,
  { asker, isStub }: Asking,
): Attempt {
  const tcpAcked = row.proto === 'udp' ? null : row.tcp_acked;
  return {
    at: row.time,
    src: row.src,
    asker,
    mates: NOBODY,
    isStub,
    ad: row.ad,
    srcPort: row.src_port,
    dst: row.dst,
    node: row.node,
    arm: row.arm,
    ipVersion: row.ip_version,
    proto: row.proto,
    qtype: row.qtype,
    offered: offeredBy(row.edns_udp),
    sent: row.res_len,
    tc: row.tc,
    fragments: row.fragments,
    pathMtu: row.path_mtu,
    tcpAcked,
    isClean: isClean(row),
    canProve: (row.instance !== null && !ENDS_AT_ALIAS.includes(row.qtype)) || tcpAcked !== null,
    isMissed: false,
    proof: proofOf(receipt?.relation, cookie !== undefined, tcpAcked),
    errors,
    isMissingFragments: errors.some((error) => pathKindOf(error) === REASSEMBLY && isQuotation(error, row)),
    rows: [row, receipt?.row, cookie].flatMap((each) => (each === undefined ? [] : [idOf(each)])),
  };
}

/**
 * An attempt known only by its own receipt: the node that sent the answer is another one, or its row was lost.
 *
 * @param arm of its trial
 */
export function attemptOfReceipt(row: Observation, facts: ReceiptFacts, arm: string): Attempt {
  return {
    at: facts.at,
    src: row.src,
    asker: row.src,
    mates: NOBODY,
    isStub: false,
    ad: row.ad,
    srcPort: 0,
    dst: '',
    node: '',
    arm,
    ipVersion: row.ip_version,
    proto: facts.proto,
    qtype: row.qtype,
    offered: offeredBy(facts.edns),
    sent: facts.sent,
    tc: false,
    fragments: facts.fragments,
    pathMtu: null,
    tcpAcked: null,
    isClean: facts.sent === facts.asked,
    canProve: true,
    isMissed: false,
    proof: 'own',
    errors: [],
    isMissingFragments: false,
    rows: [idOf(row)],
  };
}

const NOBODY: ReadonlySet<string> = new Set();

export const QTYPE_CNAME = 5;
const QTYPE_ANY = 255;
/** Who asks for these has what it wanted in the measured answer, and does not go on to the receipt (RFC 1034 §3.6.2). */
const ENDS_AT_ALIAS: readonly number[] = [QTYPE_CNAME, QTYPE_ANY];

/** Two queries closer than this come from one moment: users' programs ask for A and AAAA at once. */
export const ONE_MOMENT_MS = 200;

/** Whether `later` was asked because `earlier` brought nothing: other TYPEs, and queries of one moment, are no retries. */
export function isRetryOf(later: Attempt, earlier: Attempt): boolean {
  return later.qtype === earlier.qtype && later.at - earlier.at >= ONE_MOMENT_MS;
}

/**
 * Tells whether the asker of an attempt asked again after it.
 *
 * @param attempts in order of time, among which to look
 */
export function indexRetries(attempts: readonly Attempt[]): (earlier: Attempt) => boolean {
  const last = new Map(attempts.map((attempt) => [questionOf(attempt), attempt]));
  return (earlier) => {
    const later = last.get(questionOf(earlier));
    return later !== undefined && isRetryOf(later, earlier);
  };
}

/** Attempts of those askers that asked again, in the same order: a bystander who asked once is left out. */
export function attemptsOfRetriers(attempts: readonly Attempt[]): Attempt[] {
  const isAskedAgain = indexRetries(attempts);
  const retriers = new Set(
    attempts.filter((each) => each.isMissed || isAskedAgain(each)).map(({ asker }) => asker),
  );
  return attempts.filter(({ asker }) => retriers.has(asker));
}

function questionOf({ asker, qtype }: Attempt): string {
  return `${asker} ${qtype}`;
}

/** Whether `later` can be a consequence of `earlier`: the clocks of two nodes may differ. */
export function isAfter(
  later: { readonly at: number; readonly node: string },
  earlier: { readonly at: number; readonly node: string },
): boolean {
  return later.at - earlier.at >= (later.node === earlier.node ? 0 : -CLOCK_MS);
}

export function isProven({ proof }: Attempt): boolean {
  return proof !== 'none';
}

/** Octets of the largest DNS message in one packet of 1500 octets, by IP version: without the headers of IP and UDP. */
export const MOST_WHOLE: Readonly<Record<4 | 6, number>> = { 4: 1472, 6: 1452 };

/** What next to every link takes whole: every one over IPv6 does (RFC 8200 §5), and over IPv4 narrower ones are very rare. */
export const ALWAYS_WHOLE = 1232;

/** Whether a router may have cut what left whole, and nothing was lost by that: over IPv4 what has no DF (RFC 791 §3.2). */
export function mayBeCut({ ipVersion, arm }: Pick<Attempt, 'ipVersion' | 'arm'>): boolean {
  return ipVersion === 4 && arm !== 'df';
}

/** Where the number of packets is unknown, an Ethernet link of 1500 octets decides. */
export function isFragmented({ fragments, sent, ipVersion }: Attempt): boolean {
  return fragments === 0 ? sent > MOST_WHOLE[ipVersion] : fragments > 1;
}

export function idOf({ node, boot, seq }: Observation): RowId {
  return { node, boot, seq };
}

/** The same as text. */
export function rowKey({ node, boot, seq }: RowId): string {
  return [node, boot, seq].join('|');
}

/** Whether an error shows that its sender saw the very datagram. */
function isQuotation(error: Observation, { src_port, id, qname }: Observation): boolean {
  return error.qname !== '' && error.qname === qname && error.src_port === src_port && error.id === id;
}

/** RFC 6891 §6.2.3: no EDNS, and every size below 512, means 512. */
function offeredBy(ednsUdp: number): number {
  return Math.max(512, ednsUdp);
}

/** What credits the very source comes first. */
function proofOf(relation: 'own' | 'joined' | undefined, hasCookie: boolean, tcpAcked: boolean | null) {
  if (relation === 'own') return 'own';
  if (hasCookie) return 'cookie';
  if (tcpAcked === true) return 'acked';
  return relation ?? 'none';
}

function isClean({ action, proof, excluded, size_miss }: Observation): boolean {
  return (action === 'answer' || action === 'tc') && proof !== 'none' && excluded === '' && !size_miss;
}
