#!/usr/bin/env node
/** The `padzone` program: hands the process to the command line. */
import { runProgram } from './program.ts';

// A reader that has seen enough (`padzone export | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Not process.exit: what stands in the pipes is written first.
process.exitCode = await runProgram(process.argv.slice(2), {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  now: Date.now,
});
