/** How each size came, from the receipts: the rows of the table. */
import { type Finding, type Findings, isFine } from './test.ts';
import { type Receipt, readLadderEdnsSize, readSeen, readViews, type View } from './texts.ts';

/**
 * `lost`: over TCP or to a smaller EDNS size, after it was lost over UDP. `doubtful`: over TCP although UDP was offered, and nobody
 * says why.
 */
export type Recovery = 'none' | 'lost' | 'doubtful';

export interface Outcome {
  /** Octets asked for. */
  readonly size: number;
  /** `udp`: the server does not know in how many packets. */
  readonly how: 'whole' | 'fragments' | 'udp' | 'tcp' | 'nothing';
  readonly recovery: Recovery;
  /** Took so much longer than the smallest size that something was asked again. */
  readonly isLate: boolean;
  /** What was offered and keeps this size off UDP, 512 without EDNS; undefined where UDP was possible or the size is not known. */
  readonly notOffered: number | undefined;
  readonly receipt: Receipt | undefined;
  readonly finding: Finding;
}

/** One row for each size of the origin that was asked, in the order asked. */
export function outcomesOf(findings: Findings): Outcome[] {
  return [...findings.values()]
    .filter(({ test }) => /^s\d+$/.test(test.id))
    .map((finding) => outcomeOf(finding, findings));
}

/** Octets that come over UDP to who asks without EDNS (RFC 1035 §4.2.1). */
const PLAIN_SIZE = 512;

/**
 * The most that a server was offered over UDP, octets; undefined where no finding says.
 *
 * Who never had EDNS over UDP did not give it up for a loss, as resolvers lower its size, and neither does this host at a name server:
 * then what the queries over TCP say is left out.
 */
export function offeredSize(findings: Findings): number | undefined {
  const all = [...findings.values()];
  const overUdp = ednsSizesOver('udp', findings);
  const isDirect = all.some(({ direct }) => direct);
  if (overUdp.length > 0 && (isDirect || overUdp.every((size) => size === undefined)))
    return Math.max(PLAIN_SIZE, ...overUdp.map((size) => size ?? 0));
  const said = all.flatMap(
    ({ texts, receipt }) => receipt?.ednsSize ?? readSeen(texts)?.ednsSize ?? readLadderEdnsSize(texts) ?? [],
  );
  return said.length === 0 ? undefined : Math.max(...said);
}

/** Of each query over one transport that a server tells of, in the order asked; undefined for one without EDNS. */
export function ednsSizesOver(transport: 'udp' | 'tcp', findings: Findings): (number | undefined)[] {
  return [...findings.values()].flatMap(({ texts, receipt }) => {
    const seen = receipt ?? readSeen(texts);
    return seen?.transport === transport ? [seen.ednsSize] : [];
  });
}

/** Addresses that the servers were asked from, in the order seen. */
export function sourcesOf(findings: Findings): string[] {
  const seen = [...findings.values()].flatMap(
    ({ texts, receipt }) => receipt?.source ?? readSeen(texts)?.source ?? [],
  );
  return [...new Set(seen)];
}

/** What a server says of the address that asked it. */
export interface ViewOf extends View {
  readonly source: string;
}

/** The views of all servers, by node and address; of several on the same thing the last one. */
export function viewsOf(findings: Findings): ViewOf[] {
  const views = new Map<string, ViewOf>();
  for (const { texts } of findings.values()) {
    const source = readSeen(texts)?.source ?? '';
    for (const view of readViews(texts))
      views.set([view.node, source, view.octets, view.transport].join(' '), { ...view, source });
  }
  const order = ({ node, source }: ViewOf) => `${node} ${source}`;
  return [...views.values()].sort((a, b) =>
    order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : a.octets - b.octets,
  );
}

/** How the answer of one trial came, seen beside all others. */
export function outcomeOf(finding: Finding, findings: Findings): Outcome {
  const size = finding.test.size ?? 0;
  const offered = offeredSize(findings);
  const notOffered = offered !== undefined && offered < size ? offered : undefined;
  const { receipt } = finding;
  const row = { size, isLate: wasLate(finding, findings), notOffered, receipt, finding };
  if (!isFine(finding) || receipt === undefined) return { ...row, how: 'nothing', recovery: 'none' };
  // None at all is no sign: no resolver gives EDNS up for a loss.
  const offeredLess = offered !== undefined && receipt.ednsSize !== undefined && receipt.ednsSize < offered;
  if (receipt.transport === 'udp')
    return { ...row, how: howOverUdp(receipt), recovery: offeredLess ? 'lost' : 'none' };
  if (offered === undefined || notOffered !== undefined) return { ...row, how: 'tcp', recovery: 'none' };
  const isLost =
    offeredLess ||
    isUnseen(receipt, viewsOf(findings)) ||
    wasSilentHere(finding) ||
    cameLateOverTcp(finding, findings);
  return { ...row, how: 'tcp', recovery: isLost ? 'lost' : 'doubtful' };
}

function howOverUdp({ packets }: Receipt): Outcome['how'] {
  if (packets === undefined) return 'udp';
  return packets > 1 ? 'fragments' : 'whole';
}

/** The id of a large trial with the option tc. */
const TCP_AT_ONCE = 's4096-tc';

/** No trial takes longer, so what a server sent in this one it sent within it. */
const TRIAL_MS = 60_000;

/** Resolvers ask again after 376 ms (Unbound) to 1500 ms (PowerDNS Recursor), or more on a slow path. */
const RETRY_MS = 300;
/** The same where the round-trip time is known and short. */
const SHORT_RETRY_MS = 25;

function wasLate({ elapsedMs }: Finding, findings: Findings): boolean {
  const smallest = [...findings.values()].find(({ test }) => /^s\d+$/.test(test.id));
  return isFine(smallest) && elapsedMs > 2 * smallest.elapsedMs + RETRY_MS;
}

/** Far later than an answer that was told to go over TCP at once: the resolver waited for one over UDP. */
function cameLateOverTcp({ direct, elapsedMs }: Finding, findings: Findings): boolean {
  const atOnce = findings.get(TCP_AT_ONCE);
  return !direct && isFine(atOnce) && elapsedMs > 2 * atOnce.elapsedMs + SHORT_RETRY_MS;
}

/** No resolver stands between that might have asked again by itself. */
function wasSilentHere({ direct, exchanges }: Finding): boolean {
  return direct && exchanges.some(({ udp }) => udp === 'silent');
}

/** A server sent this size over UDP in this trial, whose only receipt is of TCP. */
function isUnseen(receipt: Receipt, views: readonly View[]): boolean {
  return views.some(
    ({ octets, transport, hasArrived, lastAt }) =>
      octets === receipt.octets &&
      transport === 'udp' &&
      !hasArrived &&
      Math.abs(receipt.sentAt - lastAt) <= TRIAL_MS,
  );
}
