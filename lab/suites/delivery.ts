/** Suite `delivery`: real resolvers behind broken paths; says for each whether the verdict is right. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WINDOW_MS } from '../../src/observe/trial.ts';
import { runUnit, type UnitResult } from '../cell.ts';
import type { Lab, Unit } from '../contract.ts';
import { findingsOf } from '../findings.ts';
import { judgeUnit } from '../judge.ts';
import { keepRows } from '../keep-rows.ts';
import { formatLists } from '../listing.ts';
import { sizesOf, unitsOf } from '../matrix.ts';
import { type Options, parseOptions, USAGE } from '../options.ts';
import { pacesOf } from '../order.ts';
import { formatJson, formatRun, isAsExpected, type LabRun } from '../output.ts';
import { progressLine } from '../progress.ts';
import { formatResults } from '../results.ts';
import { Turns } from '../turns.ts';
import { versionsOf } from '../versions.ts';
import { openLab } from '../world.ts';
import type { Suite } from './suite.ts';

/** Nearly the longest that one of the resolvers goes on with a question: Unbound where TCP is silent, 48 s. */
const PATIENCE_MS = 55_000;
/** The smoke test has one question that may fail, so nothing follows that would be disturbed. */
const SMOKE_PATIENCE_MS = 20_000;
/** Longer than Knot Resolver leaves a server alone that it found dead, 1 s. */
const RESPITE_MS = 2_000;
/** One job of so many is for units that hardly wait. */
const BUSY_SHARE = 5;

export const delivery: Suite = {
  name: 'delivery',
  summary: 'answers of many sizes over broken paths: the verdict on each',
  usage: USAGE,

  async run(args) {
    const options = parseOptions(args);
    if (options.list) {
      console.log(formatLists());
      return 0;
    }
    return publish(await perform(options), options);
  },
};

async function perform(options: Options): Promise<LabRun> {
  const startedAt = Date.now();
  const lab = await openLab();
  try {
    const units = await runUnits(lab, options);
    const { smoke } = options;
    if (!smoke) {
      console.error(`listening for ${WINDOW_MS / 1000} s more, so that silence counts`);
      await sleep(WINDOW_MS);
    }
    const rows = await lab.rows();
    if (options.rows !== undefined) await keepRows(lab, options.rows);
    const passages = lab.passages();
    // The resolvers have ended, so nothing can come any more: the smoke test does not wait for it to come.
    const findings = findingsOf(rows, Date.now() + (smoke ? WINDOW_MS : 0));
    return {
      startedAt,
      wallMs: Date.now() - startedAt,
      units,
      cells: units.flatMap((unit) => judgeUnit(unit, findings, passages)),
      findings,
      versions: versionsOf(options.resolvers),
    };
  } finally {
    await lab.close();
  }
}

async function runUnits(lab: Lab, options: Options): Promise<UnitResult[]> {
  const units = unitsOf(options);
  const timing = { patienceMs: options.smoke ? SMOKE_PATIENCE_MS : PATIENCE_MS, respiteMs: RESPITE_MS };
  const newRun = () => randomBytes(6).toString('hex');
  let done = 0;
  const runAll = (some: readonly Unit[], atOnce: number) => {
    const turns = new Turns(atOnce);
    return some.map((unit) =>
      turns.take(async () => {
        const result = await runUnit(lab, unit, sizesOf(unit, options), timing, newRun);
        console.error(progressLine(++done, units.length, result));
        return result;
      }),
    );
  };
  const { slow, quick } = pacesOf(units, (unit) => sizesOf(unit, options));
  const busy = Math.ceil(options.jobs / BUSY_SHARE);
  const results = await Promise.all([
    ...runAll(quick, busy),
    ...runAll(slow, Math.max(1, options.jobs - busy)),
  ]);
  return results.sort((one, other) => units.indexOf(one.unit) - units.indexOf(other.unit));
}

function publish(run: LabRun, { json, results }: Options): number {
  console.log(formatRun(run));
  if (json !== undefined) writeFileSync(resolve(json), formatJson(run));
  if (results) writeFileSync(join('docs', 'results.md'), formatResults(run));
  return isAsExpected(run) ? 0 : 1;
}
