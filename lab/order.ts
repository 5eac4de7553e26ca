/** Order of the units: those that wait do so beside those that work, and the longest begin first. */
import { VERDICT_CLASSES } from '../src/observe/verdict-class.ts';
import type { Cell, Unit } from './contract.ts';
import { expectationOf } from './expect.ts';

/** Units of two paces. A late answer looks like a lost one, so few of those that keep the processors busy run at a time. */
export interface Paces {
  /** Most of the time a client waits for a failure; those with the most failures first. */
  readonly slow: readonly Unit[];
  readonly quick: readonly Unit[];
}

/** @param sizesOf sizes that a unit is asked for */
export function pacesOf(units: readonly Unit[], sizesOf: (unit: Unit) => readonly number[]): Paces {
  const failures = new Map(
    units.map((unit) => [unit, sizesOf(unit).filter((size) => cannotArrive({ ...unit, size })).length]),
  );
  const failuresOf = (unit: Unit) => failures.get(unit) ?? 0;
  return {
    slow: units.filter((unit) => failuresOf(unit) > 0).sort((a, b) => failuresOf(b) - failuresOf(a)),
    quick: units.filter((unit) => failuresOf(unit) === 0),
  };
}

function cannotArrive(cell: Cell): boolean {
  return expectationOf(cell).classes.every(
    (name) => name === 'UNSEEN' || name === 'SILENT' || VERDICT_CLASSES[name].outcome === 'failed',
  );
}
