/** Manner: which resolver a source probably runs, also by how it sends key-tag queries. A guess, never evidence. */
import { guessSoftware, type Software } from '../software.ts';
import type { RollLedger } from './ledger.ts';

const TYPE_A = 1;
const COOKIE = 10;

/**
 * The guess of `guessSoftware`, and where it has none, Unbound by its habit of asking a key-tag name for A first, as it
 * minimizes it (RFC 9156): of those that were measured no other one does.
 */
export function guessByManner({ rows, signals, fetches }: RollLedger): Software | undefined {
  const guess = guessSoftware(rows)?.software;
  if (guess !== undefined || fetches.length === 0) return guess;
  const isMinimized = signals.some(({ qtype }) => qtype === TYPE_A);
  const isOther =
    rows.some(({ edns_options }) => edns_options.includes(COOKIE)) || fetches.some(({ cd }) => !cd);
  return isMinimized && !isOther ? 'unbound' : undefined;
}
