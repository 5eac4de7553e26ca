/** Reading test names: what the labels of one ask for (DESIGN: names). */
import type { Behavior, Trial } from '../behaviors/behavior.ts';
import { findBehavior, findClaim } from '../behaviors/table.ts';
import { GATE_LETTER } from '../zone/gate.ts';
import { isProofLabel } from '../zone/proof.ts';
import { RECEIPT_LETTER } from '../zone/receipt.ts';
import { isSpareLabel, NO_OPTIONS, packOptions, parseRun, parseTestLabel } from '../zone/test-name.ts';
import { TOKEN_CHARACTERS } from '../zone/token.ts';
import type { Zone } from '../zone/zone.ts';

/** The label of a gate or of a receipt; an `o` at its end makes a message longer by one octet. */
export const TOKEN = new RegExp(`^[${GATE_LETTER}${RECEIPT_LETTER}][0-9a-v]{${TOKEN_CHARACTERS}}o?$`);

export interface Read {
  readonly behavior: Behavior;
  readonly trial: Trial;
  readonly run: string;
}

/** The behavior that claims a whole name. */
export function claim(labels: readonly string[], { isAgent, family, made }: Zone): Read | undefined {
  const found = findClaim(labels, { isAgent, hasFamily: family !== undefined, made });
  return found && { ...found, trial: { n: found.n, options: NO_OPTIONS, state: 0 } };
}

/** What one label of the grammar asks for, or two of which the second is a run. */
export function readName(
  [first = '', second, ...more]: readonly string[],
  zone: Zone,
): Read | { error: string } | undefined {
  const runOfName = second === undefined ? '' : parseRun(second);
  const read = more.length === 0 && runOfName !== undefined ? readTest(first, zone.hostile) : undefined;
  if (!read || 'error' in read || runOfName === '') return read;
  return read.run === '' ? { ...read, run: runOfName! } : { error: 'two run ids' };
}

/** What a label asks for (lower case): undefined where no behavior claims it, the error where it asks for something wrong. */
export function readTest(label: string, hostile: boolean): Read | { error: string } | undefined {
  const found = findBehavior(label.split('-', 1)[0] ?? '');
  if (!found) return undefined;
  const parsed = parseTestLabel(label, hostile);
  if ('error' in parsed) return parsed;
  const foreign = parsed.given.find((field) => !found.behavior.options.includes(field));
  if (foreign) return { error: `${found.behavior.syntax} has no option for ${foreign}` };
  const trial = { n: found.n, options: parsed.options, state: packOptions(parsed.options) };
  return { behavior: found.behavior, trial, run: parsed.run };
}

/** The run that a name says, or else its zone. */
export function runIn({ made }: Zone, run: string): string {
  return run || (made?.run ?? '');
}

/** The zones that an operator may have labels in. */
const ANY_ORIGIN = { isAgent: false, hasFamily: true, made: undefined };

/** Whether a label is one that test names need, so that no zone may take it. */
export function isReservedLabel(label: string): boolean {
  const parsed = parseTestLabel(label, true);
  const test = 'error' in parsed ? label : parsed.test;
  return (
    findClaim([label], ANY_ORIGIN) !== undefined ||
    TOKEN.test(label) ||
    isProofLabel(label) ||
    isSpareLabel(label) ||
    parseRun(label) !== undefined ||
    findBehavior(test) !== undefined
  );
}
