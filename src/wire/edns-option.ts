/** EDNS option codes and the forms that we read and write (IANA "DNS EDNS0 Option Codes"). */
import { latin1, type Name } from './name.ts';
import type { EdnsOption } from './rdata/opt.ts';

export const OPTION = {
  NSID: 3,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  KEY_TAG: 14,
  EXTENDED_ERROR: 15,
  REPORT_CHANNEL: 18,
} as const;

/** Extended DNS Error: INFO-CODE and EXTRA-TEXT (RFC 8914 §2). */
export interface ExtendedError {
  readonly infoCode: number;
  readonly extraText: string;
}

export function extendedErrorOption({ infoCode, extraText }: ExtendedError): EdnsOption {
  const text = latin1(extraText);
  const data = new Uint8Array(2 + text.length);
  data[0] = infoCode >> 8;
  data[1] = infoCode & 0xff;
  data.set(text, 2);
  return { code: OPTION.EXTENDED_ERROR, data };
}

/** Padding of `octets` zero octets behind the 4-octet option header (RFC 7830 §3). */
export function paddingOption(octets: number): EdnsOption {
  return { code: OPTION.PADDING, data: new Uint8Array(octets) };
}

/** RFC 9567 §5: where to report an error about this answer. @param agent in wire form, not the root */
export function reportChannelOption(agent: Name): EdnsOption {
  return { code: OPTION.REPORT_CHANNEL, data: agent };
}
