/** Setting: one row of the table, and the names that follow from its key. */
import type * as z from 'zod';

/** A default that follows from other settings, which stand above it in the table. */
export interface Derived {
  /** How documents show it. */
  readonly text: string;
  readonly from: (earlier: Readonly<Record<string, unknown>>) => unknown;
}

/** One setting. A list has a list as its default, a switch has true or false. */
export interface Setting {
  /** Unit or kind of the value: `octets`, `seconds`, `folder`; stands behind the flag in the help. */
  readonly unit: string;
  /** As a file would hold it; `check` reads it as it reads any other. */
  readonly fallback: string | number | boolean | readonly string[] | Derived;
  /** One line, no final period. */
  readonly summary: string;
  /** Takes what a file holds and the text of a flag or variable; its description says what is allowed. */
  readonly check: z.ZodType;
  /** Never shown, neither in messages nor by `config show`. */
  readonly hidden?: true;
}

/** `udpMax` → `udp_max`, the key in the file. */
export function tomlKey(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `udpMax` → `--udp-max`. */
export function flagOf(name: string): string {
  return `--${tomlKey(name).replaceAll('_', '-')}`;
}

/** `udpMax` → `PADZONE_UDP_MAX`. */
export function variableOf(name: string): string {
  return `PADZONE_${tomlKey(name).toUpperCase()}`;
}

/** The default as documents show it; empty where it is nothing. */
export function fallbackText({ fallback }: Setting): string {
  if (typeof fallback === 'object') return 'text' in fallback ? fallback.text : fallback.join(',');
  return String(fallback);
}
