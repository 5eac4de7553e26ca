/** Overlays that a cell must show, from its path and the tries on the wire, and those that it cannot. */
import type { Observation } from '../src/observe/observation.ts';
import type { OverlayKind } from '../src/observe/overlay.ts';
import type { Verdict } from '../src/observe/verdict.ts';
import type { Prospect } from './prospect.ts';
import { isMeasured } from './truth.ts';

interface Wanted {
  /** Any of them. */
  readonly kinds: readonly OverlayKind[];
  /** MTU or EDNS size; null where the kind has no number. */
  readonly octets: number | null;
}

/** What ICMP, or a path of several addresses, brings about; the others may be seen anywhere. */
const OF_PATHS: readonly OverlayKind[] = ['ptb', 'ptb-learning', 'reassembly', 'prohibited', 'farm'];

/**
 * What is wrong, one sentence each.
 *
 * @param prospects one for each family that its queries may use
 * @param rows of the run
 * @param hasPieces whether chance took some packets of an answer and left others: its host reports that, if that is not lost as well
 */
export function faultsOfOverlays(
  verdict: Verdict,
  prospects: readonly Prospect[],
  rows: readonly Observation[],
  hasPieces: boolean,
): string[] {
  const wanted = [
    ...prospects.flatMap(wantedByPath),
    ...wantedByTries(prospects, rows),
    ...wantedByFarm(rows),
  ];
  const shown = verdict.overlays;
  const missing = wanted.filter(
    ({ kinds, octets }) => !shown.some((one) => kinds.includes(one.kind) && one.octets === octets),
  );
  const strange = shown.filter(
    ({ kind }) =>
      OF_PATHS.includes(kind) &&
      !wanted.some(({ kinds }) => kinds.includes(kind)) &&
      !(
        kind === 'reassembly' &&
        (hasPieces || prospects.some(({ leaves, path }) => leaves === 'fragments' && path.leavesPieces))
      ),
  );
  return [
    ...missing.map(
      ({ kinds, octets }) =>
        `no overlay ${kinds.join(' or ')}${octets === null ? '' : ` of ${octets} octets`}`,
    ),
    ...strange.map(({ kind, sentence }) => `overlay ${kind}, which nothing here brings about: ${sentence}`),
  ];
}

function wantedByPath({ path, tooBig, leaves, arrives }: Prospect): Wanted[] {
  const isLost = leaves !== 'truncated' && !arrives;
  if (tooBig === 'told') return [{ kinds: ['ptb', 'ptb-learning'], octets: path.toldMtu }];
  const isTold =
    (path.tells === 'reassembly' && leaves === 'fragments') ||
    (path.tells === 'prohibited' && leaves === 'whole');
  return isLost && isTold ? [{ kinds: [path.tells], octets: null }] : [];
}

/** Sizes that others fall back to as well. */
const USUAL = [512, 1232, 1472];

/** Whoever asks with the size of the largest answer that came from that server, as BIND does. */
function wantedByTries(prospects: readonly Prospect[], rows: readonly Observation[]): Wanted[] {
  if (prospects.every(({ habit }) => !habit.echoes)) return [];
  const tries = rows.filter((row) => isMeasured(row) && row.proto === 'udp');
  const echo = tries.find(
    ({ dst, edns_udp }, at) =>
      !USUAL.includes(edns_udp) &&
      tries.slice(0, at).some((earlier) => earlier.dst === dst && earlier.edns_udp > edns_udp),
  );
  return echo === undefined ? [] : [{ kinds: ['edns-echo'], octets: echo.edns_udp }];
}

function wantedByFarm(rows: readonly Observation[]): Wanted[] {
  const asking = rows.filter((row) => row.step === 'gate' || isMeasured(row));
  const isSeveral = ([4, 6] as const).some(
    (family) =>
      new Set(asking.filter(({ ip_version }) => ip_version === family).map(({ src }) => src)).size > 1,
  );
  return isSeveral ? [{ kinds: ['farm'], octets: null }] : [];
}
