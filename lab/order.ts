/** Order of the units: those that wait longest begin first, so that none is waited for alone in the end. */
import { VERDICT_CLASSES } from '../src/observe/verdict-class.ts';
import type { Cell, Unit } from './contract.ts';
import { expectationOf } from './expect.ts';

/** Units with the most sizes that cannot arrive in front, else as they came: a client waits for a failure, not for an answer. */
export function slowestFirst(units: readonly Unit[], sizes: readonly number[]): Unit[] {
  const failures = new Map(
    units.map((unit) => [unit, sizes.filter((size) => cannotArrive({ ...unit, size })).length]),
  );
  return [...units].sort((a, b) => (failures.get(b) ?? 0) - (failures.get(a) ?? 0));
}

function cannotArrive(cell: Cell): boolean {
  return expectationOf(cell).classes.every(
    (name) => name === 'UNSEEN' || name === 'SILENT' || VERDICT_CLASSES[name].outcome === 'failed',
  );
}
