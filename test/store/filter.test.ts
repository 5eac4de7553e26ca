import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { parseFilter, parseMoment, parseSource } from '../../src/store/filter.ts';

const NOW = Date.UTC(2026, 10, 23, 15);

describe('a moment', () => {
  it.each([
    ['2026-11-23T14:00:00Z', NOW - 3_600_000],
    ['2026-11-23T14:00:00.250Z', NOW - 3_599_750],
    ['2026-11-23T23:00+09:00', NOW - 3_600_000],
    ['2026-11-23T14:00', NOW - 3_600_000],
    ['2026-11-23 14:00:00', NOW - 3_600_000],
    ['2026-11-23', NOW - 15 * 3_600_000],
    [String(NOW), NOW],
    ['90s', NOW - 90_000],
    ['15m', NOW - 900_000],
    ['2h', NOW - 7_200_000],
    ['7d', NOW - 604_800_000],
    ['1w', NOW - 604_800_000],
  ])('%s is read, in UTC', (text, at) => {
    expect(parseMoment(text, '--since', NOW)).toBe(at);
  });

  it.each(['', 'yesterday', '2h30', '-2h', '1795446000', '2026-13-01', '11/23/2026', '2 h'])(
    "'%s' is refused with what is allowed",
    (text) => {
      expect(() => parseMoment(text, '--since', NOW)).toThrow(ConfigError);
      expect(() => parseMoment(text, '--since', NOW)).toThrow(
        /^--since: '.*' is no moment; allowed are .*2h/,
      );
    },
  );
});

it('takes no day that does not exist', () => {
  expect(() => parseMoment('2026-02-30', '--since', 0)).toThrow(/no moment/);
});

it('takes an IPv4 address in its IPv6 form', () => {
  expect(parseSource('::FFFF:192.0.2.7', '--source')).toBe('192.0.2.7');
});

it('writes a source address as the server does', () => {
  expect(parseSource('192.0.2.7', '--source')).toBe('192.0.2.7');
  expect(parseSource('2001:DB8:0:0::0053', '--source')).toBe('2001:db8::53');
  expect(() => parseSource('192.0.2.0/24', '--source')).toThrow(
    /^--source: '192\.0\.2\.0\/24' is no address/,
  );
});

it('leaves out what was not asked for', () => {
  expect(parseFilter({ json: true }, NOW)).toEqual({});
  expect(parseFilter({ since: '2h', until: '1h', source: '192.0.2.7' }, NOW)).toEqual({
    since: NOW - 7_200_000,
    until: NOW - 3_600_000,
    source: '192.0.2.7',
  });
});

it('refuses a span that ends before it begins', () => {
  expect(() => parseFilter({ since: '1h', until: '2h' }, NOW)).toThrow('--since 1h is not before --until 2h');
});
