/** `npm run lab`: real resolvers in a network of their own, one suite at a time. */
import { ConfigError } from '../src/config/error.ts';
import { chooseSuite } from './suites/choose.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { suite, rest } = chooseSuite(process.argv.slice(2));
    return await suite.run(rest);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`lab: ${error.message}`);
    return 2;
  }
}
