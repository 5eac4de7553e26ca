/** What padzone says in TXT, read back: receipts, `me`, the ladder `rs`, and its view of an address. */
import { isProofLabel } from '../../zone/proof.ts';

export interface Receipt {
  /** Address that asked for the receipt. */
  readonly source: string;
  /** `relayed`: another address was sent the measured answer; `replay`: this receipt was asked before. */
  readonly relation: 'own' | 'relayed' | 'replay';
  /** Octets of the measured answer as it was sent. */
  readonly octets: number;
  readonly transport: 'udp' | 'tcp';
  /** EDNS size of the query that was answered; undefined without EDNS. */
  readonly ednsSize: number | undefined;
  /** IP packets; undefined where the server does not know. */
  readonly packets: number | undefined;
  /** Milliseconds since the epoch, by the clock of the server. */
  readonly sentAt: number;
  /** Who sent it: its name, or `node <number>` where another node was asked for the receipt. */
  readonly sender: string;
}

/** What a server saw of a query for `me`. */
export interface Seen {
  readonly source: string;
  readonly node: string;
  /** Address of the server. */
  readonly local: string;
  readonly transport: 'udp' | 'tcp';
  /** undefined without EDNS. */
  readonly ednsSize: number | undefined;
  readonly dnssecOk: boolean;
  readonly cookie: string;
}

/** One line of a server's view of an address: what arrived, or was sent and shows no receipt. */
export interface View {
  readonly node: string;
  readonly octets: number;
  readonly transport: 'udp' | 'tcp';
  readonly hasArrived: boolean;
  /** Milliseconds since the epoch, by the clock of the server. */
  readonly lastAt: number;
  readonly text: string;
}

const RECEIPT =
  /^(\S+) (received|relays the receipt of another address, which received|repeats an old receipt:) (\d+) octets over (UDP|TCP|TLS) \((?:no EDNS|EDNS (\d+))(?:, (one packet|\d+ fragments))?(?:, \d+ were asked for)?\) (\S+) (\S+|node \d+)$/;
const ASKED = /^(\S+) port \d+ asked (\S+) at (\S+) over (UDP|TCP|TLS)$/;
const EDNS = /^EDNS payload size (\d+), DO=([01])/;
const COOKIE = /, cookie (\w+),/;
const VIEW =
  /^(\S+) (saw|sent) (\d+) octets (?:received )?over (UDP|TCP)(?: .*|, no receipt so far)?, last (\S+)$/;
const LADDER_LIMIT = /\breply size limit is at least (\d+) bytes/;
const LADDER_EDNS_SIZE = /\bsent EDNS buffer size (\d+)/;

const RELATIONS = { received: 'own', relays: 'relayed', repeats: 'replay' } as const;

/** The receipt at the end of a trial; undefined where the texts hold none. */
export function readReceipt(texts: readonly string[] = []): Receipt | undefined {
  const [, source, how, octets, transport, ednsSize, packets, time, sender] =
    firstMatch(RECEIPT, texts) ?? [];
  if (source === undefined || time === undefined || sender === undefined) return undefined;
  const verb = (how ?? '').split(' ')[0] as keyof typeof RELATIONS;
  return {
    source,
    relation: RELATIONS[verb],
    octets: Number(octets),
    transport: transportOf(transport),
    ednsSize: numberOf(ednsSize),
    packets: packets === 'one packet' ? 1 : numberOf(packets?.split(' ')[0]),
    sentAt: Date.parse(time),
    sender,
  };
}

/** Who received the measured answer, as far as a receipt tells: of a relayed one the server knows the address and does not say it. */
export function receiverOf({ source, relation }: Receipt): string {
  return relation === 'relayed' ? `another, relayed by ${source}` : source;
}

/** What a server says at `me` of the query itself; undefined where the texts are of another kind. */
export function readSeen(texts: readonly string[] = []): Seen | undefined {
  const [, source, node, local, transport] = firstMatch(ASKED, texts) ?? [];
  if (source === undefined || node === undefined || local === undefined) return undefined;
  const [, ednsSize, dnssecOk] = firstMatch(EDNS, texts) ?? [];
  return {
    source,
    node,
    local,
    transport: transportOf(transport),
    ednsSize: numberOf(ednsSize),
    dnssecOk: dnssecOk === '1',
    cookie: firstMatch(COOKIE, texts)?.[1] ?? 'none',
  };
}

/** What a server says at `me` of the time before; empty where it knows the address for the first time. */
export function readViews(texts: readonly string[] = []): View[] {
  return texts.flatMap((text) => {
    const [, node, verb, octets, transport, last] = VIEW.exec(text) ?? [];
    if (node === undefined || last === undefined) return [];
    return [
      {
        node,
        octets: Number(octets),
        transport: transportOf(transport),
        hasArrived: verb === 'saw',
        lastAt: Date.parse(last),
        text,
      },
    ];
  });
}

/** The name to ask next, by which the server learns that the texts came, without final dot; undefined where they hold none. */
export function readProofName(texts: readonly string[] = []): string | undefined {
  return texts.find((text) => isProofLabel(text.split('.')[0]!))?.replace(/\.$/, '');
}

/** The size that the ladder of `rs` reached, in octets; undefined when the texts do not say. */
export function readLadderLimit(texts: readonly string[] = []): number | undefined {
  return numberOf(firstMatch(LADDER_LIMIT, texts)?.[1]);
}

/** The EDNS size with which padzone was asked for `rs`, in octets. */
export function readLadderEdnsSize(texts: readonly string[] = []): number | undefined {
  return numberOf(firstMatch(LADDER_EDNS_SIZE, texts)?.[1]);
}

function firstMatch(pattern: RegExp, texts: readonly string[]): RegExpExecArray | undefined {
  for (const text of texts) {
    const match = pattern.exec(text);
    if (match !== null) return match;
  }
  return undefined;
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

/** DNS over TLS is a stream as TCP is. */
function transportOf(word: string | undefined): 'udp' | 'tcp' {
  return word === 'UDP' ? 'udp' : 'tcp';
}
