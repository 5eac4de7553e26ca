/** `--list`: the tables that a selection is made from. */
import { IMPAIRMENTS } from './impairments.ts';
import { COMPOSITIONS, EDNS_SETTINGS, WHOLE_MATRIX } from './matrix.ts';
import { RESOLVERS } from './resolvers/table.ts';
import { alignColumns } from './table.ts';

export function formatLists(): string {
  return [
    'Resolvers',
    ...indent(
      RESOLVERS.map(({ name, binary, behind }) => [
        name,
        behind === undefined ? binary : `${binary}, in front of ${behind}`,
      ]),
    ),
    '',
    'Paths, joined by +',
    ...indent([
      ...IMPAIRMENTS.map(({ name, summary }) => [name, summary]),
      ...COMPOSITIONS.map(({ path, summary }) => [path, summary]),
    ]),
    '',
    `EDNS      ${EDNS_SETTINGS.join(', ')}`,
    `Sizes     ${WHOLE_MATRIX.sizes.join(', ')}; 1440 over IPv6 where a path makes it telling`,
    `Families  ${WHOLE_MATRIX.families.join(', ')}`,
  ].join('\n');
}

function indent(rows: readonly (readonly string[])[]): string[] {
  return alignColumns(rows).map((line) => `  ${line}`);
}
