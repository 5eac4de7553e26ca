/** Lines and columns of text that fit a terminal of 80 columns. */

export const WIDTH = 80;

/** Breaks at spaces; `first` stands before the first line and `rest` before the others. */
export function wrap(text: string, first = '', rest = ''): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = rest + word;
    } else {
      line += isEmpty ? word : ` ${word}`;
    }
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}

/** Characters of the longest; `Math.max(...)` would overflow the stack on a source that asked for everything. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}
