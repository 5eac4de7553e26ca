/** Words for numbers, in sentences. */

/** `1 trial`, `3 trials`. */
export function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `once`, `3 times`. */
export function times(number: number): string {
  return number === 1 ? 'once' : `${number} times`;
}
