/** `padzone probe` against a small stand-in server on real sockets, encoded by dns-packet. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { decode, encode, type Packet } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../src/cli/probe/server-address.ts';
import { probe } from '../../src/cli/probe.ts';
import { ConfigError, loadConfig } from '../../src/config.ts';

const ORIGIN = 'probe.example';
const AA = 1 << 10;
const TC = 1 << 9;
const RA = 1 << 7;

type Transport = 'udp' | 'tcp';
/** What the stand-in does with one query; undefined is silence. */
type Answerer = (query: Packet, transport: Transport) => Buffer | undefined;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Starts UDP and TCP on one port of 127.0.0.1; returns `address:port`. */
async function standIn(answer: Answerer): Promise<string> {
  const tcp = createServer((socket: Socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (octets) => {
      const message = answer(decode(octets.subarray(2)), 'tcp');
      if (message === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (octets, peer) => {
    const message = answer(decode(octets), 'udp');
    if (message !== undefined) udp.send(message, peer.port, peer.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  closers.push(
    () => udp.close(),
    () => tcp.close(),
  );
  return `127.0.0.1:${port}`;
}

function qnameOf(query: Packet): string {
  return query.questions?.[0]?.name ?? '';
}

const cname = (name: string, data: string) => ({ type: 'CNAME' as const, name, ttl: 0, data });
const txt = (name: string, ...data: string[]) => ({ type: 'TXT' as const, name, ttl: 0, data });

function reply(query: Packet, packet: Packet): Buffer {
  return encode({ type: 'response', id: query.id ?? 0, questions: query.questions ?? [], ...packet });
}

/** The same answer with a TXT in the additional section that brings it to `size` octets. */
function replyOf(size: number, query: Packet, packet: Packet): Buffer {
  const filled = (octets: number) => {
    const strings = Array.from({ length: Math.ceil(octets / 256) }, (_, i) =>
      'x'.repeat(Math.min(255, octets - i * 256 - 1)),
    );
    return reply(query, { ...packet, additionals: [txt('.', ...strings)] });
  };
  return filled(size - filled(1).length + 1);
}

/** padzone in small: nobody chases CNAMEs here; what exceeds 1472 octets is TC=1 over UDP. */
const authority: Answerer = (query, transport) => {
  const name = qnameOf(query);
  const label = name.split('.')[0] ?? '';
  const [, step = '', octets = '0'] = /^([sgr])(\d+)/.exec(label) ?? [];
  const size = Number(octets);
  if (step === 's') return reply(query, { flags: AA, answers: [cname(name, `g${size}.${ORIGIN}`)] });
  if (step === 'g' && transport === 'udp' && size > 1472) return reply(query, { flags: AA | TC });
  if (step === 'g') return replyOf(size, query, { flags: AA, answers: [cname(name, `r${size}.${ORIGIN}`)] });
  if (step === 'r') {
    const over = size > 1472 ? 'TCP' : 'UDP';
    return reply(query, {
      flags: AA,
      answers: [txt(name, `192.0.2.1 received ${size} octets over ${over}`)],
    });
  }
  if (label === 'me')
    return reply(query, {
      flags: AA,
      answers: [txt(name, 'you are 192.0.2.1', 'EDNS', 'x'.repeat(255), 'yy')],
    });
  return reply(query, {
    flags: AA,
    answers: [txt(name, '192.0.2.1 DNS reply size limit is at least 4096 bytes')],
  });
};

/** A resolver in front of padzone: the whole chain in one answer, unless `fails` says otherwise. */
function resolver(
  fails: (name: string, query: Packet, transport: Transport) => Buffer | 'silence' | undefined,
): Answerer {
  return (query, transport) => {
    const name = qnameOf(query);
    const failed = fails(name, query, transport);
    if (failed !== undefined) return failed === 'silence' ? undefined : failed;
    const size = /^s(\d+)/.exec(name)?.[1];
    const text = name.startsWith('rs.')
      ? '192.0.2.1 DNS reply size limit is at least 1232 bytes'
      : `192.0.2.1 received ${size} octets over UDP (EDNS 4096, 1 fragment)`;
    return reply(query, { flags: RA, answers: [cname(name, `R.${ORIGIN}`), txt(`r.${ORIGIN}`, text)] });
  };
}

/** Its types know four option codes only. */
const option = (code: number, data: string) => ({ code, data: Buffer.from(data) }) as never;

const servfailWithEde = (query: Packet) =>
  reply(query, {
    flags: RA | 2,
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [option(65_001, 'private'), option(15, '\0\x16no luck')],
      },
    ],
  });

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function run(address: string, options: Record<string, unknown> = {}) {
  const out = new Sink();
  const err = new Sink();
  const config = () => loadConfig({ flags: { origin: ORIGIN }, env: {} });
  const status = await probe.run({ config, out, err, now: Date.now }, [address], {
    timeout: '2',
    ...options,
  });
  return { status, out: out.text, err: err.text };
}

interface Document {
  run: string;
  direct: boolean;
  problems: number;
  advice: string;
  tests: {
    asked: string;
    status: string;
    transport: string;
    octets: number;
    largest: number;
    texts: string[];
    problem: string | null;
    exchanges: { name: string; udp: string }[];
  }[];
}

async function runJson(address: string, options: Record<string, unknown> = {}) {
  const { status, out } = await run(address, { ...options, json: true });
  return { status, document: JSON.parse(out) as Document };
}

describe('at padzone itself', () => {
  it('follows the CNAMEs and reads the receipt, over TCP after TC', async () => {
    const { status, document } = await runJson(await standIn(authority), { sizes: '512,1472,4096' });
    expect(document.tests.map(({ asked }) => asked.replace(/-n.*/, ''))).toEqual([
      'me',
      's512',
      's1472',
      's4096',
      'rs',
    ]);
    expect(document.tests.map(({ largest }) => largest).slice(1, 4)).toEqual([512, 1472, 4096]);
    expect(document.tests[3]?.exchanges.map(({ udp }) => udp)).toEqual(['answered', 'truncated', 'answered']);
    expect(document.tests[3]?.texts).toEqual(['192.0.2.1 received 4096 octets over TCP']);
    expect(document.tests[0]?.texts).toEqual(['you are 192.0.2.1', 'EDNS', `${'x'.repeat(255)}yy`]);
    expect(document).toMatchObject({ direct: true, problems: 0 });
    expect(document.advice).toContain('from 4096 octets on over TCP');
    expect(status).toBe(0);
  });

  it('asks TXT with RD, EDNS 4096 and DO, and one fresh run id in all sizes', async () => {
    const queries: Packet[] = [];
    const address = await standIn((query, transport) => {
      queries.push(query);
      return authority(query, transport);
    });
    const { document } = await runJson(address, { sizes: '512,1232' });
    for (const query of queries) {
      expect(query.flags).toBe(1 << 8);
      expect(query.questions?.[0]).toMatchObject({ type: 'TXT', class: 'IN' });
      expect(query.additionals?.[0]).toMatchObject({ type: 'OPT', udpPayloadSize: 4096, flag_do: true });
    }
    const first = queries.map(qnameOf).filter((name) => name.startsWith('s'));
    expect(document.run).toMatch(/^[0-7][0-9a-v]{9}$/);
    expect(first).toEqual([`s512-n${document.run}.${ORIGIN}`, `s1232-n${document.run}.${ORIGIN}`]);
    expect((await runJson(address, { sizes: '512' })).document.run).not.toBe(document.run);
  });

  it('calls it a problem when no message had the size that the receipt names', async () => {
    const shrinking: Answerer = (query) => {
      const name = qnameOf(query);
      if (!name.startsWith('g')) return authority(query, 'tcp');
      return reply(query, { flags: AA, answers: [cname(name, `r1232.${ORIGIN}`)] });
    };
    const { status, document } = await runJson(await standIn(shrinking), { sizes: '1232' });
    expect(document.tests[1]?.problem).toContain('no message of that size');
    expect(status).toBe(1);
  });

  it('does not speak of loss when the name server itself says no', async () => {
    const address = await standIn((query, transport) =>
      qnameOf(query).startsWith('s') ? reply(query, { flags: AA | 3 }) : authority(query, transport),
    );
    const { status, document } = await runJson(address, { sizes: '512' });
    expect(document.tests[1]?.problem).toBe('answered NXDOMAIN');
    expect(document.advice).toContain(`in ${ORIGIN}: check that padzone serves this domain`);
    expect(status).toBe(1);
  });

  it.each([
    { to: (n: number) => n + 1, why: 'without end', asks: 13 },
    { to: () => 0, why: 'in a circle within one answer', asks: 2 },
  ])('stops after 12 CNAMEs $why', async ({ to, asks }) => {
    let asked = 0;
    const address = await standIn((query, transport) => {
      const name = qnameOf(query);
      if (!/^[sc]\d/.test(name)) return authority(query, transport);
      asked += 1;
      return reply(query, { flags: AA, answers: [cname(name, `c${to(asked)}.${ORIGIN}`)] });
    });
    const { document } = await runJson(address, { sizes: '512' });
    expect(document.tests[1]?.problem).toContain('more than 12 CNAMEs');
    expect(asked).toBe(asks);
  });
});

describe('through a resolver', () => {
  it('says that nothing is to do when every size arrives over UDP', async () => {
    const { status, out } = await run(await standIn(resolver(() => undefined)));
    expect(out).toContain('Answers of up to 4096 octets reach the resolver over UDP. Nothing to do.');
    expect(out).not.toContain('PROBLEM');
    expect(status).toBe(0);
  });

  it.each([
    'relays the receipt of another address, which received 512 octets over TCP (EDNS 4096)',
    'repeats an old receipt: 512 octets over TCP (EDNS 4096)',
  ])('takes "%s" as arrival', async (words) => {
    const address = await standIn(
      resolver((name, query) =>
        name.startsWith('s')
          ? reply(query, { flags: RA, answers: [txt(name, `192.0.2.1 ${words}`)] })
          : undefined,
      ),
    );
    const { status, document } = await runJson(address, { sizes: '512' });
    expect(document.tests[1]).toMatchObject({ problem: null, receipt: { octets: 512, transport: 'tcp' } });
    expect(status).toBe(0);
  });

  it('explains a SERVFAIL by its Extended DNS Error and names the settings', async () => {
    const address = await standIn(
      resolver((name, query) => (name.startsWith('s4096') ? servfailWithEde(query) : undefined)),
    );
    const { status, out } = await run(address);
    expect(out).toMatch(
      /^s4096-n\w+ +SERVFAIL +UDP +\d+ +\d+ +PROBLEM: answered SERVFAIL \(EDE 22 no reachable authority: no luck\)$/m,
    );
    expect(out).toMatch(
      /Answers of up to 1472 octets reach the resolver; 4096 octets do not.*edns-buffer-size in Unbound/,
    );
    expect(status).toBe(1);
  });

  it('blames TCP where the EDNS size of the resolver keeps the lost size off UDP', async () => {
    const address = await standIn(
      resolver((name, query) => {
        if (name.startsWith('s4096')) return servfailWithEde(query);
        const words = [
          '192.0.2.1 sent EDNS buffer size 1232',
          '192.0.2.1 DNS reply size limit is at least 1232 bytes',
        ];
        return name.startsWith('rs')
          ? reply(query, { flags: RA, answers: [txt(name, ...words)] })
          : undefined;
      }),
    );
    const { document } = await runJson(address, { sizes: '512,4096' });
    expect(document.advice).toContain('let TCP connections from the resolver to port 53 outside pass');
  });

  it('tries TCP after silence over UDP and reports both', async () => {
    const quiet = (of: Transport[]) =>
      resolver((name, _query, transport) =>
        name.startsWith('s1232') && of.includes(transport) ? 'silence' : undefined,
      );
    const options = { sizes: '512,1232', timeout: '0.2' };
    const recovered = await runJson(await standIn(quiet(['udp'])), options);
    expect(recovered.document.tests[2]).toMatchObject({ transport: 'tcp', problem: null });
    expect(recovered.document.advice).toContain('after silence over UDP');
    expect(recovered.status).toBe(0);
    const lost = await runJson(await standIn(quiet(['udp', 'tcp'])), options);
    expect(lost.document.tests[2]).toMatchObject({ status: 'NO ANSWER', octets: null });
    expect(lost.document.tests[2]?.problem).toBe(
      'nothing over UDP, and the TCP connection stalled within 0.2 s',
    );
    expect(lost.document.advice).toMatch(
      /^Answers of up to 512 octets reach the resolver; 1232 octets do not.*512 octets/,
    );
    expect(lost.status).toBe(1);
  });

  it('sends a second datagram when the first is lost', async () => {
    let dropped = false;
    const address = await standIn(
      resolver((name) => {
        if (dropped || !name.startsWith('s512')) return undefined;
        dropped = true;
        return 'silence';
      }),
    );
    const { status, document } = await runJson(address, { sizes: '512', timeout: '0.5' });
    expect(document.tests[1]?.exchanges[0]?.udp).toBe('answered-second');
    expect(status).toBe(0);
  });

  it('ignores a reply with another id', async () => {
    const address = await standIn(
      resolver((name, query) =>
        name.startsWith('s512') ? reply({ ...query, id: (query.id ?? 0) ^ 1 }, {}) : undefined,
      ),
    );
    const { document } = await runJson(address, { sizes: '512', timeout: '0.2' });
    expect(document.tests[1]?.problem).toBe('nothing over UDP, and the answer over TCP cannot be read');
  });

  it('writes control characters of an answer as digits', async () => {
    const address = await standIn(
      resolver((name, query) =>
        name.startsWith('me.')
          ? reply(query, { flags: RA, answers: [txt(name, 'red \x1b[31m')] })
          : undefined,
      ),
    );
    const { out } = await run(address, { sizes: '512' });
    expect(out).toContain('red \\027[31m');
    expect(out).not.toContain('\x1b');
  });
});

describe('when the first question fails', () => {
  it('stops after me where nothing listens', async () => {
    const address = await standIn(authority);
    for (const close of closers.splice(0)) close();
    const { status, document } = await runJson(address, { timeout: '0.2' });
    expect(document.tests).toHaveLength(1);
    expect(document.tests[0]?.problem).toBe('nothing listens there (connection refused)');
    expect(document.advice).toContain('did not answer at all');
    expect(status).toBe(1);
  });

  it.each([
    { rcode: 5, advice: 'access-control in Unbound' },
    { rcode: 3, advice: 'check the setting origin' },
    { rcode: 2, advice: 'size is not the cause' },
  ])('has advice for RCODE $rcode', async ({ rcode, advice }) => {
    const address = await standIn((query) => reply(query, { flags: RA | rcode }));
    const { status, document } = await runJson(address, { sizes: '512' });
    expect(document.advice).toContain(advice);
    expect(document.tests).toHaveLength(1);
    expect(status).toBe(1);
  });
});

describe('what the operator types', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 53],
    ['192.0.2.1:5300', '192.0.2.1', 5300],
    ['2001:db8::1', '2001:db8::1', 53],
    ['::1:5300', '::1:5300', 53],
    ['[2001:db8::1]', '2001:db8::1', 53],
    ['[2001:db8::1]:5300', '2001:db8::1', 5300],
    ['[fe80::1%eth0]:53', 'fe80::1%eth0', 53],
    ['ns1.probe.example.', 'ns1.probe.example.', 53],
    ['localhost:65535', 'localhost', 65_535],
  ])('reads %s', (typed, host, port) => {
    expect(parseServerAddress(typed)).toEqual({ host, port });
  });

  it.each([
    '',
    '192.0.2.256',
    '192.0.2.1:',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '192.0.2.1:5x',
    '[192.0.2.1]:53',
    '[2001:db8::1',
    '[2001:db8::1]53',
    '2001:db8::1::',
    'a b',
    '-name',
    ':53',
    'https://dns.example/',
  ])('refuses "%s"', async (address) => {
    await expect(run(address)).rejects.toThrow(ConfigError);
  });

  it.each([
    { option: 'sizes', value: '511' },
    { option: 'sizes', value: '65536' },
    { option: 'sizes', value: '' },
    { option: 'sizes', value: '512,,1232' },
    { option: 'sizes', value: '1e3' },
    { option: 'timeout', value: '0' },
    { option: 'timeout', value: '61' },
    { option: 'timeout', value: 'soon' },
  ])('refuses --$option "$value" and says what is allowed', async ({ option, value }) => {
    const allowed = option === 'sizes' ? 'a size from 512 to 65535' : 'above 0 and at most 60';
    await expect(run('127.0.0.1:9', { [option]: value })).rejects.toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        message: expect.stringMatching(`^--${option}: .*${allowed}$`),
      }),
    );
  });
});
