/** Keys, digests and signatures printed in RFCs. `signed` is what each RRSIG covers (RFC 4034 §3.1.8.1), written out from the record beside it. */

export interface KeyVector {
  readonly source: string;
  /** Name of the key's files. */
  readonly base: string;
  readonly keyTag: number;
  readonly algorithm: number;
  readonly publicText: string;
  readonly privateText: string;
  /** The owner name in wire form. */
  readonly owner: Uint8Array;
  readonly ds?: { readonly type: 2 | 4; readonly digest: string };
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** ECDSA signatures differ each time. */
  readonly repeats: boolean;
}

const EXAMPLE_COM = '07 6578616d706c65 03 636f6d 00';
const EXAMPLE_NET = '07 6578616d706c65 03 6e6574 00';

/** RFC 8080: example.com. 3600 IN MX 10 mail.example.com., RRSIG MX … 2 3600 1440021600 1438207200. */
const mx = (algorithm: string, tag: string) =>
  hex(`000f ${algorithm} 02 00000e10 55d4fc60 55b94ce0 ${tag} ${EXAMPLE_COM}
       ${EXAMPLE_COM} 000f 0001 00000e10 0014 000a 04 6d61696c ${EXAMPLE_COM}`);

/** RFC 5702 and 6605: www.example.net. 3600 IN A 192.0.2.x. */
const a = (algorithm: string, times: string, tag: string, last: string) =>
  hex(`0001 ${algorithm} 03 00000e10 ${times} ${tag} ${EXAMPLE_NET}
       03 777777 ${EXAMPLE_NET} 0001 0001 00000e10 0004 c00002 ${last}`);

