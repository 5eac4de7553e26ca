/** Rows of connections that never asked: one a second for each source, whoever else ends at the same time. */
import { describe, expect, it } from 'vitest';
import { WordlessLimit } from '../../src/engine/wordless-limit.ts';

const ipv6 = (network: number, host: number) => [0x20010db8, network << 16, 0, host];

describe('the limit of wordless connections', () => {
  it('is one a second for each source', () => {
    const limit = new WordlessLimit();
    const source = ipv6(0x1000, 0x53);
    expect([0, 999, 1000, 1999, 2000].map((at) => limit.take(source, at))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it('knows hosts of many IPv6 networks apart that end in the same ::53', () => {
    const limit = new WordlessLimit();
    const taken = Array.from({ length: 30 }, (_, index) => limit.take(ipv6(0x1000 + index, 0x53), 0));
    expect(taken).toEqual(taken.map(() => true));
  });

  it('knows IPv4 sources apart whose last 12 bits are the same', () => {
    const limit = new WordlessLimit();
    const taken = Array.from({ length: 30 }, (_, index) => limit.take([0x64400035 + index * 0x1000], 0));
    expect(taken).toEqual(taken.map(() => true));
  });

  it('hardly ever lets sources fall together', () => {
    const limit = new WordlessLimit();
    const taken = Array.from({ length: 400 }, (_, index) => limit.take(ipv6(0x1000 + index, 0x53), 0));
    // Chance alone has 19 of 400 share a place of 4096.
    expect(taken.filter((isTaken) => !isTaken).length).toBeLessThan(50);
  });

  it('never lets more than 4096 rows a second through', () => {
    const limit = new WordlessLimit();
    let rows = 0;
    for (let host = 0; host < 50_000; host++) if (limit.take(ipv6(0x1000, host), 0)) rows++;
    expect(rows).toBeLessThanOrEqual(4096);
  });

  it('goes on after the clock was set back', () => {
    const limit = new WordlessLimit();
    expect(limit.take(ipv6(0x1000, 0x53), 1e6)).toBe(true);
    expect(limit.take(ipv6(0x1000, 0x53), 0)).toBe(true);
  });
});
