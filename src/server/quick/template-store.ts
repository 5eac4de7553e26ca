/** TemplateStore: templates by key, in a table of fixed size. A full one is emptied: what is asked for comes back at once. */
import { lowerOctet } from '../../wire/name.ts';
import { QUESTION_AT, type QuickQuery } from './quick-query.ts';
import { KEY_WORDS, type Template } from './template.ts';

const SLOTS = 8192;
/** A key that finds no place within so many slots takes that of another, so that nobody can make a search long. */
const PROBES = 8;
const MAX_TEMPLATES = 4096;
/** Octets of all messages together. */
const MAX_OCTETS = 16 * 1024 * 1024;

export class TemplateStore {
  private readonly slots: (Template | undefined)[] = new Array<Template | undefined>(SLOTS).fill(undefined);
  private count = 0;
  private octets = 0;
  private readonly seed: number;

  /** @param seed nobody else knows, so that keys cannot be made to fall together */
  constructor(seed: number) {
    this.seed = seed;
  }

  /** @param named whether the name is a part of the key */
  find(key: Int32Array, query: QuickQuery, named: boolean): Template | undefined {
    let slot = this.home(key, query, named);
    for (let probe = 0; probe < PROBES; probe++) {
      const found = this.slots[slot];
      if (found === undefined) return undefined;
      if (sameKey(found.key, key) && (!named || sameName(found.name, query))) return found;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return undefined;
  }

  /** Keeps a template for this query, in place of an older one with the same key. */
  keep(template: Template, query: QuickQuery, named: boolean): void {
    if (this.count >= MAX_TEMPLATES || this.octets > MAX_OCTETS) this.clear();
    const home = this.home(template.key, query, named);
    let slot = home;
    for (let probe = 0; probe < PROBES; probe++) {
      const found = this.slots[slot];
      const isSame = found && sameKey(found.key, template.key) && (!named || sameName(found.name, query));
      if (found === undefined || isSame) {
        this.put(slot, template);
        return;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    this.put(home, template);
  }

  private put(slot: number, template: Template): void {
    const before = this.slots[slot];
    if (before === undefined) this.count++;
    this.octets += template.octets.length - (before?.octets.length ?? 0);
    this.slots[slot] = template;
  }

  private clear(): void {
    this.slots.fill(undefined);
    this.count = 0;
    this.octets = 0;
  }

  private home(key: Int32Array, query: QuickQuery, named: boolean): number {
    let hash = named ? this.seed ^ query.hash : this.seed;
    for (let at = 0; at < KEY_WORDS; at++) hash = Math.imul(hash ^ key[at]!, 0x9e37_79b1) ^ (hash >>> 15);
    return (hash ^ (hash >>> 13)) & (SLOTS - 1);
  }
}

function sameKey(a: Int32Array, b: Int32Array): boolean {
  for (let at = 0; at < KEY_WORDS; at++) if (a[at] !== b[at]) return false;
  return true;
}

function sameName(name: Uint8Array, { octets, start }: QuickQuery): boolean {
  const nameAt = start + QUESTION_AT;
  for (let at = 0; at < name.length; at++) if (name[at] !== lowerOctet(octets[nameAt + at]!)) return false;
  return true;
}
