/** JSON member: one more member at the end of a document that comes in pieces. */

/**
 * The document with `"name": value` as its last member.
 *
 * @param document pieces of an indented object that is not empty, the last of which ends it
 * @param value pieces of the value in JSON, indented as a member of it
 */
export function* withMember(
  document: Iterable<string>,
  name: string,
  value: Iterable<string>,
): Generator<string> {
  let held = '';
  for (const piece of document) {
    yield held;
    held = piece;
  }
  yield held.replace(/\n\}\n$/, `,\n  "${name}": `);
  yield* value;
  yield '\n}\n';
}
