/** Octets as people write them. */

/** Octets from hexadecimal digits; spaces between them are for the reader. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}
