/** What a resolver says of its trust anchors, in its own files or words, as states of RFC 5011 §4. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabResolver } from '../contract.ts';

/** State by key tag, as this software counts it: some keep a revoked key under its tag with the REVOKE bit. */
export type AnchorStates = Readonly<Record<number, string>>;

export interface AnchorStore {
  read(resolver: LabResolver): Promise<AnchorStates>;
  /** Makes all that it remembers older by so many seconds, while the resolver does not run. */
  age(folder: string, seconds: number): void;
  /** Before the end: writes to disk what it remembers. */
  flush(resolver: LabResolver): Promise<void>;
}

/** File of anchors of Unbound and Knot Resolver, in the folder of the resolver. */
export const ANCHOR_FILE = 'roll.keys';
/** Of rndc(8). */
export const RNDC_FILE = 'rndc.conf';
const BIND_FILE = 'managed-keys.bind';

const none = async () => undefined;

/** RFC 5011 states in its own words: `;;state=2 [  VALID  ]`. */
export const unboundStore: AnchorStore = {
  async read({ folder }) {
    const text = readFileSync(join(folder, ANCHOR_FILE), 'utf8');
    return statesOf(text.matchAll(/id = (?<tag>\d+) \(\w+\).*?state=\d \[ *(?<state>\w+) *\]/g));
  },
  age(folder, seconds) {
    rewrite(
      folder,
      ANCHOR_FILE,
      /(;;(?:last_queried|last_success|next_probe_time|lastchange)[:=] ?)(\d+)/g,
      seconds,
    );
  },
  flush: none,
};

/** `; Valid: ; KeyTag:12345`, `; AddPend:1700000000 ; KeyTag:23456`. */
export const knotStore: AnchorStore = {
  async read({ folder }) {
    const text = readFileSync(join(folder, ANCHOR_FILE), 'utf8');
    return statesOf(text.matchAll(/; (?<state>[A-Z][A-Za-z]+):\d* ; KeyTag:(?<tag>\d+)/g));
  },
  age(folder, seconds) {
    rewrite(folder, ANCHOR_FILE, /(; (?:AddPend|Revoked|Missing):)(\d+)/g, seconds);
  },
  flush: none,
};

const BIND_WORDS: Readonly<Record<string, string>> = {
  'trusted since': 'VALID',
  'trust pending': 'ADDPEND',
  'trust revoked': 'REVOKED',
  'no trust': 'START',
};

/** `rndc managed-keys status`; dates of KEYDATA are 14 digits, 1970 for none. */
export const bindStore: AnchorStore = {
  async read(resolver) {
    const { stdout } = await rndc(resolver, 'managed-keys', 'status');
    return statesOf(
      stdout.matchAll(
        /keyid: (?<tag>\d+)[\s\S]*?(?<state>trusted since|trust pending|trust revoked|no trust)/g,
      ),
      (words) => BIND_WORDS[words] ?? words,
    );
  },
  age(folder, seconds) {
    const file = join(folder, BIND_FILE);
    rewriteText(file, (text) => text.replace(/\b2\d{13}\b/g, (digits) => earlier(digits, seconds)));
    // The journal would bring the old dates back.
    rmSync(`${file}.jnl`, { force: true });
  },
  async flush(resolver) {
    await rndc(resolver, 'managed-keys', 'sync');
  },
};

function rndc(resolver: LabResolver, ...args: readonly string[]) {
  return resolver.run('rndc', ['-c', join(resolver.folder, RNDC_FILE), ...args]);
}

function statesOf(
  found: Iterable<RegExpMatchArray>,
  word = (state: string) => state.toUpperCase(),
): AnchorStates {
  return Object.fromEntries(
    [...found].map(({ groups }) => [Number(groups?.['tag']), word(groups?.['state'] ?? '')]),
  );
}

/** Times are the second group, seconds since the epoch; 0 stays. */
function rewrite(folder: string, file: string, times: RegExp, seconds: number): void {
  rewriteText(join(folder, file), (text) =>
    text.replace(times, (_, before: string, time: string) =>
      time === '0' ? `${before}0` : `${before}${Number(time) - seconds}`,
    ),
  );
}

function rewriteText(file: string, change: (text: string) => string): void {
  if (existsSync(file)) writeFileSync(file, change(readFileSync(file, 'utf8')));
}

function earlier(digits: string, seconds: number): string {
  const at = Date.parse(digits.replace(/^(.{4})(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));
  return new Date(at - seconds * 1000).toISOString().slice(0, 19).replace(/\D/g, '');
}
