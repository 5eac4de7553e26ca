/** What `npm run lab -- --help` prints: each suite with its options. */
import type { Suite } from './suites/suite.ts';

export function formatHelp(suites: readonly Suite[]): string {
  const [first] = suites;
  return [
    'Real resolvers on broken paths, in network namespaces of their own: npm run lab -- [--suite NAME] [options]',
    ...suites.map(
      (suite) =>
        `${suite.name}: ${suite.summary}${suite === first ? '; run when none is named' : ''}\n  ${suite.usage}`,
    ),
    'More: lab/README.md',
  ].join('\n\n');
}
