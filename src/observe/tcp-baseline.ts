/** TCP baseline: how many unrelated networks reached this server over TCP where one source did not; without it the fault may be ours. */
import type { Attempt } from './attempt.ts';
import { BASELINE, indexNetworks } from './baseline.ts';
import type { Farms } from './farm.ts';
import type { TcpFailureKind } from './tcp-failures.ts';
import type { Trial } from './trial.ts';

/** An answer of more octets fills segments of Ethernet, which a narrow link of our own would stop. */
export const FULL_SEGMENT = 1460;

/** Unrelated networks that got through at the place of what failed. */
export interface Beside {
  /** Within a day before or after. */
  readonly networks: number;
  /** Those of them that did so after it: when our port closes, all that got through before fail at once. */
  readonly later: number;
}

export type TcpBaseline = (failed: Attempt, kind: TcpFailureKind) => Beside;

/** So many of them must have got through later: one may be a host of our own, inside of what is closed. */
const LATER_NETWORKS = 2;

/** Whether so many got through that the fault is hardly ours. */
export function isEnough({ networks, later }: Beside): boolean {
  return networks >= BASELINE.networks && later >= LATER_NETWORKS;
}

/** Counts the networks that belong to no run of the source and reached the same node and address of ours over TCP and the same IP version. */
export function indexTcpBaseline(trials: readonly Trial[], farms: Farms): TcpBaseline {
  const indexOf = (isEvidence: (attempt: Attempt) => boolean) => {
    const around = { isEvidence, placeOf, beforeMs: BASELINE.withinMs };
    const near = indexNetworks(trials, farms, { ...around, afterMs: BASELINE.withinMs });
    const after = indexNetworks(trials, farms, { ...around, afterMs: 0 });
    return (failed: Attempt) => ({ networks: near(failed), later: after(failed) });
  };
  const [asking, receiving] = [indexOf(isOverTcp), indexOf(isReceived)];
  return (failed, kind) => (kind === 'stalled' ? receiving(failed) : asking(failed));
}

/** Where attempts must be alike. */
export function placeOf({ node, dst, ipVersion }: Attempt): string {
  return `${node}|${dst}|${ipVersion}`;
}

/** One known by its receipt alone does not say where it left from. */
function isOverTcp({ proto, dst }: Attempt): boolean {
  return proto === 'tcp' && dst !== '';
}

function isReceived(attempt: Attempt): boolean {
  const { sent, proof } = attempt;
  return isOverTcp(attempt) && sent > FULL_SEGMENT && (proof === 'own' || proof === 'acked');
}
