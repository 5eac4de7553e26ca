/** One or two sentences: what the operator does next. */
import { type Finding, ladderEdnsSize, ladderLimit } from './judge.ts';

/** The default EDNS size of today's resolvers; it crosses every common link unfragmented (RFC 9715 §3). */
const SAFE_SIZE = 1232;

const SETTING =
  'edns-buffer-size in Unbound, edns-udp-size in BIND, net.bufsize in Knot Resolver, edns-outgoing-bufsize in PowerDNS Recursor';

/**
 * Advice for all findings of one probe, in the order asked.
 *
 * @param server as the operator would type it
 */
export function advise(server: string, origin: string, findings: readonly Finding[]): string {
  const me = findings.find(({ test }) => test.kind === 'me');
  if (me?.problem !== undefined) return adviseFirstStep(server, origin, me);
  const who = findings.some(({ direct }) => direct) ? 'this host' : 'the resolver';
  const sizes = findings.filter(({ test }) => test.kind === 'size').sort(bySize);
  const refused = sizes.find(isRefused);
  if (refused !== undefined) return adviseRefused(server, origin, refused);
  const ladder = findings.find(({ test }) => test.kind === 'ladder');
  if (sizes.some(({ problem }) => problem !== undefined)) {
    return adviseLoss(who, sizes, ladderEdnsSize(ladder?.texts));
  }
  if (ladder?.problem !== undefined) return adviseLadder(ladder);
  return adviseNothing(who, sizes);
}

function adviseFirstStep(server: string, origin: string, { status, direct }: Finding): string {
  if (status === 'NO ANSWER') {
    return `${server} did not answer at all. Check the address and the port, that a server runs there, and that UDP and TCP may pass both ways.`;
  }
  if (status === 'REFUSED') {
    return direct
      ? `${server} does not serve ${origin}: check the address and the setting origin.`
      : `${server} refuses this host or does not serve ${origin}. Allow this host's address there (access-control in Unbound, allow-query and allow-recursion in BIND), or check the setting origin.`;
  }
  if (status === 'SERVFAIL') {
    return `${server} cannot resolve even the small answer of me.${origin}, so size is not the cause. Check the delegation, the DS record and the clock of the resolver; dig +cd tells whether validation fails.`;
  }
  return `${server} answers, but me.${origin} is not there: check the setting origin and the delegation of ${origin}.`;
}

/** An answer came whole and says no: nothing was lost. A resolver's SERVFAIL is what loss looks like from here. */
function isRefused({ problem, status, direct }: Finding): boolean {
  return problem !== undefined && status !== 'NO ANSWER' && (direct || status !== 'SERVFAIL');
}

function adviseRefused(server: string, origin: string, { status, test, problem }: Finding): string {
  if (status === 'NXDOMAIN') {
    return `${server} knows no name ${test.label} in ${origin}: check that padzone serves this domain, and that no filter on the way changes answers.`;
  }
  return `Nothing was lost, but for ${test.label} ${server} ${status === 'NOERROR' ? 'gave an answer that is not ours' : `says ${status}`} (${problem}). Look into the log of padzone, and for a filter on the way.`;
}

/** @param ednsSize octets that the resolver says it receives over UDP, where padzone told us */
function adviseLoss(who: string, sizes: readonly Finding[], ednsSize: number | undefined): string {
  const lost = sizes.filter(({ problem }) => problem !== undefined);
  const smallestLost = lost[0]?.test.size ?? 0;
  const arrived = sizes.filter(({ problem }) => problem === undefined);
  const largestArrived = arrived.at(-1)?.test.size ?? 0;
  if (largestArrived > smallestLost) {
    return `${smallestLost} octets did not arrive although ${largestArrived} did, so size alone is not the cause. Run the probe again; if it repeats, look for packet loss or a rate limit on the way to ${who}.`;
  }
  const upTo = arrived.length > 0 ? `Answers of up to ${largestArrived} octets reach ${who}; ` : '';
  const fault = `${upTo}${smallestLost} octets do not, and TCP does not help.`;
  if (ednsSize !== undefined && ednsSize < smallestLost && who === 'the resolver') {
    return `${capitalize(fault)} The resolver takes at most ${ednsSize} octets over UDP, so larger answers come over TCP only: let TCP connections from the resolver to port 53 outside pass.`;
  }
  if (smallestLost <= SAFE_SIZE) {
    return `${capitalize(fault)} A firewall that limits DNS to 512 octets, drops EDNS or blocks TCP port 53 is the usual cause: lift its limit, and allow TCP port 53.`;
  }
  return `${capitalize(fault)} Let IP fragments and TCP port 53 pass to ${who}; then set its EDNS size to ${SAFE_SIZE} (${SETTING}), so that larger answers come over TCP.`;
}

function adviseLadder(ladder: Finding): string {
  const limit = ladderLimit(ladder.texts);
  return limit === undefined
    ? 'The sizes arrive one by one, but the ladder rs did not end: run the probe again, and look at the time that the resolver allows for one question.'
    : `The ladder rs got only ${limit} octets over UDP: set the EDNS size to ${SAFE_SIZE} (${SETTING}).`;
}

function adviseNothing(who: string, sizes: readonly Finding[]): string {
  const largest = sizes.at(-1)?.test.size;
  if (largest === undefined) return `${capitalize(who)} gets answers; no size was asked.`;
  const lossy = sizes.find(({ exchanges }) => exchanges.some(({ udp }) => udp === 'silent'));
  if (lossy !== undefined) {
    return `Every size arrived, but ${lossy.test.size} octets only by asking again over TCP after silence over UDP. Let IP fragments pass, or set the EDNS size to ${SAFE_SIZE} (${SETTING}).`;
  }
  const viaTcp = sizes.find(({ receipt }) => receipt?.transport === 'tcp');
  if (viaTcp !== undefined) {
    return `Every size arrived, from ${viaTcp.test.size} octets on over TCP. Nothing to do: keep TCP port 53 open.`;
  }
  return `Answers of up to ${largest} octets reach ${who} over UDP. Nothing to do.`;
}

function bySize(a: Finding, b: Finding): number {
  return (a.test.size ?? 0) - (b.test.size ?? 0);
}

function capitalize(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
