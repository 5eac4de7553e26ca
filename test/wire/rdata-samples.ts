/** RDATA of every TYPE in the table: the value, its octets, where both come from, and what dns-packet calls it. */
import { latin1, parseName } from '../../src/wire/name.ts';
import { hex } from '../support/hex.ts';

export interface RdataSample {
  readonly mnemonic: string;
  readonly source: string;
  readonly rdata: unknown;
  readonly octets: Uint8Array;
  /** `data` of the record as dns-packet decodes it; undefined for OPT, which is no record of an answer. */
  readonly packet?: unknown;
}

const base64 = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));
const text = (value: string) => Buffer.from(value, 'latin1');

const EXAMPLE_COM = '07 6578616d706c65 03 636f6d 00';
const HOST_EXAMPLE_COM = `04 686f7374 ${EXAMPLE_COM}`;

// RFC 4034 §5.4: dskey.example.com.
const DSKEY = `AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvx
  egXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==`;
const DSKEY_SHA1 = '2bb183af5f22588179a53b0a98631fad1a292118';
// RFC 4034 §3.3: host.example.com. A
const RRSIG = `oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl
  8O3tGNazPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o=`;

const dnskey = { flags: 256, protocol: 3, algorithm: 5, publicKey: base64(DSKEY) };
const dnskeyOctets = Uint8Array.from([...hex('0100 03 05'), ...base64(DSKEY)]);
const ds = { keyTag: 60485, algorithm: 5, digestType: 1, digest: hex(DSKEY_SHA1) };
const dsOctets = hex('ec45 05 01', DSKEY_SHA1);

