/** Who answers, by its own word: version and name in class CHAOS (RFC 4892). */
import { type Asking, askTest } from './run.ts';

export interface Identity {
  readonly version: string | undefined;
  readonly name: string | undefined;
}

/** It needs nobody else for that answer, and many a firewall drops the question. */
const PATIENCE_MS = 1000;

export async function identify(asking: Asking): Promise<Identity> {
  const impatient = { ...asking, timeoutMs: Math.min(asking.timeoutMs, PATIENCE_MS) };
  return { version: await askChaos(impatient, 'version.bind'), name: await askChaos(impatient, 'id.server') };
}

/** Many hide it, and say so by whatever RCODE or text they like. */
async function askChaos(asking: Asking, name: string): Promise<string | undefined> {
  const { texts } = await askTest(asking, { id: name, question: { name, type: 'TXT', isChaos: true } });
  return texts?.[0] || undefined;
}
