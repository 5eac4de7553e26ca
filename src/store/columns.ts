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

const RECEIPT = {
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
  proven: { type: 'INTEGER', absent: '0' },
  proof: { type: 'VARCHAR' },
  action: { type: 'VARCHAR' },
  excluded: { type: 'VARCHAR' },
  fragments: { type: 'INTEGER' },
  latency_us: { type: 'BIGINT' },
} as const satisfies Record<keyof Observation, Column>;

/** The same table for code that walks it. */
export const COLUMN_LIST: readonly (Column & { readonly name: string })[] = Object.entries(COLUMNS).map(
  ([name, column]) => ({ name, ...column }),
);