export const KEY_VECTORS: readonly KeyVector[] = [
  {
    source: 'RFC 5702 §6.1',
    base: 'Kexample.net.+008+09033',
    keyTag: 9033,
    algorithm: 8,
    publicText: `example.net.     3600  IN  DNSKEY  (256 3 8 AwEAAcFcGsaxxdgiuuGmCkVI
                    my4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8P
                    kxUdp6p/DlUmObdk= );{id = 9033 (zsk), size = 512b}`,
    privateText: `Private-key-format: v1.2
Algorithm:       8 (RSASHA256)
Modulus:         wVwaxrHF2CK64aYKRUibLiH30KpPuPBjel7E8ZydQW1HYWHfoGmidzC2RnhwCC293hCzw+TFR2nqn8OVSY5t2Q==
PublicExponent:  AQAB
PrivateExponent: UR44xX6zB3eaeyvTRzmskHADrPCmPWnr8dxsNwiDGHzrMKLN+i/HAam+97HxIKVWNDH2ba9Mf1SA8xu9dcHZAQ==
Prime1:          4c8IvFu1AVXGWeFLLFh5vs7fbdzdC6U82fduE6KkSWk=
Prime2:          2zZpBE8ZXVnL74QjG4zINlDfH+EOEtjJJ3RtaYDugvE=
Exponent1:       G2xAPFfK0KGxGANDVNxd1K1c9wOmmJ51mGbzKFFNMFk=
Exponent2:       GYxP1Pa7CAwtHm8SAGX594qZVofOMhgd6YFCNyeVpKE=
Coefficient:     icQdNRjlZGPmuJm2TIadubcO8X7V4y07aVhX464tx8Q=
`,
    owner: hex(EXAMPLE_NET),
    signed: a('08', '70dbd880 386d4380', '2349', '5b'),
    signature: base64(
      'kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==',
    ),
    repeats: true,
  },
  {
    source: 'RFC 6605 §6.1',
    base: 'Kexample.net.+013+55648',
    keyTag: 55648,
    algorithm: 13,
    publicText: `example.net. 3600 IN DNSKEY 257 3 13 (
        GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edb
        krSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA== )`,
    privateText: `Private-key-format: v1.2
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=
`,
    owner: hex(EXAMPLE_NET),
    ds: { type: 2, digest: 'b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17' },
    signed: a('0d', '4c88b137 4c63c737', 'd960', '01'),
    signature: base64(
      'qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
    ),
    repeats: false,
  },
  {
    source: 'RFC 6605 §6.2',
    base: 'Kexample.net.+014+10771',
    keyTag: 10771,
    algorithm: 14,
    publicText: `example.net. 3600 IN DNSKEY 257 3 14 (
        xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1
        w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8
        /uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40 )`,
    privateText: `Private-key-format: v1.2
Algorithm: 14 (ECDSAP384SHA384)
PrivateKey: WURgWHCcYIYUPWgeLmiPY2DJJk02vgrmTfitxgqcL4vwW7BOrbawVmVe0d9V94SR
`,
    owner: hex(EXAMPLE_NET),
    ds: {
      type: 4,
      digest:
        '72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6',
    },
    signed: a('0e', '4c88b4e9 4c63cae9', '2a13', '01'),
    signature: base64(
      '/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm',
    ),
    repeats: false,
  },
  {
    source: 'RFC 8080 §6.1, first key (signature of erratum 4935)',
    base: 'Kexample.com.+015+03613',
    keyTag: 3613,
    algorithm: 15,
    publicText: `example.com. 3600 IN DNSKEY 257 3 15 (
             l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= )`,
    privateText: `Private-key-format: v1.2
Algorithm: 15 (ED25519)
PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=
`,
    owner: hex(EXAMPLE_COM),
    ds: { type: 2, digest: '3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b' },
    signed: mx('0f', '0e1d'),
    signature: base64(
      'oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
    ),
    repeats: true,
  },
  {
    source: 'RFC 8080 §6.1, second key (signature of erratum 4935)',
    base: 'Kexample.com.+015+35217',
    keyTag: 35217,
    algorithm: 15,
    publicText: `example.com. 3600 IN DNSKEY 257 3 15 (
             zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs= )`,
    privateText: `Private-key-format: v1.2
Algorithm: 15 (ED25519)
PrivateKey: DSSF3o0s0f+ElWzj9E/Osxw8hLpk55chkmx0LYN5WiY=
`,
    owner: hex(EXAMPLE_COM),
    ds: { type: 2, digest: '401781b934e392de492ec77ae2e15d70f6575a1c0bc59c5275c04ebe80c6614c' },
    signed: mx('0f', '8991'),
    signature: base64(
      'zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg==',
    ),
    repeats: true,
  },
  {
    source: 'RFC 8080 §6.2, first key (signature of erratum 4935)',
    base: 'Kexample.com.+016+09713',
    keyTag: 9713,
    algorithm: 16,
    publicText: `example.com. 3600 IN DNSKEY 257 3 16 (
             3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx
             1FYYUcJKm1MDpJtIA )`,
    privateText: `Private-key-format: v1.2
Algorithm: 16 (ED448)
PrivateKey: xZ+5Cgm463xugtkY5B0Jx6erFTXp13rYegst0qRtNsOYnaVpMx0Z/c5EiA9x8wWbDDct/U3FhYWA
`,
    owner: hex(EXAMPLE_COM),
    ds: { type: 2, digest: '6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7' },
    signed: mx('10', '25f1'),
    signature: base64(
      '3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA',
    ),
    repeats: true,
  },
  {
    source: 'RFC 8080 §6.2, second key (signature of erratum 4935)',
    base: 'Kexample.com.+016+38353',
    keyTag: 38353,
    algorithm: 16,
    publicText: `example.com. 3600 IN DNSKEY 257 3 16 (
             kkreGWoccSDmUBGAe7+zsbG6ZAFQp+syPmYUurBRQc3tDjeMCJcVMRDmgcN
             Lp5HlHAMy12VoISsA )`,
    privateText: `Private-key-format: v1.2
Algorithm: 16 (ED448)
PrivateKey: WEykD3ht3MHkU8iH4uVOLz8JLwtRBSqiBoM6fF72+Mrp/u5gjxuB1DV6NnPO2BlZdz4hdSTkOdOA
`,
    owner: hex(EXAMPLE_COM),
    ds: { type: 2, digest: '645ff078b3568f5852b70cb60e8e696cc77b75bfaaffc118cf79cbda1ba28af4' },
    signed: mx('10', '95d1'),
    signature: base64(
      'E1/oLjSGIbmLny/4fcgM1z4oL6aqo+izT3urCyHyvEp4Sp8Syg1eI+lJ57CSnZqjJP41O/9l4m0AsQ4f7qI1gVnML8vWWiyW2KXhT9kuAICUSxv5OWbf81Rq7Yu60npabODB0QFPb/rkW3kUZmQ0YQUA',
    ),
    repeats: true,
  },
];

/** RFC 4034 §5.4 prints the key and its tag, RFC 4509 §2.3 the SHA-256 digest: algorithm 5, which nothing here signs with. */
export const DSKEY = {
  keyTag: 60485,
  owner: hex('05 64736b6579 07 6578616d706c65 03 636f6d 00'),
  rdata: Uint8Array.from([
    ...hex('0100 03 05'),
    ...base64(`AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvx
               egXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==`),
  ]),
  sha256: 'd4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a',
};

/** `text` may hold blanks. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'));
}

export function base64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
