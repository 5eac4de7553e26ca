/** What one ECDSA P-256 signature costs on this machine (FIPS 186-5), in microseconds of CPU time. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';

export function nodeSignatureMicros(): number {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const data = Buffer.alloc(200, 'x');
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const signMany = (milliseconds: number) => {
    const until = Date.now() + milliseconds;
    let count = 0;
    for (; Date.now() < until; count++) sign('sha256', data, key);
    return count;
  };
  signMany(300);
  const before = process.cpuUsage();
  const count = signMany(1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** NaN where there is no openssl; its speed test counts user time. */
export function opensslSignatureMicros(): number {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '1', 'ecdsap256'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  const perSecond = /ecdsa \(nistp256\) +\S+ +\S+ +([\d.]+)/.exec(stdout ?? '')?.[1];
  return 1e6 / Number(perSecond);
}
