/** What left in answer to one query, in words of a story. */
import { type Attempt, isFragmented } from './attempt.ts';
import type { Observation } from './observation.ts';
import { fragments } from './verdict-rule.ts';

/** What this server did; the attempt where it is a measured answer. */
export function whatLeft(row: Observation, attempt: Attempt | undefined): string {
  const reason = EXCLUDED_WORDS[row.excluded];
  if (row.action === 'drop') return `nothing left${reason}`;
  if (row.action === 'refuse') return `REFUSED left${reason}`;
  if (row.action === 'badcookie') return `BADCOOKIE left, which asks whether the address is real${reason}`;
  if (row.tc) return `TC=1 left, ${row.res_len} octets${reason || whyTruncated(row)}`;
  if (attempt === undefined) return `${row.res_len} octets left${reason}`;
  const sent = `${attempt.sent} octets left${row.size_miss ? ` instead of ${row.size}` : ''}`;
  return attempt.proto === 'udp'
    ? `${sent} in ${fragments(attempt)}${manner(attempt)}${reason}`
    : `${sent}${acknowledgement(row)}${reason}`;
}

const EXCLUDED_WORDS: Readonly<Record<Observation['excluded'], string>> = {
  '': '',
  budget: ', because this server was at its limits',
  gate: ', because the trial was opened from too many networks',
  fault: ', with the fault that the name asks for',
};

function whyTruncated({ edns_udp, size, options, proof }: Observation): string {
  if (options.split('-').includes('tc')) return ', as the name asks';
  if (Math.max(512, edns_udp) < size) return `, because ${size} do not fit in what it offered`;
  return proof === 'none' ? ', because its address was not proven to be real' : '';
}

function manner(attempt: Attempt): string {
  const { arm, pathMtu } = attempt;
  const known = pathMtu === null ? '' : `, for a path MTU of ${pathMtu} that this server had learned`;
  return `${ARM_WORDS[arm] ?? ''}${isFragmented(attempt) ? known : ''}`;
}

const ARM_WORDS: Readonly<Record<string, string>> = {
  df: ' with DF',
  nodf: ' without DF',
  frag: ' that this server cut itself',
};

function acknowledgement({ tcp_acked, tcp_rtt_us, syn_mss, tcp_mss, tcp_pmtu }: Observation): string {
  const facts = [
    ...(tcp_rtt_us === null ? [] : [`round trip ${tcp_rtt_us / 1000} ms`]),
    ...(syn_mss === null ? [] : [`MSS of its SYN ${syn_mss}`]),
    ...(tcp_mss === null ? [] : [`MSS ${tcp_mss}`]),
    ...(tcp_pmtu === null ? [] : [`path MTU ${tcp_pmtu}`]),
  ].join(', ');
  const known = facts === '' ? '' : ` (${facts})`;
  if (tcp_acked === null) return known;
  return tcp_acked
    ? `, and TCP acknowledged them all${known}`
    : `, and TCP never acknowledged them all${known}`;
}
