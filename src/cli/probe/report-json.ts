/** A probe's result for programs (docs/probe.md explains the fields). */
import { type Outcome, outcomesOf, sourcesOf, type ViewOf, viewsOf } from './outcome.ts';
import type { ProbeReport } from './report.ts';
import type { Finding } from './test.ts';

/** Octets and milliseconds are numbers, absent facts are null. */
export function jsonOf(report: ProbeReport): object {
  const { findings, judgments, startedAt, identity, ...rest } = report;
  return {
    ...rest,
    started: new Date(startedAt).toISOString(),
    version: identity.version ?? null,
    identity: identity.name ?? null,
    problems: judgments.filter(({ state }) => state === 'problem').length,
    sources: sourcesOf(findings),
    sizes: outcomesOf(findings).map(sizeOf),
    checks: judgments.map(({ name, state, text, advice = [] }) => ({ name, state, text, advice })),
    views: viewsOf(findings).map(viewOf),
    tests: [...findings.values()].map(testOf),
  };
}

function sizeOf({ size, how, recovery, isLate, notOffered, receipt, finding }: Outcome): object {
  return {
    size,
    how,
    recovery,
    late: isLate,
    not_offered: notOffered ?? null,
    octets: receipt?.octets ?? null,
    packets: receipt?.packets ?? null,
    edns: receipt?.ednsSize ?? null,
    source: receipt?.source ?? null,
    relation: receipt?.relation ?? null,
    sender: receipt?.sender ?? null,
    problem: finding.problem ?? null,
    elapsed_ms: finding.elapsedMs,
  };
}

function viewOf({ node, source, octets, transport, hasArrived, lastAt }: ViewOf): object {
  return { node, source, octets, transport, arrived: hasArrived, last: new Date(lastAt).toISOString() };
}

function testOf(finding: Finding): object {
  return {
    asked: finding.test.id,
    name: finding.test.question.name,
    status: finding.status,
    transport: finding.transport,
    octets: finding.octets ?? null,
    largest: finding.largest ?? null,
    elapsed_ms: finding.elapsedMs,
    texts: finding.texts ?? [],
    problem: finding.problem ?? null,
    exchanges: finding.exchanges.map(({ name, udp, transport, octets, reply, failure }) => ({
      name,
      udp,
      transport,
      octets: octets ?? null,
      status: reply?.rcode ?? null,
      ad: reply?.ad ?? null,
      errors: (reply?.errors ?? []).map((e) => ({ info_code: e.infoCode, extra_text: e.extraText })),
      failure: failure ?? null,
    })),
  };
}
