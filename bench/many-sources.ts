/**
 * Queries for one name from up to a million source addresses of 127.0.0.0/8, each really bound by IP_PKTINFO (ip(7)).
 * `node many-sources.js <port> <qname> <sources> <seconds> <most>`; prints a line of JSON each second and at the end.
 */

import { writeName } from './libc.ts';
import { Batch, openSocket } from './mmsg.ts';
import { encodeQuery } from './query.ts';

const [port, qname, sources, seconds, most] = process.argv.slice(2);
const [LOOPBACK, FIRST_SOURCE] = [0x7f000001, 0x7f100000];
const [CMSG_OCTETS, IPPROTO_IP, IP_PKTINFO] = [32, 0, 8];
const [BATCH, OUTSTANDING] = [32, 128];

const fd = openSocket(0, 0, 100);
const query = encodeQuery(qname ?? '', 1);
const queries = new Batch(BATCH, query.length, CMSG_OCTETS);
const answers = new Batch(BATCH, 4096);
for (let index = 0; index < BATCH; index++) {
  query.copy(queries.octets, index * query.length);
  writeName(queries.names, index, LOOPBACK, Number(port));
  queries.control.writeBigUInt64LE(28n, index * CMSG_OCTETS);
  queries.control.writeUInt32LE(IPPROTO_IP, index * CMSG_OCTETS + 8);
  queries.control.writeUInt32LE(IP_PKTINFO, index * CMSG_OCTETS + 12);
}

let [sent, answered, lost, outstanding] = [0, 0, 0, 0];
const until = Date.now() + Number(seconds) * 1000;
let nextReport = Date.now() + 1000;
while (sent < Number(most) && Date.now() < until) {
  while (outstanding <= OUTSTANDING - BATCH) sendSome();
  receiveSome();
  if (Date.now() >= nextReport) report();
}
while (outstanding > 0) receiveSome();
report();

function sendSome(): void {
  for (let index = 0; index < BATCH; index++) {
    const id = (sent + index) & 0xffff;
    queries.octets.writeUInt16BE(id, index * query.length);
    // struct in_pktinfo: the second word is the source address.
    const source = FIRST_SOURCE + ((sent + index) % Number(sources));
    queries.control.writeUInt32BE(source, index * CMSG_OCTETS + 20);
  }
  const left = queries.send(fd, BATCH);
  if (left === 0) throw new Error('the kernel refuses to send from 127.0.0.0/8');
  sent += left;
  outstanding += left;
}

function receiveSome(): void {
  const count = answers.receive(fd);
  answered += count;
  // A tenth of a second of silence: what has not come by now is lost.
  if (count === 0) lost += outstanding;
  outstanding = count === 0 ? 0 : Math.max(0, outstanding - count);
}

function report(): void {
  nextReport = Date.now() + 1000;
  console.log(JSON.stringify({ sent, answered, lost }));
}
