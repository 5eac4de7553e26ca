/** Lines of a report beside the table of a source: what its path takes, who asks with it, how far `rs` came, what it seems to run. */
import { MOST_WHOLE } from '../observe/attempt.ts';
import type { Companion } from '../observe/farm.ts';
import type { LadderFinding } from '../observe/ladder.ts';
import type { PathLimit } from '../observe/path-limit.ts';
import type { SourceReport } from '../observe/report.ts';
import { SOFTWARE } from '../observe/software.ts';
import type { SummaryRow } from '../observe/summary.ts';
import { times } from '../observe/words.ts';

/** Prefixes that people are shown; programs get all. */
const MOST_PREFIXES = 4;

/** In the order in which they are shown; none where nothing is known. */
export function sourceLines({ rows, limits, farms, software, ladder }: SourceReport): string[] {
  return [
    ...limits.map((limit) => limitLine(limit, rows)),
    ...(farms.length === 0 ? [] : [farmLine(farms)]),
    ...(ladder === undefined ? [] : [ladderLine(ladder)]),
    ...(software === undefined ? [] : [`seems to be ${SOFTWARE[software.software].title}`]),
  ];
}

function limitLine(limit: PathLimit, rows: readonly SummaryRow[]): string {
  return `IPv${limit.ip_version} path: ${wholeText(limit)}; ${fragmentsText(limit, rows)}`;
}

function wholeText(limit: PathLimit): string {
  const { ip_version, left_whole_passed: passed, whole_lost, whole_lost_times } = limit;
  const lost = whole_lost === null ? '' : `, ${whole_lost} lost ${times(whole_lost_times)}`;
  if (passed === null)
    return whole_lost === null ? 'whole datagrams unknown' : `no sign of whole datagrams${lost}`;
  const isOpen = whole_lost === null && passed < MOST_WHOLE[ip_version];
  return `${passedText(limit)}${lost}${isOpen ? ' (larger unknown)' : ''}`;
}

/** What a router may have cut is told apart. */
function passedText({ whole_passed: whole, left_whole_passed: passed }: PathLimit): string {
  if (whole === passed) return `whole datagrams up to ${whole} octets pass`;
  const cut = `up to ${passed} octets, whole or cut on the way`;
  return whole === null
    ? `datagrams pass ${cut}`
    : `whole datagrams up to ${whole} octets pass, and others ${cut}`;
}

function fragmentsText(limit: PathLimit, rows: readonly SummaryRow[]): string {
  const { fragments, fragments_tried: tried, fragments_arrived: arrived } = limit;
  // What left and is not settled counts as no try.
  const isOffered = rows.some(({ size, offered }) => size > MOST_WHOLE[limit.ip_version] && offered >= size);
  if (tried === 0) return isOffered ? 'fragments unknown' : 'fragments not tried';
  if (fragments === 'unknown') return `fragments: no sign in ${tried === 1 ? 'one try' : `${tried} tries`}`;
  if (fragments === 'blocked')
    return `fragments do not pass${arrived === 0 ? '' : ' any more'}, ${arrived} of ${tried}`;
  const lost =
    limit.reassembled_lost === null
      ? ''
      : `, ${limit.reassembled_lost} lost ${times(limit.reassembled_lost_times)}`;
  return `fragments pass, ${arrived} of ${tried}, up to ${limit.reassembled_passed} octets${lost}`;
}

function farmLine(farms: readonly Companion[]): string {
  const shown = farms.slice(0, MOST_PREFIXES).map(({ network, addresses, runs }) => {
    const several = addresses === 1 ? '' : `${addresses} addresses, `;
    return `${network} (${several}${runs === 1 ? '1 run' : `${runs} runs`})`;
  });
  const more = farms.length - shown.length;
  return `asks together with ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function ladderLine({ octets, times: often }: LadderFinding): string {
  return `rs: up to ${octets} octets came through over UDP, ${times(often)} (to its network)`;
}
