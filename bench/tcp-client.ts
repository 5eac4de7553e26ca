/**
 * Queries over TCP, a new connection for every so many: `node tcp-client.js <port> <qname> <queries each> <seconds>`.
 *
 * Many connections at a time, opened one after the other, then read one after the other. Prints a LoadResult as JSON.
 */
import {
  AF_INET,
  bind,
  close,
  connect,
  NAME_OCTETS,
  recv,
  SOCK_STREAM,
  send,
  setOption,
  setPatience,
  socket,
  writeName,
} from './libc.ts';
import type { LoadResult } from './loads.ts';
import { encodeQuery } from './query.ts';

const [port, qname, each, seconds] = process.argv.slice(2);
const QUERIES = Number(each);
/** Knot's queue of new connections holds 10: with more of them, the kernel drops a SYN and waits for a second. */
const CONNECTIONS = 8;
/** The kernel finds ports that are still in TIME-WAIT unusable for a pair of addresses: there are many pairs. */
const [FIRST_SOURCE, SOURCES, LOOPBACK] = [0x7f000002, 64, 0x7f000001];
const [IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT] = [0, 24];
const [IPPROTO_TCP, TCP_NODELAY] = [6, 1];
const MSG_NOSIGNAL = 0x4000;
const PATIENCE_MS = 2000;

const one = encodeQuery(qname ?? '', 1);
const request = Buffer.concat(
  Array.from({ length: QUERIES }, () => Buffer.concat([Buffer.from([0, one.length]), one])),
  Math.max(128, QUERIES * (one.length + 2)),
);
const requestOctets = QUERIES * (one.length + 2);
const target = Buffer.alloc(128);
writeName(target, 0, LOOPBACK, Number(port));
const into = Buffer.alloc(1 << 18);
const source = Buffer.alloc(128);

let [opened, answers, octets, lost, failed] = [0, 0, 0, 0, 0];
const startedAt = performance.now();
while (performance.now() - startedAt < Number(seconds) * 1000) {
  for (const fd of Array.from({ length: CONNECTIONS }, open)) {
    const got = fd < 0 ? 0 : readAnswers(fd);
    answers += got;
    lost += QUERIES - got;
    if (fd >= 0) close(fd);
  }
}
const result: LoadResult = {
  answers,
  lost,
  perSecond: answers / ((performance.now() - startedAt) / 1000),
  responseOctets: Math.round(octets / Math.max(1, answers)),
  rcodes: failed === 0 ? 'NOERROR 100%' : `other ${((100 * failed) / answers).toFixed(2)}%`,
};
console.log(JSON.stringify(result));

/** A connection with its queries on the way; negative where that failed. */
function open(): number {
  const fd = socket(AF_INET, SOCK_STREAM, 0);
  setOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  setPatience(fd, PATIENCE_MS);
  writeName(source, 0, FIRST_SOURCE + (opened++ % SOURCES), 0);
  bind(fd, source, NAME_OCTETS);
  const isOpen = connect(fd, target, NAME_OCTETS) === 0;
  if (isOpen && send(fd, request, requestOctets, MSG_NOSIGNAL) === requestOctets) return fd;
  close(fd);
  return -1;
}

/** How many whole answers came. */
function readAnswers(fd: number): number {
  let [filled, at, count] = [0, 0, 0];
  while (count < QUERIES) {
    const got = recv(fd, into.subarray(filled), into.length - filled, 0);
    if (got <= 0) break;
    filled += got;
    while (filled - at >= 2 && filled - at - 2 >= into.readUInt16BE(at)) {
      const length = into.readUInt16BE(at);
      if ((into[at + 5]! & 0x0f) !== 0) failed++;
      octets += length;
      at += 2 + length;
      count++;
    }
  }
  return count;
}