export const RDATA_SAMPLES: readonly RdataSample[] = [
  {
    mnemonic: 'A',
    source: 'RFC 3597 §5: e.example. IN A 10.0.0.1 is \\# 4 0A000001',
    rdata: { address: hex('0a000001') },
    octets: hex('0A000001'),
    packet: '10.0.0.1',
  },
  {
    mnemonic: 'AAAA',
    source: 'RFC 3596 §2.2, address of RFC 4291 §2.2',
    rdata: { address: hex('20010db8000000000008 0800200c417a') },
    octets: hex('20010db8000000000008 0800200c417a'),
    packet: '2001:db8::8:800:200c:417a',
  },
  {
    mnemonic: 'NS',
    source: 'RFC 1035 §3.3.11',
    rdata: { nsdname: parseName('ns1.example.com.') },
    octets: hex('03 6e7331', EXAMPLE_COM),
    packet: 'ns1.example.com',
  },
  {
    mnemonic: 'CNAME',
    source: 'RFC 1035 §3.3.1',
    rdata: { target: parseName('Host.example.com.') },
    octets: hex('04 486f7374', EXAMPLE_COM),
    packet: 'Host.example.com',
  },
  {
    mnemonic: 'SOA',
    source: 'RFC 1035 §3.3.13, numbers of RFC 4035 Appendix A',
    rdata: {
      mname: parseName('ns1.example.'),
      rname: parseName('bugs.x.w.test.'),
      serial: 1081539377,
      refresh: 3600,
      retry: 300,
      expire: 3600000,
      minimum: 3600,
    },
    octets: hex(
      '03 6e7331 07 6578616d706c65 00',
      '04 62756773 01 78 01 77 04 74657374 00',
      '4076fb31 00000e10 0000012c 0036ee80 00000e10',
    ),
    packet: {
      mname: 'ns1.example',
      rname: 'bugs.x.w.test',
      serial: 1081539377,
      refresh: 3600,
      retry: 300,
      expire: 3600000,
      minimum: 3600,
    },
  },
  {
    mnemonic: 'NULL',
    source: 'RFC 1035 §3.3.10: anything at all',
    rdata: { octets: hex('00ff') },
    octets: hex('00ff'),
    packet: Buffer.from(hex('00ff')),
  },
  {
    mnemonic: 'NULL',
    source: 'RFC 8145 §5.1: a key-tag query is answered without octets',
    rdata: { octets: new Uint8Array(0) },
    octets: new Uint8Array(0),
    packet: Buffer.alloc(0),
  },
  {
    // Of the apex: the hash of the next name in base32hex is 2t7b4g4vsa5smi47k61mv5bv1a22bojr.
    mnemonic: 'NSEC3',
    source: 'RFC 5155 Appendix A: 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example',
    rdata: {
      hashAlgorithm: 1,
      flags: 1,
      iterations: 12,
      salt: hex('aabbccdd'),
      nextHash: hex('174eb2409fe28bcb4887a1836f957f0a8425e27b'),
      types: [1, 2, 15, 46, 6, 48, 51].toSorted((one, two) => one - two),
    },
    octets: hex('01 01 000c 04 aabbccdd 14 174eb2409fe28bcb4887a1836f957f0a8425e27b', '00 07 62010000000290'),
  },
  {
    mnemonic: 'NSEC3PARAM',
    source: 'RFC 5155 Appendix A: example.',
    rdata: { hashAlgorithm: 1, flags: 0, iterations: 12, salt: hex('aabbccdd') },
    octets: hex('01 00 000c 04 aabbccdd'),
  },
  {
    mnemonic: 'HINFO',
    source: 'RFC 8482 §4.2: CPU "RFC8482", OS empty',
    rdata: { cpu: latin1('RFC8482'), os: new Uint8Array(0) },
    octets: hex('07 52464338343832 00'),
    packet: { cpu: 'RFC8482', os: '' },
  },
  {
    mnemonic: 'TXT',
    source: 'RFC 1035 §3.3.14: two strings, one of them empty',
    rdata: { strings: [latin1('octets'), new Uint8Array(0)] },
    octets: hex('06 6f6374657473 00'),
    packet: [text('octets'), text('')],
  },
  {
    mnemonic: 'TXT',
    source: 'RFC 1035 §3.3: a character-string of 255 octets',
    rdata: { strings: [latin1('x'.repeat(255))] },
    octets: hex('ff', '78'.repeat(255)),
    packet: [text('x'.repeat(255))],
  },
  {
    mnemonic: 'DS',
    source: 'RFC 4034 §5.4',
    rdata: ds,
    octets: dsOctets,
    packet: { keyTag: 60485, algorithm: 5, digestType: 1, digest: Buffer.from(DSKEY_SHA1, 'hex') },
  },
  {
    mnemonic: 'CDS',
    source: 'RFC 7344 §3.1: as DS',
    rdata: ds,
    octets: dsOctets,
    packet: Buffer.from(dsOctets),
  },
  {
    mnemonic: 'CDS',
    source: 'RFC 8078 §4: 0 0 0 0, the delete request',
    rdata: { keyTag: 0, algorithm: 0, digestType: 0, digest: hex('00') },
    octets: hex('0000 00 00 00'),
    packet: Buffer.alloc(5),
  },
  {
    mnemonic: 'RRSIG',
    source: 'RFC 4034 §3.3',
    rdata: {
      typeCovered: 1,
      algorithm: 5,
      labels: 3,
      originalTtl: 86400,
      expiration: Date.UTC(2003, 2, 22, 17, 31, 3) / 1000,
      inception: Date.UTC(2003, 1, 20, 17, 31, 3) / 1000,
      keyTag: 2642,
      signerName: parseName('example.com.'),
      signature: base64(RRSIG),
    },
    octets: Uint8Array.from([
      ...hex('0001 05 03 00015180 3e7c9dd7 3e5510d7 0a52', EXAMPLE_COM),
      ...base64(RRSIG),
    ]),
    packet: {
      typeCovered: 'A',
      algorithm: 5,
      labels: 3,
      originalTTL: 86400,
      expiration: Date.UTC(2003, 2, 22, 17, 31, 3) / 1000,
      inception: Date.UTC(2003, 1, 20, 17, 31, 3) / 1000,
      keyTag: 2642,
      signersName: 'example.com',
      signature: Buffer.from(RRSIG, 'base64'),
    },
  },
  {
    mnemonic: 'NSEC',
    source: 'RFC 4034 §4.3: A MX RRSIG NSEC TYPE1234',
    rdata: { nextName: parseName('host.example.com.'), types: [1, 15, 46, 47, 1234] },
    octets: hex(HOST_EXAMPLE_COM, '00 06 40010000 0003', '04 1b', '00'.repeat(26), '20'),
    packet: { nextDomain: 'host.example.com', rrtypes: ['A', 'MX', 'RRSIG', 'NSEC', 'UNKNOWN_1234'] },
  },
  {
    mnemonic: 'NSEC',
    source: 'RFC 9824 §3.1: NXNAME is 128, the last bit of the 17th octet',
    rdata: { nextName: hex('01 00', EXAMPLE_COM), types: [46, 47, 128] },
    octets: hex('01 00', EXAMPLE_COM, '00 11 0000000000 03 00000000000000000000 80'),
    packet: { nextDomain: '\u0000.example.com', rrtypes: ['RRSIG', 'NSEC', 'UNKNOWN_128'] },
  },
  {
    mnemonic: 'DNSKEY',
    source: 'RFC 4034 §5.4',
    rdata: dnskey,
    octets: dnskeyOctets,
    packet: { flags: 256, algorithm: 5, key: Buffer.from(DSKEY, 'base64') },
  },
  {
    mnemonic: 'CDNSKEY',
    source: 'RFC 7344 §3.2: as DNSKEY',
    rdata: dnskey,
    octets: dnskeyOctets,
    packet: Buffer.from(dnskeyOctets),
  },
  {
    mnemonic: 'OPT',
    source: 'RFC 6891 §6.1.2: two options, COOKIE and an empty NSID',
    rdata: {
      options: [
        { code: 10, data: hex('0102030405060708') },
        { code: 3, data: new Uint8Array(0) },
      ],
    },
    octets: hex('000a 0008 0102030405060708', '0003 0000'),
  },
  {
    mnemonic: 'TYPE731',
    source: 'RFC 3597 §5: a.example. TYPE731 \\# 6 abcd ( ef 01 23 45 )',
    rdata: hex('abcdef012345'),
    octets: hex('abcdef012345'),
    packet: Buffer.from('abcdef012345', 'hex'),
  },
  {
    mnemonic: 'TYPE62347',
    source: 'RFC 3597 §5: b.example. TYPE62347 \\# 0',
    rdata: new Uint8Array(0),
    octets: new Uint8Array(0),
    packet: Buffer.alloc(0),
  },
];
