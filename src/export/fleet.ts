/** The line that says whose rows a report is made of, where there are several servers. */
import type { Fleet } from '../observe/fleet.ts';
import { wrap } from './wrap.ts';

const READ_ALL = 'padzone report --from DIRECTORY DIRECTORY';

/**
 * Nothing where one server is all there is.
 *
 * @param isNamed whether receipts name a node whose rows are not read, which the settings may not know
 */
export function fleetLines({ configured, unread, nodes }: Fleet, isNamed = false): string[] {
  const read = `(${nodes.join(', ')})`;
  if (unread > 0) {
    const others = unread === 1 ? 'the other one' : 'the others';
    return [
      wrap(
        `Rows of ${configured - unread} of ${configured} name servers ${read}: what resolvers asked ${others} is not known here. Read ${configured === 2 ? 'both' : 'all'}: ${READ_ALL}`,
      ),
    ];
  }
  if (isNamed)
    return [
      wrap(
        `Rows of ${nodes.join(', ')}: receipts name another name server, and what resolvers asked that one is not known here. Read all: ${READ_ALL}`,
      ),
    ];
  if (nodes.length < 2 && configured < 2) return [];
  return nodes.length === 0
    ? []
    : [wrap(`Rows of all ${Math.max(configured, nodes.length)} name servers ${read}.`)];
}
