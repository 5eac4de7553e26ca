/** The names of this server, as TXT made from the tables themselves. */
import { OPTION_TABLE, RUN_SUMMARY, RUN_SYNTAX } from '../zone/test-name.ts';
import { type Behavior, PLAIN } from './behavior.ts';

export function makeHelp(others: readonly Behavior[]): Behavior {
  const help: Behavior = {
    name: 'help',
    code: 5,
    syntax: 'help',
    example: 'help',
    summary: 'the names of this server',
    expect: 'TXT, one line a name or option',
    references: [],
    options: [],

    parse: (test) => (test === 'help' ? 0 : undefined),
    plan(query) {
      const names = [...others, help].map(
        ({ syntax, zone, summary }) =>
          `${syntax}.${zone === undefined ? query.zone : `${zone}.<origin>`} ${summary}`,
      );
      const options = OPTION_TABLE.map(
        ({ syntax, summary, hostile }) => `-${syntax} ${summary}${hostile ? ' (hostile zone only)' : ''}`,
      );
      return {
        ...PLAIN,
        answer: { kind: 'text', lines: [...names, ...options, `-${RUN_SYNTAX} ${RUN_SUMMARY}`] },
      };
    },
  };
  return help;
}
