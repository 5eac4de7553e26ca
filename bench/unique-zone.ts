/** Zones for peers that sign online: small TXT records under names of their own, unsigned in the file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APEX } from './static-zone.ts';

/** `u0` to `u<count - 1>`, each with one TXT of 40 octets: an answer is that RRset and one signature over it. */
export const uniqueZone = (count: number) => (dir: string) => {
  const lines = Array.from({ length: count }, (_, index) => `u${index} TXT "${'x'.repeat(40)}"\n`);
  return write(dir, APEX + lines.join(''));
};

/** Nothing but the apex, so that every name is denied. */
export const emptyZone = (dir: string) => write(dir, APEX);

function write(dir: string, text: string): string {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'zone');
  writeFileSync(file, text);
  return file;
}
