/** A start that cannot be right: one line that says what, where and what is allowed, and exit status 2. */
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testFolder } from '../support/folder.ts';
import { skipFor } from '../support/processes.ts';
import { buildProblem, type Flags, runToEnd } from '../support/server.ts';

const folder = testFolder('refused');
const shipped = fileURLToPath(new URL('../../zones', import.meta.url));

/** A folder of zones: the origin, and one file with this text, and its master file. */
function zonesWith(name: string, text: string, records = ''): string {
  const zones = join(folder, `zones-${name}`);
  mkdirSync(zones);
  cpSync(join(shipped, 'origin.toml'), join(zones, 'origin.toml'));
  writeFileSync(join(zones, `${name}.toml`), text);
  writeFileSync(join(zones, `${name}.zone`), records);
  return zones;
}

const taken = createServer().listen(0, '127.0.0.1');
await once(taken, 'listening');
const address = taken.address();
const port = typeof address === 'object' && address ? address.port : 0;
taken.unref();

const ROWS: { what: string; flags: Flags; says: string[] }[] = [
  {
    what: 'an address that is taken',
    flags: { dnsListen: `127.0.0.1:${port}` },
    says: [`dns_listen: 127.0.0.1:${port}`, 'EADDRINUSE'],
  },
  {
    what: 'an address of HTTP that is taken',
    flags: { httpListen: `127.0.0.1:${port}` },
    says: [`http_listen: 127.0.0.1:${port}`, 'EADDRINUSE'],
  },
  {
    what: 'an address that is not of this host',
    flags: { dnsListen: '192.0.2.1:5300' },
    says: ['dns_listen: 192.0.2.1:5300', 'EADDRNOTAVAIL'],
  },
  {
    what: 'a setting out of its bounds',
    flags: { udpMax: '9' },
    says: ['flag --udp-max: 9', '512 to 65507'],
  },
  {
    what: 'an open server on a public address',
    flags: { direct: 'open', dnsListen: '192.0.2.1:5300' },
    says: ['direct: "open"', '192.0.2.1:5300', 'force_open'],
  },
  {
    what: 'a zone that takes a test name',
    flags: { zonesDir: zonesWith('sized', 'label = "s1232"\nsummary = "Sized"\n') },
    says: ['sized.toml', "label 's1232' is a test name"],
  },
  {
    what: 'a static record that hides a test name',
    flags: {
      zonesDir: zonesWith(
        'hides',
        'label = "hides"\nsummary = "Hides"\nrecords = "hides.zone"\n',
        'Me TXT "not you"\n',
      ),
    },
    says: ['zone hides.probe.test.', "static records at 'me' would hide"],
  },
  {
    what: 'a wildcard in a master file',
    flags: {
      zonesDir: zonesWith(
        'wild',
        'label = "wild"\nsummary = "Wild"\nrecords = "wild.zone"\n',
        '@ TXT "a"\n* TXT "b"\n',
      ),
    },
    says: ['wild.zone:2', 'wildcards are not served'],
  },
  {
    what: 'a zone file with a wrong value',
    flags: { zonesDir: zonesWith('wrong', 'label = "wrong"\nsummary = "Wrong"\nalgorithm = 99\n') },
    says: ['wrong.toml:3', '99', 'want 8, 13, 14, 15, 16 or 253'],
  },
  {
    what: 'a zone file that is not TOML',
    flags: { zonesDir: zonesWith('torn', 'label = "torn"\nsummary = \n') },
    says: ['torn.toml:2'],
  },
  {
    what: 'a zone that takes a test name',
    flags: { zonesDir: zonesWith('s1232', 'label = "s1232"\nsummary = "A test name"\n') },
    says: ['s1232.toml', 'is a test name'],
  },
  {
    what: 'no folder of zones',
    flags: { zonesDir: join(folder, 'nowhere') },
    says: [join(folder, 'nowhere'), 'ENOENT'],
  },
  {
    what: 'a fleet whose secret is missing',
    flags: { nameservers: 'ns1.probe.test/parent/192.0.2.1,ns2.probe.test/parent/192.0.2.2' },
    says: ['nameservers: ', 'must share secret and keys', 'scp -p'],
  },
];

it.for(ROWS)('$what', async ({ flags, says }, { skip, task }) => {
  skipFor(buildProblem(), skip);
  const own = join(folder, task.id);
  mkdirSync(own);
  const { code, stderr } = await runToEnd(own, { flags });
  expect({ code, lines: stderr.split('\n').length - 1 }, stderr).toEqual({ code: 2, lines: 1 });
  expect(stderr).toMatch(/^padzone: /);
  for (const text of says) expect(stderr).toContain(text);
  // A fleet's node must not make what the others do not have.
  if ('nameservers' in flags) expect(existsSync(join(own, 'keys', 'secret'))).toBe(false);
});
