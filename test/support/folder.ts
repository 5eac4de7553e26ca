/** A folder for one test file, gone when its tests are done; called outside of tests, since one that runs takes no more hooks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export function testFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `padzone-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
