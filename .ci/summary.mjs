/** Reads a log with vitest's closing totals from stdin and prints one plain line: N passed, N failed, N skipped. */
import { text } from 'node:stream/consumers';

/** Exit status of the command that wrote the log. */
const status = Number(process.argv[2]);
const log = await text(process.stdin);

/** The sum over all closing lines of that title, such as ` Tests  2 failed | 9 passed | 3 skipped (14)`. */
function total(title, outcome) {
  const lines = log.split('\n').filter((line) => line.trimStart().startsWith(`${title}  `));
  return lines.reduce(
    (sum, line) => sum + Number(new RegExp(`(\\d+) ${outcome}\\b`).exec(line)?.[1] ?? 0),
    0,
  );
}

const passed = total('Tests', 'passed');
const skipped = total('Tests', 'skipped') + total('Tests', 'todo');
// A file that cannot be loaded has no failed test, an unhandled error or a lost run not even a failed file.
const failed = Math.max(total('Tests', 'failed'), total('Test Files', 'failed'), status === 0 ? 0 : 1);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
if (passed === 0) process.stderr.write('no test has passed: that is a failure too\n');
process.exitCode = status !== 0 || failed > 0 || passed === 0 ? 1 : 0;
