/** Columns: the SQL type of every field of an observation, in the order of the contract; THE TABLE for reading. */
import type { Observation, ReceiptFacts } from '../observe/observation.ts';

export interface Column {
  /** As DuckDB spells it. */
  readonly type: string;
  /**
   * SQL value where a row lacks the field; without one, such a row is not an observation and is skipped.
   * A column added later needs one, because older segments stay readable.
   */
  readonly absent?: string;
}

export const RECEIPT = {
  node: 'INTEGER',
  instance: 'BIGINT',
  at: 'BIGINT',
  asked: 'INTEGER',
  sent: 'INTEGER',
  proto: 'VARCHAR',
  edns: 'INTEGER',
  fragments: 'INTEGER',
  filler: 'VARCHAR',
  relation: 'VARCHAR',
} as const satisfies Record<keyof ReceiptFacts, string>;

/** Fields of the receipt struct, in order; flat exports call them `receipt_<name>`. */
export const RECEIPT_FIELDS = Object.keys(RECEIPT);

const RECEIPT_TYPE = `STRUCT(${Object.entries(RECEIPT)
  .map(([name, type]) => `"${name}" ${type}`)
  .join(', ')})`;

export const COLUMNS = {
  time: { type: 'BIGINT' },
  node: { type: 'VARCHAR' },
  boot: { type: 'BIGINT' },
  seq: { type: 'BIGINT' },
  src: { type: 'VARCHAR' },
  src_port: { type: 'INTEGER' },
  dst: { type: 'VARCHAR' },
  proto: { type: 'VARCHAR' },
  ip_version: { type: 'INTEGER' },
  id: { type: 'INTEGER' },
  qname: { type: 'VARCHAR' },
  qtype: { type: 'INTEGER' },
  qclass: { type: 'INTEGER' },
  rd: { type: 'BOOLEAN' },
  cd: { type: 'BOOLEAN' },
  ad: { type: 'BOOLEAN' },
  edns_version: { type: 'INTEGER' },
  edns_udp: { type: 'INTEGER' },
  edns_do: { type: 'BOOLEAN' },
  edns_options: { type: 'INTEGER[]' },
  cookie: { type: 'VARCHAR' },
  cookie_instance: { type: 'BIGINT', absent: 'NULL' },
  req_len: { type: 'INTEGER' },
  res_len: { type: 'INTEGER' },
  tc: { type: 'BOOLEAN' },
  rcode: { type: 'INTEGER' },
  ede: { type: 'INTEGER' },
  zone: { type: 'VARCHAR' },
  behavior: { type: 'VARCHAR' },
  size: { type: 'INTEGER' },
  size_miss: { type: 'BOOLEAN' },
  arm: { type: 'VARCHAR' },
  options: { type: 'VARCHAR', absent: "''" },
  filler: { type: 'VARCHAR' },
  run: { type: 'VARCHAR' },
  step: { type: 'VARCHAR' },
  instance: { type: 'BIGINT', absent: 'NULL' },
  receipt: { type: RECEIPT_TYPE, absent: 'NULL' },
  phase: { type: 'VARCHAR', absent: "''" },
  signal: { type: 'VARCHAR', absent: "''" },
  proven: { type: 'INTEGER', absent: '0' },
  proof: { type: 'VARCHAR' },
  action: { type: 'VARCHAR' },
  excluded: { type: 'VARCHAR' },
  fragments: { type: 'INTEGER' },
  latency_us: { type: 'BIGINT' },
  event: { type: 'VARCHAR', absent: "'query'" },
  count: { type: 'BIGINT', absent: '1' },
  reason: { type: 'VARCHAR', absent: "''" },
  ttl: { type: 'INTEGER', absent: 'NULL' },
  path_mtu: { type: 'INTEGER', absent: 'NULL' },
  tcp_rtt_us: { type: 'BIGINT', absent: 'NULL' },
  tcp_mss: { type: 'INTEGER', absent: 'NULL' },
  tcp_pmtu: { type: 'INTEGER', absent: 'NULL' },
  syn_mss: { type: 'INTEGER', absent: 'NULL' },
  tcp_acked: { type: 'BOOLEAN', absent: 'NULL' },
  icmp_type: { type: 'INTEGER', absent: 'NULL' },
  icmp_code: { type: 'INTEGER', absent: 'NULL' },
  icmp_mtu: { type: 'INTEGER', absent: 'NULL' },
  icmp_from: { type: 'VARCHAR', absent: 'NULL' },
} as const satisfies Record<keyof Observation, Column>;

/** The same table for code that walks it. */
export const COLUMN_LIST: readonly (Column & { readonly name: keyof Observation })[] = Object.entries(
  COLUMNS,
).map(([name, column]) => ({ name: name as keyof Observation, ...column }));

/** Types of columns that hold no struct. */
export type FlatType = 'BIGINT' | 'INTEGER' | 'VARCHAR' | 'BOOLEAN' | 'INTEGER[]';

export interface FlatColumn {
  readonly name: string;
  readonly type: FlatType;
  /** SQL over a table with the columns above. */
  readonly sql: string;
}

/** The receipt as `receipt_*` columns, for formats that tables are made of. */
export const FLAT_COLUMNS: readonly FlatColumn[] = COLUMN_LIST.flatMap(({ name, type }): FlatColumn[] =>
  name === 'receipt'
    ? Object.entries(RECEIPT).map(([field, of]) => ({
        name: `receipt_${field}`,
        type: of,
        sql: `receipt."${field}"`,
      }))
    : [{ name, type: type as FlatType, sql: name }],
);

/** A query with every column and no row. */
export const NO_ROWS = `SELECT ${COLUMN_LIST.map(({ name, type }) => `NULL::${type} AS ${name}`).join(', ')} WHERE false`;
