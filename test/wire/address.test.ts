import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey, parseAddress, parseIpv4, parseIpv6 } from '../../src/wire/address.ts';
import { hex } from '../support/hex.ts';

describe('text to octets', () => {
  it.each([
    ['::', '00'.repeat(16)],
    ['::1', `${'00'.repeat(15)}01`],
    ['2001:db8::', `20010db8${'00'.repeat(12)}`],
    ['2001:DB8:0:0:8:800:200C:417A', '20010db8000000000008 0800200c417a'],
    ['2001:db8::8:800:200c:417a', '20010db8000000000008 0800200c417a'],
    ['1:2:3:4:5:6:7::', '0001000200030004 0005000600070000'],
    ['::2:3:4:5:6:7:8', '0000000200030004 0005000600070008'],
    ['::13.1.68.3', `${'00'.repeat(12)}0d014403`],
    ['::ffff:129.144.52.38', `${'00'.repeat(10)}ffff81903426`],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000 c0000221'],
  ])('%s (forms of RFC 4291 §2.2)', (text, octets) => {
    expect(parseIpv6(text)).toEqual(hex(octets));
  });

  it('is what the URL parser, which shares no code with ours, makes of any IPv6 address', () => {
    const canonical = (octets: Uint8Array) =>
      new URL(`http://[${Buffer.from(octets).toString('hex').match(/.{4}/g)!.join(':')}]`).hostname;
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        fc.pre(isIPv6(text));
        expect(canonical(parseIpv6(text))).toBe(new URL(`http://[${text}]`).hostname);
      }),
    );
  });

  it('reads IPv4 in four decimal numbers', () => {
    expect(parseIpv4('192.0.2.255')).toEqual(hex('c00002ff'));
  });

  it.each(['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '01.2.3.4', ' 1.2.3.4', '0x1.2.3.4', '::1'])(
    '%j is no IPv4 address',
    (text) => {
      expect(() => parseIpv4(text)).toThrow(`'${text}' is not an IPv4 address`);
    },
  );

  it.each(['', ':', '1::2::3', 'fe80::1%eth0', '::ffff:1.2.3', '12345::', '1:2:3:4:5:6:7:8:9', '192.0.2.1'])(
    '%j is no IPv6 address',
    (text) => {
      expect(() => parseIpv6(text)).toThrow(`'${text}' is not an IPv6 address`);
    },
  );
});

it('takes an IPv4-mapped address for the IPv4 address that is on the wire', () => {
  expect(parseAddress('::ffff:192.0.2.1')).toEqual(hex('c0000201'));
  expect(parseAddress('::FFFF:192.0.2.1')).toEqual(hex('c0000201'));
});

it('gives every spelling of an address one key', () => {
  expect(addressKey('2001:DB8::1')).toBe(addressKey('2001:db8:0:0:0:0:0:1'));
  expect(addressKey('::ffff:192.0.2.1')).toBe(addressKey('192.0.2.1'));
  expect(addressKey('192.0.2.1')).not.toBe(addressKey('192.0.2.2'));
});
