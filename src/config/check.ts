/**
 * Checks: zod types for the values of settings.
 *
 * Every check takes what a TOML file holds and also the text of a flag or variable; it has a description that
 * completes "is not …"; and `z.encode` turns its result back into what a TOML file would hold.
 */
import * as z from 'zod';
import { formatListen, formatPrefix, parseAddress, parseListen, parsePrefix } from './address.ts';

/** Turns text into what a file would hold; what `convert` cannot turn it hands on, for `check` to refuse. */
function fromText<T extends z.ZodType>(check: T, convert: (given: unknown) => unknown) {
  return z.codec(z.unknown(), check, {
    decode: (given) => convert(given) as z.input<T>,
    encode: (value) => value,
  });
}

/** A value that is written as text and used as `T`; `parse` says undefined to what is not one. */
function written<T>(what: string, parse: (text: string) => T | undefined, format: (value: T) => string) {
  const error = `is not ${what}`;
  const check = z.codec(z.string({ error }), z.custom<T>(), {
    decode(text, context) {
      const value = parse(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', input: text, message: error });
      return z.NEVER;
    },
    encode: format,
  });
  return check.describe(what);
}

const same = (text: string) => text;

export function integer(least: number, most: number) {
  const what = `a whole number from ${least} to ${most}`;
  const error = `is not ${what}`;
  const check = z.int({ error }).min(least, { error }).max(most, { error });
  return fromText(check, (given) =>
    typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given,
  ).describe(what);
}

export function boolean() {
  const what = 'true or false';
  const check = z.boolean({ error: `is not ${what}` });
  return fromText(check, (given) => (given === 'true' ? true : given === 'false' ? false : given)).describe(
    what,
  );
}

export function oneOf<const T extends readonly string[]>(...words: T) {
  const what = `one of ${words.join(', ')}`;
  return z.enum(words, { error: `is not ${what}` }).describe(what);
}

export function matching(pattern: RegExp, what: string) {
  const error = `is not ${what}`;
  return z.string({ error }).regex(pattern, { error }).describe(what);
}

export function path(what: string) {
  return matching(/^[^\0]+$/, what);
}

/** A host or domain name in lower case, without its final dot, at most `most` octets of text. */
export function domainName(most: number) {
  const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
  const parse = (text: string) => {
    const name = text.toLowerCase().replace(/\.$/, '');
    return name.length <= most && name.split('.').every((part) => label.test(part)) ? name : undefined;
  };
  return written(`a domain name of at most ${most} octets`, parse, same);
}

/** As `domainName`; the root is its dot. */
export function originName(most: number) {
  const what = `${domainName(most).description}; or ".", the root of a closed network`;
  const root = z.literal('.', { error: `is not ${what}` });
  return z.union([root, domainName(most)], { error: `is not ${what}` }).describe(what);
}

export function listen() {
  const what = 'an address and a port, such as 192.0.2.1:53 or [2001:db8::1]:53';
  return written(what, parseListen, formatListen);
}

/** As `listen`; the empty text is off, and undefined in the result. */
export function listenOrOff() {
  const what = `${listen().description}; or empty, which is off`;
  const off = z.codec(z.literal(''), z.undefined(), { decode: () => undefined, encode: () => '' as const });
  return z.union([off, listen()], { error: `is not ${what}` }).describe(what);
}

export function prefix() {
  return written('an address prefix, such as 192.0.2.0/24 or 2001:db8::/32', parsePrefix, formatPrefix);
}

/** A list in the file, comma separated in a flag or variable; no two elements may be written the same. */
export function listOf<T extends z.ZodType>(element: T) {
  const what = `a list; each is ${element.description}`;
  const list = z.array(element, { error: `is not ${what}` }).superRefine((values, context) => {
    if (context.issues.length > 0) return;
    const texts = values.map((value) => JSON.stringify(z.encode(element, value)));
    for (const [at, text] of texts.entries()) {
      if (texts.indexOf(text) === at) continue;
      context.addIssue({ code: 'custom', path: [at], input: JSON.parse(text), message: 'is listed twice' });
    }
  });
  return fromText(list.readonly(), (given) => (typeof given === 'string' ? split(given) : given)).describe(
    what,
  );
}

function split(text: string): string[] {
  return text.trim() === '' ? [] : text.split(',').map((part) => part.trim());
}

export const ROLES = ['parent', 'children', 'hostile'] as const;

/** Which zones a name server answers for: the origin, the measuring zones below it, or `x` and the broken ones. */
export type Role = (typeof ROLES)[number];

/** A table with `name`, `role`, `ipv4`, `ipv6` in the file; `name/role/address` in a flag or variable. */
export function nameserver() {
  const what = 'a name server: name/role/address, or a table of name, role and ipv4 or ipv6';
  const address = (family: 4 | 6) => {
    const parse = (text: string) => {
      const found = parseAddress(text);
      return found?.family === family ? found.address : undefined;
    };
    return written(`an IPv${family} address`, parse, same).optional();
  };
  const unknown = (keys: unknown) => `has the unknown key ${keys}; its keys are name, role, ipv4, ipv6`;
  const check = z
    .strictObject(
      { name: domainName(253), role: oneOf(...ROLES), ipv4: address(4), ipv6: address(6) },
      { error: (issue) => (issue.code === 'unrecognized_keys' ? unknown(issue.keys) : `is not ${what}`) },
    )
    .refine(({ ipv4, ipv6 }) => ipv4 !== undefined || ipv6 !== undefined, {
      error: 'has neither ipv4 nor ipv6',
    });
  return fromText(check, (given) => (typeof given === 'string' ? nameserverFromText(given) : given)).describe(
    what,
  );
}

function nameserverFromText(text: string): unknown {
  const [name, role, address, ...rest] = text.split('/');
  if (address === undefined || rest.length > 0) return text;
  return { name, role, [parseAddress(address)?.family === 6 ? 'ipv6' : 'ipv4']: address };
}
