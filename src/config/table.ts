/** THE TABLE of settings: one row each, in the order of the documents. Key, flag and variable follow from the name. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import * as check from './check.ts';
import type { Setting } from './setting.ts';

// A receipt label takes 63 of the 255 octets of a name, a child zone's label up to 65 more with the root's.
const ORIGIN_OCTETS = 126;

/** More threads than this answer no faster: the kernel is the limit then. */
const MOST_THREADS_BY_DEFAULT = 4;

const PACKAGED_ZONES = fileURLToPath(new URL('../../zones', import.meta.url));

export const SETTINGS = {
  origin: {
    unit: 'name',
    fallback: 'probe.test',
    summary: 'Domain that is delegated to this server; every test name ends in it',
    check: check.originName(ORIGIN_OCTETS),
  },
  node: {
    unit: 'name',
    fallback: 'ns1',
    summary: 'Name of this node, in NSID, in answers and in every row of data',
    check: check.matching(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i,
      '1 to 63 letters, digits and inner hyphens',
    ),
  },
  nodeId: {
    unit: 'number',
    fallback: {
      text: 'the number at the end of `node`, else 0',
      from: ({ node }) => /\d*$/.exec(`${node}`)?.[0] || 0,
    },
    summary: 'Number of this node inside receipts; no two nodes of one origin may share it',
    check: check.integer(0, 255),
  },
  dnsListen: {
    unit: 'address:port,…',
    fallback: ['127.0.0.1:5300', '[::1]:5300'],
    summary: 'Where DNS is answered, over UDP and TCP; 0.0.0.0 and [::] are every address',
    check: check.listOf(check.listen()),
  },
  engine: {
    unit: 'auto|plain|linux',
    fallback: 'auto',
    summary:
      'What serves the sockets: `linux` calls the kernel from threads, `plain` works everywhere; `auto` is `linux` where it can be',
    check: check.oneOf('auto', 'plain', 'linux'),
  },
  packetThreads: {
    unit: 'threads',
    fallback: {
      text: `the number of processors, at most ${MOST_THREADS_BY_DEFAULT}`,
      from: () => Math.min(MOST_THREADS_BY_DEFAULT, availableParallelism()),
    },
    summary: 'Threads that answer over UDP, under the engine `linux`; one more answers over TCP',
    check: check.integer(1, 64),
  },
  httpListen: {
    unit: 'address:port',
    fallback: '127.0.0.1:8053',
    summary: 'Where health and metrics are served over HTTP',
    check: check.listenOrOff(),
  },
  nameservers: {
    unit: 'name/role/address,…',
    fallback: [],
    summary:
      'Name servers of the delegation with their roles; none means ns1 below the origin, for all roles',
    check: check.listOf(check.nameserver()),
  },
  dataDir: {
    unit: 'folder',
    fallback: 'data',
    summary: 'Observations are kept here',
    check: check.path('a folder'),
  },
  keysDir: {
    unit: 'folder',
    fallback: 'keys',
    summary: 'DNSSEC keys, in the files of BIND',
    check: check.path('a folder'),
  },
  zonesDir: {
    unit: 'folder',
    fallback: { text: 'the `zones` folder of the package', from: () => PACKAGED_ZONES },
    summary: 'Descriptions of the zones that are served',
    check: check.path('a folder'),
  },
  secret: {
    unit: 'hex',
    fallback: '',
    summary: 'Secret of all nodes, in place of `secret_file`; a flag is visible to every user of the host',
    check: check.matching(/^(([0-9a-f]{2}){16,128})?$/i, 'an even number of hex digits, 32 to 256'),
    hidden: true,
  },
  secretFile: {
    unit: 'file',
    fallback: { text: '`<keys_dir>/secret`', from: ({ keysDir }) => join(`${keysDir}`, 'secret') },
    summary: 'File with the secret of all nodes as hex; made at the first start when there is one node',
    check: check.path('a file'),
  },
  direct: {
    unit: 'gate|open',
    fallback: 'gate',
    summary:
      'Whether a source address must prove itself before a large answer leaves; `open` is for closed networks',
    check: check.oneOf('gate', 'open'),
  },
  forceOpen: {
    unit: 'true|false',
    fallback: false,
    summary: 'Lets `direct = "open"` stand on public addresses: whoever forges a source address can flood it',
    check: check.boolean(),
  },
  allow: {
    unit: 'prefix,…',
    fallback: [],
    summary:
      'Source addresses that need no proof, though they could be forged; they pay the budgets like everybody',
    check: check.listOf(check.prefix()),
  },
  reportChannel: {
    unit: 'on|off',
    fallback: 'on',
    summary:
      'Whether answers of zones with `reports = true` name the zone where resolvers report errors (RFC 9567)',
    check: check.oneOf('on', 'off'),
  },
  udpMax: {
    unit: 'octets',
    fallback: 4096,
    summary: 'Largest measured answer over UDP',
    check: check.integer(512, 65_507),
  },
  udpPlainMax: {
    unit: 'octets',
    fallback: 1232,
    summary: 'Largest answer over UDP that is not measured, and the EDNS size that is advertised',
    check: check.integer(512, 4096),
  },
  udpBudget: {
    unit: 'octets/s',
    fallback: 64_000,
    summary: 'Large UDP answers to one /24 or /48; beyond it answers are truncated; 0 is no limit',
    check: check.integer(0, 1_000_000_000_000),
  },
  udpBudgetBurst: {
    unit: 'octets',
    fallback: 256_000,
    summary: 'What one /24 or /48 may take at once before `udp_budget` holds',
    check: check.integer(0, 1_000_000_000_000),
  },
  udpBudgetTotal: {
    unit: 'octets/s',
    fallback: 10_000_000,
    summary: 'Large UDP answers to everybody; 0 is no limit',
    check: check.integer(0, 1_000_000_000_000),
  },
  signingBudget: {
    unit: 'percent',
    fallback: 25,
    summary:
      'Share of a core that signatures, hashes and zones made for unproven source addresses may take; proven ones have as much again for what takes 2 ms or more',
    check: check.integer(1, 100),
  },
  tcpConnections: {
    unit: 'connections',
    fallback: 1000,
    summary: 'Open TCP connections at a time; one more closes that which has been quiet longest',
    check: check.integer(1, 1_000_000),
  },
  tcpPerSource: {
    unit: 'connections',
    fallback: 32,
    summary: 'Open TCP connections of one IPv4 address or IPv6 /64',
    check: check.integer(1, 1_000_000),
  },
  tcpIdle: {
    unit: 'seconds',
    fallback: 10,
    summary: 'A TCP connection without a query for so long is closed',
    check: check.integer(1, 3600),
  },
  cookieLayout: {
    unit: 'private|rfc9018',
    fallback: 'private',
    summary:
      'Server cookies: ours count as receipts; RFC 9018 suits a set of mixed software, whose key is the first 16 octets of our secret',
    check: check.oneOf('private', 'rfc9018'),
  },
  versionBind: {
    unit: 'text',
    fallback: '',
    summary: 'Answer to version.bind; empty hides it',
    check: check.matching(/^[ -~]{0,255}$/, 'at most 255 printable ASCII characters'),
  },
  rotateOctets: {
    unit: 'octets',
    fallback: 67_108_864,
    summary: 'A segment of observations is closed at this size',
    check: check.integer(4096, 1_000_000_000_000),
  },
  rotateSeconds: {
    unit: 'seconds',
    fallback: 3600,
    summary: 'A segment of observations is closed at this age',
    check: check.integer(1, 604_800),
  },
  record: {
    unit: 'on|off',
    fallback: 'on',
    summary: 'Whether observations are kept; `off` answers and learns nothing, for load tests',
    check: check.oneOf('on', 'off'),
  },
  diskBudget: {
    unit: 'octets/s',
    fallback: 64_000_000,
    summary: 'Rows of observations that may be written; what exceeds it is counted as lost; 0 is no limit',
    check: check.integer(0, 1_000_000_000_000),
  },
  compact: {
    unit: 'true|false',
    fallback: true,
    summary: 'Turns closed segments into Parquet files, in a process of low priority',
    check: check.boolean(),
  },
  logLevel: {
    unit: 'level',
    fallback: 'info',
    summary: 'Least severe message that is logged',
    check: check.oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  },
} satisfies Record<string, Setting>;

/** All settings, checked and frozen. Names are the table's; units stand there. */
export type Config = { readonly [K in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[K]['check']> };
