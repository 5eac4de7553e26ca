/**
 * Layout of a row in octets: fixed fields, then option codes and the query name (DESIGN: observation). Little endian.
 *
 * The query path patches these fields in place, so each has one offset in every row. Version 1; what a number means stands in
 * `encode.ts`, beside the code that writes it.
 */

/** What a slot holds. `filler` is skipped: the end of a ring. */
export const KIND = { filler: 0, query: 1, path: 2, flood: 3, lost: 4 } as const;

/** Offset of each field from the start of the row, octets. */
export const FIELD = {
  /** u8 KIND */
  kind: 0,
  /** u8: slots of this row */
  slots: 1,
  /** u8: bits of FLAGS */
  flags: 2,
  /** u8: bits of MARKS */
  marks: 3,
  /** u32 low and u8 high of the row's number in its thread; the thread stands in the block */
  seqLow: 4,
  seqHigh: 8,
  /** u8: cookie state, 0 none 1 client 2 valid 3 stale */
  cookie: 9,
  srcPort: 10, // u16
  id: 12, // u16
  qtype: 14, // u16
  time: 16, // f64, milliseconds since the epoch
  src: 24, // 4 or 16 octets
  dst: 40, // 4 or 16 octets
  qclass: 56, // u16
  ednsUdp: 58, // u16
  ednsVersion: 60, // u8, 255 none
  optionCount: 61, // u8
  qnameLength: 62, // u16, octets of the name in wire form, 0 where none could be read
  reqLen: 64, // u16
  resLen: 66, // u16
  rcode: 68, // u16
  ede: 70, // i16
  size: 72, // u16
  proven: 74, // u16
  /** u8: octets at the end of the query name that are the apex of the zone that answered; 0 where none did */
  zoneLength: 76,
  behavior: 77, // u8: code in the table of behaviors, 255 receipt, 0 none
  arm: 78, // u8: 0 default 1 df 2 nodf 3 frag
  filler: 79, // u8: RECEIPT_FILLERS
  step: 80, // u8: STEPS
  proof: 81, // u8: PROOFS
  action: 82, // u8: ACTIONS
  excluded: 83, // u8: EXCLUDED
  fragments: 84, // u8
  ttl: 85, // u8, 0 unknown
  pathMtu: 86, // u16, 0 unknown
  instance: 88, // u32
  cookieInstance: 92, // u32
  run: 96, // 6 octets
  options: 104, // u32 low and u8 high: options of the test name, packed as in a gate
  optionsHigh: 108,
  receiptFiller: 109, // u8
  receiptFragments: 110, // u8
  receiptProto: 111, // u8
  receiptAt: 112, // f64, milliseconds since the epoch
  /** Path events only, where queries have their receipt: 4 or 16 octets, by icmpFromFamily. */
  icmpFrom: 112,
  receiptInstance: 120, // u32
  receiptAsked: 124, // u16
  receiptSent: 126, // u16
  receiptEdns: 128, // u16
  receiptNode: 130, // u8
  receiptRelation: 131, // u8: 0 own 1 relayed 2 replay
  latency: 132, // u32, microseconds
  tcpRtt: 136, // u32, microseconds, 0 unknown
  tcpMss: 140, // u16, 0 unknown
  tcpPmtu: 142, // u16, 0 unknown
  tcpAcked: 144, // u8: 0 unknown, 1 the answer's last octet was acknowledged, 2 it was not
  /** Path events only. */
  icmpType: 145, // u8
  icmpCode: 146, // u8
  icmpFromFamily: 147, // u8: 0, 4 or 6
  icmpMtu: 148, // u16, 0 none
  /** Lost rows only, u8: LOSSES */
  reason: 150,
  /** Flood and lost rows only: how many queries or rows this one stands for. */
  count: 152, // u32
  /** u16: segment size that the SYN offered, 0 unknown; queries only */
  synMss: 156,
  phase: 158, // u8: PHASES
  signal: 159, // u8: SIGNALS
  /** u16 each, `optionCount` of them; then the query name in wire form. */
  tail: 160,
} as const;

export const FLAGS = { ipv6: 1, tcp: 2, tls: 4, rd: 8, cd: 16, ad: 32, dnssecOk: 64, tc: 128 } as const;
/** `opt` only with ednsVersion 255: there was an OPT, and that is its version. */
export const MARKS = { sizeMiss: 1, instance: 2, receipt: 4, cookieInstance: 8, run: 16, opt: 32 } as const;

/** A query may hold thousands of options; a row need not. */
export const MAX_OPTION_CODES = 32;

/** A row's number in the whole process: the thread above 40 bits, its own number below. */
export const SEQ_OF_THREAD = 2 ** 40;

/** Names of the numbers, in order; a row holds the place. Added to at the end only. */
export const EVENTS = ['', 'query', 'path', 'flood', 'lost'] as const;
/** Where rows were lost: no room in the ring of a thread, a disk that refused, too many waiting in memory, `disk_budget`. */
export const LOSSES = ['', 'ring', 'disk', 'memory', 'rate'] as const;
export const COOKIES = ['none', 'client', 'valid', 'stale'] as const;
export const STEPS = ['other', 'gate', 'measured', 'receipt', 'ladder', 'proof'] as const;
export const PROOFS = ['none', 'gate', 'cookie', 'tcp', 'recent', 'allow'] as const;
export const ACTIONS = ['answer', 'tc', 'refuse', 'drop', 'badcookie'] as const;
export const EXCLUDED = ['', 'budget', 'gate', 'fault'] as const;
export const RELATIONS = ['own', 'relayed', 'replay'] as const;
export const ARMS = ['default', 'df', 'nodf', 'frag'] as const;
