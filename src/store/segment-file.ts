/** One segment file: appends whole batches or nothing, so that no torn line stands before a good one. */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface SegmentFile {
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** Length up to the last batch that was written whole and synced. */
  readonly octets: number;
  /** False once the file can no longer be trusted: close it and begin the next one. */
  readonly isSound: boolean;
  /** True when somebody removed the file: what is written from now on would be lost unseen. */
  isUnlinked(): Promise<boolean>;
  /**
   * Appends and syncs; after a failure the file ends where the last good batch ended.
   *
   * @throws {Error} with the `code` of the system call (ENOSPC, EIO, EFBIG, …)
   */
  append(batch: readonly Uint8Array[]): Promise<void>;
  /** Closes it; an empty file is removed, so that a full disk does not collect them. */
  close(): Promise<void>;
}

/** Name of the `number`th segment of a process. The node's name is the operator's text: nothing of it may leave the directory. */
export function segmentName(node: string, boot: number, number: number): string {
  return `${segmentStem(node, boot)}${number}.rows`;
}

/** What the names of all segments of a process begin with. */
export function segmentStem(node: string, boot: number): string {
  return `observations-${node.replace(/[^A-Za-z0-9.-]/g, '_')}-${boot}-`;
}

/**
 * Makes the file; `head` goes in front of the first batch.
 * @returns undefined when the name is taken
 */
export async function openSegmentFile(
  directory: string,
  name: string,
  head: Uint8Array,
  openedAt: number,
): Promise<SegmentFile | undefined> {
  const path = join(directory, name);
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const handle = await open(path, 'ax', 0o640).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;

  let good = 0;
  let isSound = true;

  return {
    openedAt,
    get octets() {
      return good;
    },
    get isSound() {
      return isSound;
    },

    async isUnlinked() {
      return (await handle.stat()).nlink === 0;
    },

    async append(batch) {
      const parts = good === 0 ? [head, ...batch] : batch;
      try {
        for (const part of parts) {
          for (let at = 0; at < part.length; )
            at += (await handle.write(part, at, part.length - at)).bytesWritten;
        }
      } catch (error) {
        // The disk may have taken a part of the batch.
        await handle.truncate(good).catch(() => {
          isSound = false;
        });
        throw error;
      }
      await handle.datasync().catch(async (error: unknown) => {
        // After a failed sync nobody knows which pages are on disk, and a second sync would claim all is well.
        isSound = false;
        await handle.truncate(good).catch(() => {});
        throw error;
      });
      good += parts.reduce((sum, { length }) => sum + length, 0);
    },

    async close() {
      await handle.close();
      if (good === 0) await rm(path, { force: true });
    },
  };
}
