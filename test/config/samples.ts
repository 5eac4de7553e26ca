/** Good and wrong values of every setting: a new row of the table needs its line here. */
import type { Config } from '../../src/config.ts';

interface Sample {
  /** Three values as a file holds them; each is used as flag, variable and file key. */
  readonly good: readonly [unknown, unknown, unknown];
  /** Values as a flag has them, and what the message says of them. */
  readonly wrong: readonly (readonly [text: string, says: string])[];
}

const FOLDER: Sample = { good: ['a', './b', '/c'], wrong: [['', '"" is not a folder']] };

function numbers(least: number, most: number): Sample {
  const says = `is not a whole number from ${least} to ${most}`;
  const texts = [`${least - 1}`, `${most + 1}`, '1.5', '1e3', '', 'many', '0x200', ' 7'];
  return { good: [least, least + 1, most], wrong: texts.map((text) => [text, says]) };
}

const LISTEN = 'is not an address and a port, such as 192.0.2.1:53 or [2001:db8::1]:53';
const PREFIX = 'is not an address prefix, such as 192.0.2.0/24 or 2001:db8::/32';
const NODE = 'is not 1 to 63 letters, digits and inner hyphens';
const HEX = '(hidden) is not an even number of hex digits, 32 to 256';

export const SAMPLES: { readonly [K in keyof Config]: Sample } = {
  origin: {
    good: ['a.b.c.example', 'x1', '.'],
    wrong: ['', '..', 'a..b', '-a.test', 'a b', `${'a'.repeat(64)}.test`, 'abc.'.repeat(32)].map((text) => [
      text,
      `${JSON.stringify(text)} is not a domain name of at most 126 octets; or ".", the root of a closed network`,
    ]),
  },
  node: {
    good: ['ns2', 'Tokyo-1', 'x'.repeat(63)],
    wrong: ['', 'a.b', '-a', 'a-', 'a_b', 'x'.repeat(64)].map((text) => [text, NODE]),
  },
  nodeId: numbers(0, 255),
  dnsListen: {
    good: [['192.0.2.1:53'], ['[::]:53', '0.0.0.0:53'], ['127.0.0.1:0']],
    wrong: [
      ['', 'dns_listen: is empty'],
      ['127.0.0.1', `[0]: "127.0.0.1" ${LISTEN}`],
      ['127.0.0.1:65536', `[0]: "127.0.0.1:65536" ${LISTEN}`],
      ['127.0.0.1:53,::1:53', `[1]: "::1:53" ${LISTEN}`],
      ['[127.0.0.1]:53', LISTEN],
      ['[fe80::1%eth0]:53', LISTEN],
      ['localhost:53', LISTEN],
      ['[::1]:53,[0::1]:53', '[1]: "[::1]:53" is listed twice'],
    ],
  },
  engine: {
    good: ['plain', 'linux', 'auto'],
    wrong: [['koffi', '"koffi" is not one of auto, plain, linux']],
  },
  packetThreads: numbers(1, 64),
  httpListen: {
    good: ['127.0.0.1:80', '[::1]:80', ''],
    wrong: [['80', `"80" ${LISTEN}; or empty, which is off`]],
  },
  nameservers: {
    good: [
      [{ name: 'ns1.example', role: 'parent', ipv4: '192.0.2.1' }],
      [{ name: 'ns1.example', role: 'parent', ipv6: '2001:db8::1' }],
      [],
    ],
    wrong: [
      ['ns1.example', 'is not a name server: name/role/address, or a table'],
      ['ns1.example/parent/192.0.2.1/24', 'is not a name server: name/role/address, or a table'],
      ['ns1.example/child/192.0.2.1', '[0].role: "child" is not one of parent, children, hostile'],
      ['ns1.example/parent/192.0.2', '[0].ipv4: "192.0.2" is not an IPv4 address'],
      ['n s/parent/192.0.2.1', '[0].name: "n s" is not a domain name of at most 253 octets'],
      ['c1.example/children/192.0.2.1', 'nameservers: none has the role parent'],
    ],
  },
  dataDir: FOLDER,
  keysDir: FOLDER,
  zonesDir: FOLDER,
  secret: {
    good: ['00'.repeat(16), 'fF'.repeat(32), '12'.repeat(128)],
    wrong: ['00'.repeat(15), '0'.repeat(33), 'g0'.repeat(16), '00'.repeat(129)].map((text) => [text, HEX]),
  },
  secretFile: { good: ['a', './b', '/c'], wrong: [['', '"" is not a file']] },
  direct: { good: ['gate', 'open', 'gate'], wrong: [['Gate', '"Gate" is not one of gate, open']] },
  forceOpen: { good: [true, false, true], wrong: [['yes', '"yes" is not true or false']] },
  allow: {
    good: [['192.0.2.0/24'], ['2001:db8::/32', '198.51.100.7/32'], []],
    wrong: ['192.0.2.0/33', '2001:db8::/129', '192.0.2/24', '/24', '192.0.2.0/'].map((text) => [
      text,
      `[0]: "${text}" ${PREFIX}`,
    ]),
  },
  reportChannel: { good: ['off', 'off', 'off'], wrong: [['yes', '"yes" is not one of on, off']] },
  udpMax: numbers(512, 65_507),
  udpPlainMax: numbers(512, 4096),
  udpBudget: numbers(0, 1_000_000_000_000),
  udpBudgetBurst: numbers(0, 1_000_000_000_000),
  udpBudgetTotal: numbers(0, 1_000_000_000_000),
  signingBudget: numbers(1, 100),
  tcpConnections: numbers(1, 1_000_000),
  tcpPerSource: numbers(1, 1_000_000),
  tcpIdle: numbers(1, 3600),
  cookieLayout: {
    good: ['private', 'rfc9018', 'private'],
    wrong: [['9018', '"9018" is not one of private, rfc9018']],
  },
  versionBind: {
    good: ['padzone', 'x'.repeat(255), ''],
    wrong: [
      ['x'.repeat(256), 'is not at most 255 printable ASCII characters'],
      ['é', '"é" is not at most 255 printable ASCII characters'],
    ],
  },
  rotateOctets: numbers(4096, 1_000_000_000_000),
  rotateSeconds: numbers(1, 604_800),
  diskBudget: numbers(0, 1_000_000_000_000),
  record: { good: ['on', 'off', 'on'], wrong: [['no', '"no" is not one of on, off']] },
  compact: { good: [true, false, true], wrong: [['yes', '"yes" is not true or false']] },
  logLevel: {
    good: ['warn', 'trace', 'silent'],
    wrong: [['loud', '"loud" is not one of fatal, error, warn']],
  },
};
