/** Attempt: one measured answer that left, and what shows that it arrived. */
import { networkOf } from './network.ts';
import type { Observation, ReceiptFacts, Transport } from './observation.ts';

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
  /** True where an arrival would have shown itself: it carried a receipt, and no older one was returned in its place. */
  readonly canProve: boolean;
  /**
   * `own`: its receipt came from `src`. `joined`: from another address of the run. `cookie`: its server cookie came back.
   * `acked`: TCP acknowledged its last octet.
   */
  readonly proof: 'own' | 'joined' | 'cookie' | 'acked' | 'none';
  /** ICMP errors that answered it, in order of time. Anybody can forge one. */
  readonly errors: readonly Observation[];
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

/** An attempt that we have a measured row for. */
export function attemptOf(row: Observation, { receipt, cookie, errors }: Echoes): Attempt {
  const tcpAcked = row.proto === 'udp' ? null : row.tcp_acked;
  return {
    at: row.time,
    src: row.src,
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
    canProve: row.instance !== null || tcpAcked !== null,
    proof: proofOf(receipt?.relation, cookie !== undefined, tcpAcked),
    errors,
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
    proof: 'own',
    errors: [],
    rows: [idOf(row)],
  };
}

/** Two queries closer than this come from one moment: users' programs ask for A and AAAA at once. */
const ONE_MOMENT_MS = 200;

/** Whether `later` was asked because `earlier` brought nothing: other TYPEs, and queries of one moment, are no retries. */
export function isRetryOf(later: Attempt, earlier: Attempt): boolean {
  return later.qtype === earlier.qtype && later.at - earlier.at >= ONE_MOMENT_MS;
}

/** Attempts of those networks that asked again, in the same order: a bystander who asked once is left out. */
export function attemptsOfRetriers(attempts: readonly Attempt[]): Attempt[] {
  return attempts.filter(({ src }) => {
    const own = attempts.filter((each) => networkOf(each.src) === networkOf(src));
    return own.some((earlier) => own.some((later) => isRetryOf(later, earlier)));
  });
}

export function isProven({ proof }: Attempt): boolean {
  return proof !== 'none';
}

/** Where the number of packets is unknown, an Ethernet link of 1500 octets decides. */
export function isFragmented({ fragments, sent, ipVersion }: Attempt): boolean {
  return fragments === 0 ? sent > (ipVersion === 6 ? 1452 : 1472) : fragments > 1;
}

export function idOf({ node, boot, seq }: Observation): RowId {
  return { node, boot, seq };
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
