/** The floor: answers every query with 1232 fixed octets, id and question patched in. `node echo.js <port>`. */
import { Batch, openSocket } from './mmsg.ts';

const ANSWER_OCTETS = 1232;
const HEADER_OCTETS = 12;
const [TXT, TYPE_AND_CLASS] = [16, 4];
const OPT = Buffer.from([0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0, 0]);

const fd = openSocket(0x7f000001, Number(process.argv[2]), 0);
const queries = new Batch(32, 512);
const answers = new Batch(32, ANSWER_OCTETS);
let prepared = 0;

for (;;) {
  const count = queries.receive(fd);
  for (let index = 0; index < count; index++) patch(index * queries.room, index * answers.room);
  queries.names.copy(answers.names, 0, 0, count * 16);
  answers.send(fd, count);
}

/** Id and question of the query at `from`; all else has been there since the first query of that length. */
function patch(from: number, to: number): void {
  const query = queries.octets;
  let end = from + HEADER_OCTETS;
  while (query[end] !== 0) end += query[end]! + 1;
  const length = end + 1 + TYPE_AND_CLASS - from;
  if (prepared !== length) prepare(length);
  answers.octets[to] = query[from]!;
  answers.octets[to + 1] = query[from + 1]!;
  query.copy(answers.octets, to + HEADER_OCTETS, from + HEADER_OCTETS, from + length);
}

/** Header, TXT RRset, a record of RRSIG's shape and OPT, for a question that ends at `questionEnd`. */
function prepare(questionEnd: number): void {
  prepared = questionEnd;
  const signature = record(46, Buffer.alloc(18 + 15 + 64));
  const octets = ANSWER_OCTETS - questionEnd - 12 - signature.length - OPT.length;
  const text = Buffer.alloc(octets, 'x');
  for (let at = 0; at < octets; at += 256) text[at] = Math.min(255, octets - at - 1);
  const header = Buffer.from([0, 0, 0x84, 0, 0, 1, 0, 2, 0, 0, 0, 1]);
  const question = Buffer.alloc(questionEnd - HEADER_OCTETS);
  const answer = Buffer.concat([header, question, record(TXT, text), signature, OPT]);
  for (let index = 0; index < answers.count; index++) answer.copy(answers.octets, index * answers.room);
}

function record(type: number, rdata: Buffer): Buffer {
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0x0e, 0x10, 0, 0]);
  head.writeUInt16BE(rdata.length, 10);
  return Buffer.concat([head, rdata]);
}
