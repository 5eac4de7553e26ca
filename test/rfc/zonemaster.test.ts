/** Zonemaster's test cases, as far as one server can pass or fail them (zonemaster test specifications). */
import { beforeAll, describe, expect, it } from 'vitest';
import { zoneText } from '../../src/zone/zone.ts';
import { type AskFrom, FULL_PLAN, makeTestResponder, type Question } from '../support/responder.ts';
import { hex } from './octets.ts';
import { type Seen, seen } from './seen.ts';

const responder = await makeTestResponder({ servers: FULL_PLAN });
const ZONES = responder.tree.zones.map((zone) => ({
  name: zoneText(zone.apex).slice(0, -1),
  local: { parent: '127.0.0.1', children: '127.0.0.2', hostile: '127.0.0.3' }[roleOf(zone.addresses)],
  signed: zone.signer !== undefined,
  spoiled: zone.fault !== undefined,
}));

function roleOf(addresses: ReadonlySet<string>): 'parent' | 'children' | 'hostile' {
  if (addresses.has('7f000001') || addresses.has('20010db8000000000000000000000001')) return 'parent';
  return addresses.has('7f000003') || addresses.has('20010db8000000000000000000000003')
    ? 'hostile'
    : 'children';
}

/** As Zonemaster asks: 512 octets without DNSSEC, 1232 with, again over TCP when truncated. */
function ask(query: Question & AskFrom): Seen {
  const size = query.dnssecOk ? { udpPayloadSize: 1232 } : {};
  const first = seen(responder.ask({ ...size, ...query }).octets);
  if (!first.flags.includes('tc')) return first;
  return seen(responder.ask({ ...size, ...query, transport: 'tcp' }).octets);
}
