/** Runs a case: starts its servers, checks an answer of each, loads them in turn, stops them. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, waitForAnswer } from './ask.ts';
import type {
  AfterContext,
  Case,
  CaseResult,
  Expectation,
  Instance,
  Measurement,
  RunLength,
  Subject,
} from './cases/case.ts';
import { ROTATE_SECONDS } from './peers/padzone.ts';
import type { Peer } from './peers/peer.ts';
import { addCosts, type Cost, settle, stopServer, usage } from './process.ts';
import { median, summarize } from './summary.ts';

export interface RunContext extends RunLength {
  readonly root: string;
  readonly scratch: string;
  readonly million: number;
}

type Latency = { readonly p50: number; readonly p99: number };

const SETTLE_SECONDS = 4;
/** The last segment closes within one turn, and compaction takes it 15 s later, when it has nothing else to do. */
const COMPACTION_SECONDS = ROTATE_SECONDS + 15 + 3;

interface Started extends Instance {
  readonly child: ChildProcess;
}

export async function runCase(one: Case, context: RunContext): Promise<CaseResult> {
  const skipped: string[] = [];
  const servers = new Map<Peer, Started>();
  const dir = join(context.scratch, one.key);
  try {
    const subjects: Subject[] = [];
    for (const subject of one.subjects(context)) {
      const problem = await prepare(subject, servers, dir, context.root);
      if (problem === undefined) subjects.push(subject);
      else skipped.push(`${subject.label}: ${problem}`);
    }
    for (const line of skipped) console.error(`  skipped: ${line}`);
    const rows = await measureAll(one, subjects, servers, context);
    const facts = (await one.after?.(afterContext(servers, context))) ?? [];
    return { key: one.key, title: one.title, rows, facts, skipped };
  } finally {
    await Promise.all([...servers.values()].map(({ child }) => stopServer(child)));
    rmSync(dir, { recursive: true, force: true });
  }
}

function afterContext(servers: ReadonlyMap<Peer, Started>, context: RunContext): AfterContext {
  return {
    ...context,
    instance: (name) => [...servers.values()].find(({ peer }) => peer.name === name),
  };
}

/** Starts the subject's server where no other subject has, and looks at one answer; returns what is wrong. */
async function prepare(
  { peer, expect }: Subject,
  servers: Map<Peer, Started>,
  dir: string,
  root: string,
): Promise<string | undefined> {
  const missing = peer.missing(root);
  if (missing !== undefined) return `not available, ${missing} is missing`;
  const running = servers.get(peer);
  const started = running ?? (await start(peer, join(dir, peer.name.replaceAll(' ', '-')), root));
  if (typeof started === 'string') return started;
  const answer = await waitForAnswer(started.port, expect.qname, peer.readySeconds ?? 15);
  const problem = answer === undefined ? `no answer${lastWords(dir, peer)}` : faultOf(answer, expect);
  if (problem !== undefined) {
    if (running === undefined) await stopServer(started.child);
    return problem;
  }
  servers.set(peer, started);
  const { rcode = '', octets, rrsigs } = answer ?? {};
  console.error(`  ${peer.name}: ${expect.qname} TXT ${rcode}, ${octets} octets, ${rrsigs} RRSIG`);
  return undefined;
}

