/** Troubles: of errors that come with every message the first of each second is told. */
import { performance } from 'node:perf_hooks';

const QUIET_MS = 1000;
const MAX_KINDS = 64;

/** Hands on an error unless one of its kind (its code, else its message) was handed on within a second. */
export function makeTroubles(tell: (error: Error) => void): (error: unknown) => void {
  const toldAt = new Map<string, number>();
  return (thrown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const kind = (error as NodeJS.ErrnoException).code ?? error.message;
    const now = performance.now();
    if (now - (toldAt.get(kind) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    if (toldAt.size >= MAX_KINDS) toldAt.clear();
    toldAt.set(kind, now);
    tell(error);
  };
}
