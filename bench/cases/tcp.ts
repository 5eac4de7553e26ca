/** TCP: one query a connection, and a hundred of them in a row (RFC 7766 §6.2.1). */
import { padzoneOpen } from '../peers/padzone.ts';
import { nameOfSize } from '../static-zone.ts';
import { tcpLoad } from '../tcp-load.ts';
import type { Case } from './case.ts';
import { STATIC_PEERS } from './one-name.ts';

function overTcp(key: string, title: string, queriesEach: number): Case {
  const qname = nameOfSize(1232);
  return {
    key,
    title,
    subjects: () =>
      [padzoneOpen, ...STATIC_PEERS].map((peer) => ({
        label: peer.name,
        peer,
        load: tcpLoad(qname, queriesEach),
        expect: { qname, octets: 1232 },
      })),
  };
}

export const tcpOne = overTcp('e1', '1232 octets, TCP, one query a connection', 1);
export const tcpPipelined = overTcp('e2', '1232 octets, TCP, 100 queries a connection', 100);