async function start(peer: Peer, dir: string, root: string): Promise<Started | string> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const [port, httpPort] = [await freePort(), await freePort()];
  try {
    const child = peer.start({ root, dir, port, httpPort });
    return { peer, child, pid: child.pid ?? 0, port, httpPort };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function lastWords(dir: string, peer: Peer): string {
  const log = join(dir, peer.name.replaceAll(' ', '-'), 'log');
  return `: ${readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' / ')}`;
}

function faultOf(answer: { rcode: string; octets: number; rrsigs: number }, expect: Expectation) {
  const { octets, rcodes = ['NOERROR'], isUnsigned = false } = expect;
  if (!rcodes.includes(answer.rcode)) return `${expect.qname} is ${answer.rcode}, not ${rcodes.join(' or ')}`;
  if (octets !== undefined && answer.octets !== octets) return `${answer.octets} octets, not ${octets}`;
  return isUnsigned || answer.rrsigs > 0 ? undefined : 'no RRSIG';
}

/** Every subject once a round, so that a slow moment of the machine meets all of them. */
async function measureAll(
  one: Case,
  subjects: readonly Subject[],
  servers: ReadonlyMap<Peer, Started>,
  context: RunContext,
) {
  const measurements: Measurement[] = [];
  const helpers = new Map<Peer, { before: number; answers: number }>();
  for (let round = 0; round <= context.rounds; round++) {
    for (const subject of subjects) {
      const server = servers.get(subject.peer)!;
      // Round 0 is one second, to warm up; it is not counted.
      const seconds = round === 0 ? 1 : context.seconds;
      const place = { port: server.port, scratch: context.scratch, seconds, turn: round };
      const measured = await measure(subject, server, place);
      if (round === 0) helpers.set(subject.peer, { before: spentByHelpers(server), answers: 0 });
      else {
        measurements.push(measured);
        helpers.get(subject.peer)!.answers += measured.answers;
      }
      console.error(
        `  round ${round}/${context.rounds}  ${subject.label}: ${Math.round(measured.perSecond)} answers/s`,
      );
    }
  }
  const latencies = one.hasLatency
    ? await latenciesOf(subjects, servers, measurements, context)
    : new Map<string, Latency>();
  // The last segment is still to be compacted: it is part of the price.
  if (subjects.some(({ peer }) => peer.hasHelpers)) await pause(COMPACTION_SECONDS * 1000);
  const helperMicros = new Map<string, number>();
  for (const { label, peer } of subjects.filter((subject) => subject.peer.hasHelpers)) {
    const server = servers.get(peer)!;
    await settle(server.pid, SETTLE_SECONDS);
    const { before, answers } = helpers.get(peer)!;
    helperMicros.set(label, (spentByHelpers(server) - before) / Math.max(1, answers));
  }
  return summarize(measurements, helperMicros, latencies);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function spentByHelpers({ pid }: Instance): number {
  const { others } = usage(pid);
  return others.user + others.system;
}

/** The processes that answer. */
function serving({ pid, peer }: Instance): Cost {
  const { first, others } = usage(pid);
  return peer.hasHelpers ? first : addCosts(first, others);
}

/** One run, and a rest afterwards: what the server still does about it counts, and does not meet the next one's run. */
async function measure(
  { label, load }: Subject,
  server: Started,
  place: Parameters<Subject['load']['run']>[0],
): Promise<Measurement> {
  const before = serving(server);
  const result = await load.run(place);
  const loaded = serving(server);
  await settle(server.pid, SETTLE_SECONDS);
  const after = serving(server);
  const answers = Math.max(1, result.answers);
  return {
    label,
    ...result,
    userMicros: (after.user - before.user) / answers,
    systemMicros: (after.system - before.system) / answers,
    rss: loaded.rss,
  };
}

async function latenciesOf(
  subjects: readonly Subject[],
  servers: ReadonlyMap<Peer, Started>,
  measurements: readonly Measurement[],
  context: RunContext,
) {
  const speeds = subjects.map(({ label }) =>
    median(measurements.filter((one) => one.label === label).map(({ perSecond }) => perSecond)),
  );
  const rate = Math.min(...speeds) / 2;
  const latencies = new Map<string, Latency>();
  for (const { label, peer, load } of subjects) {
    const { port, pid } = servers.get(peer)!;
    const place = { port, scratch: context.scratch, seconds: Math.min(3, context.seconds), turn: 0 };
    const latency = await load.latency?.(place, rate);
    if (latency !== undefined) latencies.set(label, latency);
    await settle(pid, SETTLE_SECONDS);
  }
  console.error(`  latency at ${Math.round(rate)} queries/s`);
  return latencies;
}
