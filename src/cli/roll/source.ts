/** Who tells of zones that roll their key: the secret of this installation, or a server that serves them. */
import { ConfigError } from '../../config.ts';
import { makeMac } from '../../zone/mac.ts';
import { isAlive, isOurs, labelFor, parseRollLabel } from '../../zone/roll/label.ts';
import { anchorLines, LINE_KEYS, statusLines } from '../../zone/roll/lines.ts';
import { LIFETIME_DAYS } from '../../zone/roll/profile.ts';
import { rollAt } from '../../zone/roll/roll.ts';
import { ask } from '../probe/ask.ts';
import { formatServerAddress, type ServerAddress } from '../probe/server-address.ts';

/** Both give lines as a server says them, and throw ConfigError for what cannot be told. */
export interface RollSource {
  /** Of a fresh zone. @param startAt milliseconds since the epoch; ten minutes from now if absent */
  fresh(wish: string, startAt?: number): Promise<string[]>;
  /** Of a zone by its name, lower case with final dot. */
  status(zone: string): Promise<string[]>;
  /** Whether `fresh` takes another start. */
  readonly takesStart: boolean;
}

const TIMEOUT_MS = 5000;

export function ownSource(secret: Uint8Array, parent: string, now: number): RollSource {
  const mac = makeMac(secret, 'zone');
  return {
    takesStart: true,
    async fresh(wish, startAt) {
      const label = labelFor(wish, now, parent, mac, startAt);
      if (!label) throw new ConfigError(`${wish}: no such zone is made`);
      return anchorLines(rollAt(secret, parent, label, now));
    },
    async status(zone) {
      const label = zone.endsWith(`.${parent}`)
        ? parseRollLabel(zone.slice(0, -parent.length - 1))
        : undefined;
      if (!label) throw new ConfigError(`${zone}: not the name of a zone that rolls its key below ${parent}`);
      if (!isOurs(label, parent, mac))
        throw new ConfigError(`${zone}: minted with another secret; ask a server of its own with --server`);
      if (!isAlive(label, now))
        throw new ConfigError(
          `${zone}: its start is more than ${LIFETIME_DAYS} days away, so it is not served`,
        );
      return statusLines(rollAt(secret, parent, label, now));
    },
  };
}

/**
 * @param servers asked in turn until one answers
 * @param advice what to do where none tells, without a period
 */
export function askedSource(servers: readonly ServerAddress[], parent: string, advice = ''): RollSource {
  return {
    takesStart: false,
    async fresh(wish, startAt) {
      if (startAt !== undefined)
        throw new ConfigError(
          '--start: a server mints zones that start ten minutes from now; another start takes the secret',
        );
      return askLines(servers, `new-${wish}.${parent}`, advice);
    },
    status: (zone) => askLines(servers, `status.${zone}`, advice),
  };
}

async function askLines(servers: readonly ServerAddress[], name: string, advice: string): Promise<string[]> {
  // CD: a resolver that validates has no anchor for the zone yet.
  const question = { name: name.replace(/\.$/, ''), type: 'TXT', checkingDisabled: true } as const;
  const failures: string[] = [];
  for (const server of servers) {
    const { reply, failure } = await ask(server, question, TIMEOUT_MS);
    const lines = reply?.texts.map(({ text }) => text).filter(isLine) ?? [];
    if (lines.length > 0) return inOrder(lines);
    failures.push(`${formatServerAddress(server)}: ${failure ?? `it knows of none (${reply?.rcode})`}`);
  }
  throw new ConfigError([`${name} TXT: ${failures.join('; ')}`, advice].filter(Boolean).join('; '));
}

function isLine(text: string): boolean {
  return LINE_KEYS.some((key) => text.startsWith(`${key}: `)) && /^[ -~]+$/.test(text);
}

function inOrder(lines: readonly string[]): string[] {
  return LINE_KEYS.flatMap((key) => lines.filter((line) => line.startsWith(`${key}: `)).sort());
}
