/** Truth of one trial behind a farm: which addresses asked what is up to chance, and the rows tell; what arrives the path says. */
import type { Observation } from '../src/observe/observation.ts';
import type { Cell } from './contract.ts';
import type { Found } from './expect-rules.ts';
import { pathTraits, udpPasses } from './path-traits.ts';
import { answersSent, classesOfTrial, isMeasured, type Trial } from './truth.ts';

export interface FarmTruth {
  readonly classes: readonly Found[];
  readonly unknowable?: string;
}

const STRANGER =
  'the receipt was asked for by an address that had asked nothing else: whose answer arrived is open';

/** @param rows of the run */
export function truthOfFarm(
  { path, size }: Cell,
  rows: readonly Observation[],
  told: Trial['told'],
): FarmTruth {
  const traits = pathTraits(path);
  const isLetOn = ({ ip_version }: Observation) => udpPasses(size, ip_version, traits);
  const answers = answersSent(rows, isLetOn);
  const hindered = answers.some((answer) => !answer.isLetOn) ? 'now' : 'never';
  const classes = classesOfTrial({ answers, rows, told, hindered });
  const isWithheld = rows.some((row) => isMeasured(row) && row.excluded !== '');
  // Trials before may have shown whose address that is; then the class must be right. What TCP acknowledged needs no receipt.
  const isAcknowledged = rows.some(({ tcp_acked }) => tcp_acked === true);
  if (isStrange(rows) && !isAcknowledged)
    return { classes: [...classes, 'INDETERMINATE'], unknowable: STRANGER };
  return { classes: isWithheld ? [...classes, 'EXCLUDED'] : classes };
}

/** Whether receipts were asked for by others alone. */
function isStrange(rows: readonly Observation[]): boolean {
  const receipts = rows.filter(({ receipt }) => receipt !== null);
  const known = new Set(rows.filter((row) => row.step === 'gate' || isMeasured(row)).map(({ src }) => src));
  return receipts.length > 0 && receipts.every(({ src }) => !known.has(src));
}
