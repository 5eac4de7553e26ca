/** `npm run bench`: the same load on padzone and its peers, in turn, in one run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseResult } from './cases/case.ts';
import { runMemory, runSoak } from './cases/soak.ts';
import { CASES } from './cases/table.ts';
import { judgeGoals } from './goals.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { isInstalled } from './process.ts';
import { formatCase, formatGoals, writeBetweenMarkers } from './report.ts';
import { runCase } from './run-case.ts';

const ROOT = join(import.meta.dirname, '..');

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  const missing = ['dnsperf', 'dig'].find((program) => !isInstalled(program));
  if (missing !== undefined) {
    console.error(`bench: ${missing} is not installed (packages dnsperf, bind9-dnsutils)`);
    return 2;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'padzone-bench-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const results = await measure(options, scratch);
  publish(results, options);
  return results.some(({ rows, facts }) => rows.length + facts.length > 0) ? 0 : 1;
}

function readOptions(): Options | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

async function measure(options: Options, scratch: string): Promise<CaseResult[]> {
  const context = { ...options, root: ROOT, scratch };
  if (options.soak > 0) return [await runSoak(context, options.soak)];
  if (options.memory) return [await runMemory(context)];
  const results: CaseResult[] = [];
  for (const one of CASES.filter(({ key }) => options.cases.includes(key))) {
    console.error(`(${one.key}) ${one.title}`);
    results.push(
      await runCase(one, context).catch((error: Error) => {
        console.error(`  ${error.message}`);
        return { key: one.key, title: one.title, rows: [], facts: [], skipped: [error.message] };
      }),
    );
  }
  return results;
}

function publish(results: readonly CaseResult[], options: Options): void {
  const { rounds, seconds, json, write, soak, memory } = options;
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const isTable = soak === 0 && !memory;
  const head = isTable ? `${rounds} rounds of ${seconds} s, medians; the load shares the cores: ` : '';
  const goals = judgeGoals(results);
  const text = [
    head + machine,
    ...results.map(formatCase),
    formatGoals(goals, isTable && options.cases.length === CASES.length),
  ].join('\n\n');
  console.log(text);
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ rounds, seconds, machine, cases: results, goals }, null, 2)}\n`);
  if (write) writeBetweenMarkers(join(ROOT, 'bench/README.md'), text);
}
