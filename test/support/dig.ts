/** dig and delv as witnesses: what one query brought, read from their output. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from './namespace.ts';
import { bindTrustAnchors } from './resolvers/anchor.ts';

export interface Lookup {
  readonly server: string;
  /** 53 when not given. */
  readonly port?: number;
  readonly name: string;
  /** A when not given. */
  readonly type?: string;
  /** More of the tool's own options, `+dnssec` for one; a later one wins over ours. */
  readonly args?: readonly string[];
}

export interface DigRecord {
  readonly owner: string;
  readonly ttl: number;
  readonly type: string;
  /** Presentation format, as dig prints it. */
  readonly rdata: string;
}

export interface DigResult {
  /** RCODE mnemonic, or `TIMEOUT` when no message came back. */
  readonly status: string;
  /** Header flags in lower case: `qr`, `aa`, `tc`, `rd`, `ra`, `ad`, `cd`. */
  readonly flags: ReadonlySet<string>;
  readonly answer: readonly DigRecord[];
  /** Octets of the message, as dig received it; 0 when none came. */
  readonly size: number;
  /** All of dig's output. */
  readonly raw: string;
}

/** The lines under dig's heading of that section, up to the empty line. */
function section(raw: string, heading: string): string[] {
  const from = raw.indexOf(`;; ${heading} SECTION:\n`);
  if (from < 0) return [];
  return (raw.slice(from).split('\n\n')[0] ?? '').split('\n').slice(1);
}

function readRecord(line: string): DigRecord[] {
  const [, owner, ttl, type, rdata] = /^(\S+)\s+(\d+)\s+[A-Z]+\s+(\S+)\s*(.*)$/.exec(line) ?? [];
  if (owner === undefined || type === undefined) return [];
  return [{ owner, ttl: Number(ttl), type, rdata: rdata ?? '' }];
}

function readDig(raw: string): DigResult {
  return {
    status: /status: ([A-Z0-9]+)/.exec(raw)?.[1] ?? 'TIMEOUT',
    flags: new Set((/^;; flags: ([a-z ]*);/m.exec(raw)?.[1] ?? '').split(' ').filter((flag) => flag !== '')),
    answer: section(raw, 'ANSWER').flatMap(readRecord),
    size: Number(/^;; MSG SIZE {2}rcvd: (\d+)/m.exec(raw)?.[1] ?? 0),
    raw,
  };
}

/** One query by dig, tried once for up to 10 seconds; truncation is followed over TCP unless `+ignore` is given. */
export async function dig(namespace: Namespace, lookup: Lookup): Promise<DigResult> {
  const { server, port = 53, name, type = 'A', args = [] } = lookup;
  const at = [`@${server}`, '-p', String(port), '+tries=1', '+timeout=10'];
  const { stdout, stderr } = await namespace.run('dig', [...at, '-q', name, '-t', type, ...args], 60_000);
  return readDig(stdout + stderr);
}

/** Whether anything at all comes back from a server; the question (`version.bind`) stays with it. */
export async function answers(namespace: Namespace, server: string, port = 53): Promise<boolean> {
  const lookup = { server, port, name: 'version.bind', type: 'TXT', args: ['-c', 'CH', '+timeout=1'] };
  return (await dig(namespace, lookup)).status !== 'TIMEOUT';
}

export interface DelvLookup extends Lookup {
  /** DS or DNSKEY lines of one zone; nothing else is trusted. */
  readonly anchors: readonly string[];
}

/** One name validated by delv itself, which asks `server` (a resolver) for the records and all keys above them. */
export async function delv(
  namespace: Namespace,
  lookup: DelvLookup,
): Promise<{ readonly validated: boolean; readonly raw: string }> {
  const { server, port = 53, name, type = 'A', args = [], anchors } = lookup;
  const zone = anchors[0]?.split(/\s/)[0] ?? '.';
  const directory = mkdtempSync(join(tmpdir(), 'padzone-delv-'));
  try {
    const file = join(directory, 'anchors');
    writeFileSync(file, bindTrustAnchors(anchors));
    const trust = ['-a', file, `+root=${zone}`];
    const ask = [`@${server}`, '-p', String(port), ...trust, '-q', name, '-t', type, ...args];
    const { stdout, stderr } = await namespace.run('delv', ask, 60_000);
    return { validated: stdout.includes('; fully validated'), raw: stdout + stderr };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
