/** Every signature that leaves is sound and in its time, whichever question was asked before it; only spoiled zones differ. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { signedOctets } from '../../src/dnssec/canonical.ts';
import { verify } from '../../src/dnssec/key.ts';
import { PRIVATEDNS } from '../../src/dnssec/ml-dsa.ts';
import { FLAG, readHeader } from '../../src/wire/header.ts';
import { formatName, latin1, nameKey } from '../../src/wire/name.ts';
import { type Rrsig, rrsig } from '../../src/wire/rdata/rrsig.ts';
import { codecOf } from '../../src/wire/rdata/table.ts';
import { Reader } from '../../src/wire/reader.ts';
import type { Rrset } from '../../src/wire/rrset.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { testFolder } from '../support/folder.ts';
import {
  encodeQuestion,
  makeTestResponder,
  NOON,
  type Question,
  type TestResponder,
} from '../support/responder.ts';
import { anyQuestion } from './arbitrary.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 2);

/** Static records beside the tests, some under the words that questions are made of. */
const RECORDS = `
@ TXT "v=spf1 -all"
ns1 HINFO "PC" "Linux"
filler HINFO "PC" "Linux"
ooo CNAME me
s1232.ns1 TXT "deep"
`;

const zonesDir = testFolder('signatures');
let responder: TestResponder;
beforeAll(async () => {
  cpSync('zones', zonesDir, { recursive: true });
  writeFileSync(join(zonesDir, 'static.zone'), RECORDS);
  writeFileSync(
    join(zonesDir, 'origin.toml'),
    "label = ''\nsummary = 'The origin'\nalgorithm = 15\nrecords = 'static.zone'\n",
  );
  responder = await makeTestResponder({ open: true, zonesDir });
});

/** RRsets of one section, signatures apart: what a validator sees. */
interface Section {
  readonly sets: readonly Rrset[];
  readonly signatures: readonly { readonly owner: string; readonly rdata: Rrsig }[];
}

function readSections(octets: Uint8Array): readonly Section[] {
  const { ancount, nscount, arcount } = readHeader(octets);
  const reader = new Reader(octets, 12);
  reader.name();
  reader.octets(4);
  return [ancount, nscount, arcount].map((count) => readSection(reader, count));
}

function readSection(reader: Reader, count: number): Section {
  const sets = new Map<string, Rrset>();
  const signatures: { owner: string; rdata: Rrsig }[] = [];
  for (let at = 0; at < count; at++) {
    const owner = reader.name();
    const type = reader.u16();
    reader.octets(2);
    const ttl = reader.u32();
    const rdata = codecOf(type).decode(reader, reader.u16());
    const key = `${nameKey(owner)} ${type}`;
    const before = sets.get(key)?.rdatas ?? [];
    if (type === rrsig.type) signatures.push({ owner: nameKey(owner), rdata: rdata as Rrsig });
    else sets.set(key, { owner, type, ttl, rdatas: [...before, rdata] });
  }
  return { sets: [...sets.values()], signatures };
}

function isSound(rdata: Rrsig, set: Rrset, zone: Zone): boolean {
  const key = zone.signer?.keys.find(({ keyTag }) => keyTag === rdata.keyTag);
  if (key === undefined) return false;
  const octets = signedOctets(set, rdata);
  if (key.algorithm !== PRIVATEDNS) return verify(key.rdata, octets, rdata.signature);
  const name = key.rdata.length - 4 - ml_dsa44.lengths.publicKey!;
  return ml_dsa44.verify(rdata.signature.subarray(name), octets, key.rdata.subarray(4 + name));
}

function judgeSection({ sets, signatures }: Section, zones: readonly Zone[], isSpoiled: boolean): void {
  for (const { owner, rdata } of signatures) {
    const set = sets.find((one) => one.type === rdata.typeCovered && nameKey(one.owner) === owner);
    const zone = zones.find(({ apex }) => nameKey(apex) === nameKey(rdata.signerName));
    expect(zone, formatName(rdata.signerName)).toBeDefined();
    // An answer to QTYPE RRSIG has signatures alone.
    if (!set) continue;
    expect(rdata.originalTtl).toBe(set.ttl);
    if (isSpoiled) continue;
    expect(isSound(rdata, set, zone!), `${formatName(set.owner)} ${set.type}`).toBe(true);
    expect(rdata.inception).toBeLessThanOrEqual(responder.clock.now / 1000);
    expect(rdata.expiration).toBeGreaterThan(responder.clock.now / 1000);
  }
}

/** Asks over TCP, so that all leaves, and judges what comes. Returns how many signatures there were. */
function askAndJudge(question: Question): number {
  const query = { udpPayloadSize: 4096, ...question, dnssecOk: true, qclass: 1 };
  const { octets, facts } = responder.respond(encodeQuestion(query), { transport: 'tcp' });
  expect(responder.bugs).toEqual([]);
  if (!octets || readHeader(octets).qdcount === 0) return 0;
  const sections = readSections(octets);
  const text = facts?.qname.toLowerCase() ?? '';
  const isSpoiled = /^(bogus|expired)\./.test(facts?.zone ?? '') || /badsig|expired/.test(text);
  for (const section of sections) judgeSection(section, responder.tree.zones, isSpoiled);
  const zone = responder.tree.zones.find((one) => one.text === facts?.zone);
  const isAuthoritative = (readHeader(octets).flags & FLAG.AA) !== 0;
  if (zone?.signer && isAuthoritative && !text.includes('nosig')) sections.slice(0, 2).forEach(judgeWhole);
  return sections.flatMap(({ signatures }) => signatures).length;
}

/** RFC 4035 §3.1: in an authoritative answer of a signed zone nothing goes without its signature. */
function judgeWhole({ sets, signatures }: Section): void {
  for (const { owner, type } of sets)
    expect(
      signatures.some((one) => one.owner === nameKey(owner) && one.rdata.typeCovered === type),
      `${formatName(owner)} ${type}`,
    ).toBe(true);
}

it('at every static name under every type, in any order of asking', () => {
  const names = responder.tree.zones
    .filter(({ fault, signer }) => signer && fault === undefined)
    .flatMap(({ names: index }) => [...index.keys()].map((key) => latin1(key)));
  const types = [1, 2, 5, 6, 13, 16, 28, 43, 46, 47, 48, 59, 60, 65, 255];
  let signatures = 0;
  for (const order of [types, types.toReversed()])
    for (const type of order) for (const name of names) signatures += askAndJudge({ name, type });
  expect(signatures).toBeGreaterThan(names.length * types.length);
});

it(
  'under any questions in any order, over days',
  () => {
    const asked = fc.tuple(anyQuestion, fc.constantFrom(0, 0, 0, 0, 60, 90_000));
    let signatures = 0;
    fc.assert(
      fc.property(asked, ([question, seconds]) => {
        responder.clock.now += seconds * 1000;
        if (responder.clock.now > NOON + 400 * 86_400_000) responder.clock.now = NOON;
        signatures += askAndJudge(question);
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: SECONDS * 1000 },
    );
    expect(signatures).toBeGreaterThan(100);
  },
  SECONDS * 1000 + 30_000,
);
