/** Fingerprints: what each software was seen to do, for people who want to recognize it in their own rows. */
import type { Observation } from '../src/observe/observation.ts';
import { typeText } from '../src/wire/rdata/table.ts';

/** Tries shown; a resolver that goes on for long repeats itself. */
const MOST_TRIES = 8;

/**
 * The tries for one measured name in order: `U4096 +0.81 U512 tc +0.81 TCP`; U and EDNS size over UDP, seconds since the first,
 * the TYPE in brackets where it is not TXT, `tc` where TC=1 was sent.
 *
 * @param rows of one run
 */
export function triesOf(rows: readonly Observation[]): string {
  const tries = rows
    .filter(({ step, event }) => step === 'measured' && event === 'query')
    .sort((a, b) => a.time - b.time || a.seq - b.seq);
  const start = tries[0]?.time ?? 0;
  const shown = tries.slice(0, MOST_TRIES).map((row, at) => {
    const after = at === 0 ? '' : `+${((row.time - start) / 1000).toFixed(2)} `;
    return `${after}${tryText(row)}`;
  });
  const left = tries.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join(' ');
}

function tryText({ proto, edns_version, edns_udp, qtype, tc }: Observation): string {
  const how = proto === 'udp' ? `U${edns_version < 0 ? '-' : edns_udp}` : 'TCP';
  const type = typeText(qtype);
  return `${how}${type === 'TXT' ? '' : `(${type})`}${tc ? ' tc' : ''}`;
}

export interface Manner {
  /** EDNS sizes over UDP, most frequent first. */
  readonly edns: readonly number[];
  /** TYPEs asked at opening names, most frequent first. */
  readonly types: readonly string[];
  readonly cookie: Share;
  readonly cd: Share;
  /** Letters of a name in mixed case (0x20). */
  readonly mixedCase: Share;
  /** MSS that the servers used towards it. */
  readonly mss: readonly number[];
}

export type Share = 'always' | 'sometimes' | 'never';

/** How all queries of one software look. */
export function mannerOf(rows: readonly Observation[]): Manner {
  const queries = rows.filter(({ event, qname }) => event === 'query' && qname !== '');
  const udp = queries.filter(({ proto, edns_version }) => proto === 'udp' && edns_version >= 0);
  return {
    edns: byFrequency(udp.map(({ edns_udp }) => edns_udp)),
    types: byFrequency(queries.filter(({ step }) => step === 'gate').map(({ qtype }) => typeText(qtype))),
    cookie: shareOf(queries, ({ edns_options }) => edns_options.includes(COOKIE)),
    cd: shareOf(queries, ({ cd }) => cd),
    mixedCase: shareOf(queries.filter(isLong), ({ qname }) => /[a-z]/.test(qname) && /[A-Z]/.test(qname)),
    mss: byFrequency(queries.flatMap(({ tcp_mss }) => tcp_mss ?? [])),
  };
}

/** So many letters that all of one case by accident are rare. */
function isLong({ qname }: Observation): boolean {
  return qname.replace(/[^a-z]/gi, '').length >= 12;
}

/** OPTION-CODE of COOKIE (RFC 7873). */
const COOKIE = 10;

function shareOf(rows: readonly Observation[], holds: (row: Observation) => boolean): Share {
  const count = rows.filter(holds).length;
  if (count === 0) return 'never';
  return count === rows.length ? 'always' : 'sometimes';
}

function byFrequency<T>(values: readonly T[]): T[] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}
