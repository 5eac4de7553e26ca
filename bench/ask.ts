/** One query by dig: to see that a server is up, and what its answer is. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface DigAnswer {
  readonly rcode: string;
  readonly octets: number;
  readonly rrsigs: number;
}

/** EDNS 4096, DO, no cookie, UDP without a retry over TCP; undefined where nobody answers within a second. */
export function dig(port: number, qname: string): DigAnswer | undefined {
  const options = ['+dnssec', '+bufsize=4096', '+nocookie', '+norecurse', '+ignore', '+tries=1', '+time=1'];
  const { stdout } = spawnSync('dig', ['@127.0.0.1', '-p', `${port}`, qname, 'TXT', ...options], {
    encoding: 'utf8',
    timeout: 5000,
  });
  const rcode = /status: (\w+)/.exec(stdout)?.[1];
  const octets = /MSG SIZE +rcvd: (\d+)/.exec(stdout)?.[1];
  if (rcode === undefined || octets === undefined) return undefined;
  return { rcode, octets: Number(octets), rrsigs: stdout.match(/\sIN\s+RRSIG\s/g)?.length ?? 0 };
}

/** Asks until the server answers, at most `seconds`. */
export async function waitForAnswer(
  port: number,
  qname: string,
  seconds: number,
): Promise<DigAnswer | undefined> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const answer = dig(port, qname);
    // A server that still loads its zone says REFUSED or SERVFAIL.
    if (answer !== undefined && !['REFUSED', 'SERVFAIL'].includes(answer.rcode)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return dig(port, qname);
}

/**
 * A loopback port that was free a moment ago, for UDP and TCP.
 *
 * Below the range that the kernel takes the ports of connections from: there it might be gone a moment later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const [udp, tcp] = [createSocket('udp4'), createServer()];
    try {
      udp.bind(port, '127.0.0.1');
      tcp.listen(port, '127.0.0.1');
      await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
      return port;
    } catch {
      // Taken: the next one.
    } finally {
      udp.close();
      tcp.close();
    }
  }
}
