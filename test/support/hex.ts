/** Octets from annotated hexadecimal, in tests and in the files of test/vectors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Blanks are ignored and `#` begins a comment that ends with its line.
 * @throws {Error} for anything else, so that a slip of the pen is no vector
 */
export function hex(...texts: string[]): Uint8Array {
  const digits = texts.map((text) => text.replace(/#.*$/gm, '').replace(/\s+/g, '')).join('');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal: ${digits.slice(0, 40)}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

export function toHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

export interface MessageVector {
  /** RCODE mnemonic of the answer, or `silence`. */
  readonly outcome: string;
  readonly title: string;
  readonly octets: Uint8Array;
}

/** Messages of the `*.hex` files of a directory: blocks between empty lines, headed by `# OUTCOME title`. */
export function readMessages(directory: string): MessageVector[] {
  const files = readdirSync(directory).filter((name) => name.endsWith('.hex'));
  return files.sort().flatMap((file) =>
    readFileSync(join(directory, file), 'utf8')
      .trim()
      .split(/\n{2,}/)
      .map((block) => {
        const [, outcome, title] = /^# (\S+) (.+)$/m.exec(block) ?? [];
        if (outcome === undefined || title === undefined) throw new Error(`${file}: block without a title`);
        return { outcome, title: `${file.replace('.hex', '')}: ${title}`, octets: hex(block) };
      }),
  );
}
