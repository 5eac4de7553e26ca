/** `npm run lab`: real resolvers in a network of their own, one suite at a time. */
import { ConfigError } from '../src/config/error.ts';
import { formatHelp } from './help.ts';
import { chooseSuite } from './suites/choose.ts';
import { SUITES } from './suites/table.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(formatHelp(SUITES));
    return 0;
  }
  try {
    const { suite, rest } = chooseSuite(args);
    return await suite.run(rest);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`lab: ${error.message}`);
    return 2;
  }
}
