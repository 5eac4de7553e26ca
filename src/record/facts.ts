/** Facts of one exchange: what came in and what went out, never a conclusion (column names after SIDN's ENTRADA). */
import type { Phase, Signal } from '../zone/made.ts';

/** Transport between the source address and this server. */
export type Transport = 'udp' | 'tcp' | 'tls';

/** What proved that the source address is real before a large answer left. */
export type Proof = 'gate' | 'cookie' | 'tcp' | 'recent' | 'allow' | 'none';

/** What this server did with the query. */
export type Action = 'answer' | 'tc' | 'refuse' | 'drop' | 'badcookie';

/**
 * The place of a query in a trial; `other` is everything outside one (SOA, DNSKEY, help, …). `proof`: of a name that only a client
 * can know, from the text of an answer.
 */
export type Step = 'gate' | 'measured' | 'receipt' | 'ladder' | 'proof' | 'other';

/** `own`: asked by the address that was sent the measured answer. `relayed`: by another. `replay`: after its window. */
export type Relation = 'own' | 'relayed' | 'replay';

/** How a message was brought to its size. `none`: it was not asked to have one, or could not. */
export type FillerKind = 'signed' | 'plain' | 'label' | 'txt' | 'padding' | 'none';

/** Why a trial says nothing about the path: our own limits spoke, or a fault that the name asks for. Else empty. */
export type Excluded = '' | 'budget' | 'gate' | 'fault';

/** The measured answer that a receipt query proves, read out of the receipt name itself. */
export interface ReceiptFacts {
  /** Number of the node that sent the measured answer, 0..255. */
  readonly node: number;
  /** Counter of that node; with `node` and `at` it names one answer instance. */
  readonly instance: number;
  /** When the measured answer was sent, milliseconds since the epoch. */
  readonly at: number;
  /** Size that was asked for, octets. */
  readonly asked: number;
  /** Size that left, octets of the DNS message. */
  readonly sent: number;
  readonly proto: Transport;
  /** EDNS payload size of the query that got the measured answer; 0 is no EDNS. */
  readonly edns: number;
  /** IP packets that the measured answer needed; 0 where this server cannot know. */
  readonly fragments: number;
  readonly filler: FillerKind;
  readonly relation: Relation;
}

/** All of it known when the answer leaves. */
export interface Facts {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly src: string;
  readonly src_port: number;
  readonly dst: string;
  readonly proto: Transport;
  readonly ip_version: 4 | 6;
  readonly id: number;
  /** Presentation form, in the query's own case, with the final dot. Empty when no question could be read. */
  readonly qname: string;
  readonly qtype: number;
  readonly qclass: number;
  readonly rd: boolean;
  readonly cd: boolean;
  readonly ad: boolean;
  /** -1 where the query had no OPT. */
  readonly edns_version: number;
  readonly edns_udp: number;
  readonly edns_do: boolean;
  /** Option codes in the order received. */
  readonly edns_options: readonly number[];
  readonly cookie: 'none' | 'client' | 'valid' | 'stale';
  /** Low 24 bits of the instance of the response whose server cookie came back; proves that that response arrived. */
  readonly cookie_instance: number | null;
  readonly req_len: number;
  /** Octets of the DNS message that left; 0 where nothing did. */
  readonly res_len: number;
  readonly tc: boolean;
  readonly rcode: number;
  /** INFO-CODE of the Extended DNS Error sent, -1 for none. */
  readonly ede: number;
  /** Apex of the zone that answered; empty where none did. */
  readonly zone: string;
  /** Name of the behavior in the table; empty for zone data and errors. */
  readonly behavior: string;
  /** Octets that the name asked for; 0 where it asked for none. */
  readonly size: number;
  /** True where the message could not be made `size` octets and left with another size. */
  readonly size_miss: boolean;
  readonly arm: string;
  /** Options of the test name other than the run, in the order of their table, joined by hyphens; empty for none. */
  readonly options: string;
  readonly filler: FillerKind;
  /** Run id as 12 hex digits; empty where the query belongs to none. */
  readonly run: string;
  readonly step: Step;
  /** Counter of this response, null where it carried neither receipt nor cookie. */
  readonly instance: number | null;
  readonly receipt: ReceiptFacts | null;
  /** Phase of the key roll that the zone was in; empty for none. */
  readonly phase: Phase;
  /** What the name tells of trust anchors, or of who read an answer. */
  readonly signal: Signal;
  /** Octets of the UDP answer without which the source's prefix could not know this name: a step of the ladder. 0 for none. */
  readonly proven: number;
  readonly proof: Proof;
  readonly action: Action;
  readonly excluded: Excluded;
  /** IP packets that this answer needed at the known link MTU; 0 where unknown. */
  readonly fragments: number;
  readonly latency_us: number;
  /** TTL or hop limit that the query arrived with; null where unknown. */
  readonly ttl: number | null;
  /** Path MTU towards the source that the kernel knew, octets; null where unknown. */
  readonly path_mtu: number | null;
  /** What the kernel knew of the TCP connection when it was done with: null where unknown, and for UDP. */
  readonly tcp_rtt_us: number | null;
  readonly tcp_mss: number | null;
  readonly tcp_pmtu: number | null;
  /** Largest segment that the SYN of its connection offered to take, octets. */
  readonly syn_mss: number | null;
  /** True where the peer acknowledged the last octet of this answer. */
  readonly tcp_acked: boolean | null;
}
