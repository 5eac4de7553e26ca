/** Observations for tests: one complete row, and stories told by what happened in which second. */
import type { Observation, ReceiptFacts } from '../../src/observe/observation.ts';

/** 2026-11-23T15:00:00Z, the moment at which every story begins. */
export const START = Date.UTC(2026, 10, 23, 15);
export const SOURCE = '203.0.113.7';
export const OTHER = '2001:db8::53';
/** Of the /24 of the source. */
export const NEIGHBOR = '203.0.113.99';
export const STRANGER = '198.51.100.66';
export const RUN = '0123456789ab';

/** A row of a query that belongs to no trial, with anything changed. */
export function observation(changes: Partial<Observation> = {}): Observation {
  return {
    time: START,
    node: 'ns1',
    boot: START - 86_400_000,
    seq: 1,
    event: 'query',
    count: 1,
    reason: '',
    src: SOURCE,
    src_port: 40_000,
    dst: '192.0.2.1',
    proto: 'udp',
    ip_version: 4,
    id: 4711,
    qname: 'probe.example.',
    qtype: 16,
    qclass: 1,
    rd: false,
    cd: false,
    ad: false,
    edns_version: 0,
    edns_udp: 4096,
    edns_do: true,
    edns_options: [10],
    cookie: 'none',
    cookie_instance: null,
    req_len: 70,
    res_len: 120,
    tc: false,
    rcode: 0,
    ede: -1,
    zone: 'probe.example.',
    behavior: '',
    size: 0,
    size_miss: false,
    arm: 'default',
    filler: 'none',
    run: '',
    step: 'other',
    instance: null,
    options: '',
    receipt: null,
    phase: '',
    signal: '',
    proven: 0,
    proof: 'none',
    action: 'answer',
    excluded: '',
    fragments: 1,
    latency_us: 80,
    ttl: null,
    path_mtu: null,
    tcp_rtt_us: null,
    tcp_mss: null,
    tcp_pmtu: null,
    syn_mss: null,
    tcp_acked: null,
    icmp_type: null,
    icmp_code: null,
    icmp_mtu: null,
    icmp_from: null,
    ...changes,
  };
}

/** Rows of one server with ascending `seq`, `at` seconds after the start. */
export function story(options: { size?: number; run?: string } = {}) {
  const { size = 4096, run = RUN } = options;
  let seq = 0;
  const row = (at: number, changes: Partial<Observation>) => {
    seq += 1;
    return observation({ time: START + at * 1000, seq, run, behavior: 'sized', ...changes });
  };
  return {
    other: (at: number, changes: Partial<Observation> = {}) => row(at, { run: '', behavior: '', ...changes }),

    gate: (at: number, changes: Partial<Observation> = {}) => row(at, { size, step: 'gate', ...changes }),

    /** The whole answer over UDP. */
    udp: (at: number, instance: number, changes: Partial<Observation> = {}) =>
      row(at, {
        size,
        step: 'measured',
        instance,
        res_len: size,
        fragments: Math.ceil((size + 8) / 1480),
        filler: 'signed',
        proof: 'gate',
        ...changes,
      }),

    /** TC=1 over UDP. */
    tc: (at: number, changes: Partial<Observation> = {}) =>
      row(at, { size, step: 'measured', tc: true, action: 'tc', edns_udp: 1232, proof: 'gate', ...changes }),

    tcp: (at: number, instance: number, changes: Partial<Observation> = {}) =>
      row(at, {
        size,
        step: 'measured',
        proto: 'tcp',
        instance,
        res_len: size,
        fragments: 0,
        filler: 'signed',
        proof: 'tcp',
        ...changes,
      }),

    /** A TCP connection that ended before it had asked. */
    wordless: (at: number, changes: Partial<Observation> = {}) =>
      row(at, {
        run: '',
        behavior: '',
        proto: 'tcp',
        action: 'drop',
        qname: '',
        req_len: 0,
        res_len: 0,
        ...changes,
      }),

    /** Rows that could not be kept. */
    lost: (at: number, changes: Partial<Observation> = {}) =>
      row(at, {
        ...{ event: 'lost', count: 5000, reason: 'ring', run: '', behavior: '', zone: '' },
        ...{ src: '', dst: '', src_port: 0, qname: '', req_len: 0, res_len: 0 },
        ...changes,
      }),

    /** An ICMP error that quotes `measured`: "fragmentation needed", unless changed. */
    error: (at: number, measured: Observation, changes: Partial<Observation> = {}) => {
      const { src, src_port, dst, ip_version, id, qname } = measured;
      return row(at, {
        ...{ event: 'path', run: '', behavior: '', zone: '', req_len: 0, res_len: 0, fragments: 0 },
        ...{ edns_version: -1, edns_udp: 0, edns_do: false, edns_options: [] },
        ...{ src, src_port, dst, ip_version, id, qname },
        ...{ icmp_type: 3, icmp_code: 4, icmp_from: '198.51.100.1' },
        ...changes,
      });
    },

    /** The query for the receipt of `measured`. */
    receipt: (
      at: number,
      measured: Observation,
      changes: Partial<Observation> & { relation?: ReceiptFacts['relation'] } = {},
    ) => {
      const { relation = 'own', ...rest } = changes;
      return row(at, {
        src: measured.src,
        step: 'receipt',
        receipt: { ...receiptOf(measured), relation },
        ...rest,
      });
    },
  };
}

/** What the receipt name of a measured answer says. */
export function receiptOf(measured: Observation): ReceiptFacts {
  return {
    node: 1,
    instance: measured.instance ?? 0,
    at: measured.time,
    asked: measured.size,
    sent: measured.res_len,
    proto: measured.proto,
    edns: measured.edns_udp,
    fragments: measured.fragments,
    filler: measured.filler,
    relation: 'own',
  };
}
