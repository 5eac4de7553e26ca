/** Resolver software from the client's side: how each names itself (RFC 4892), and what its operator sets. */
import { SOFTWARE, type Software } from '../../observe/software.ts';

/** dnsmasq is missing on purpose: it forwards, and what offers an EDNS size to the servers stands behind it. */
export type Resolver = Exclude<Software, 'dnsmasq'>;

interface Manner {
  /** What it answers to version.bind in class CHAOS, unless its operator hides it. */
  readonly version: RegExp;
  /** The setting that lets hosts ask it. */
  readonly access: string;
}

const MANNERS: Readonly<Record<Resolver, Manner>> = {
  unbound: {
    version: /^unbound\b/i,
    access: 'access-control',
  },
  bind: {
    version: /^(bind )?9\.\d+\.\d+/i,
    access: 'allow-query and allow-recursion',
  },
  knot: {
    version: /^knot[ -]resolver\b/i,
    access: 'views',
  },
  powerdns: {
    version: /^powerdns recursor\b/i,
    access: 'allow-from',
  },
};

const RESOLVERS = Object.keys(MANNERS) as readonly Resolver[];

/** An EDNS size whose answers need no fragments on any IPv6 path (RFC 9715 §3, and the 2020 flag day). */
export const SAFE_SIZE = 1232;

/** Which one says this of its version; undefined where nobody is known to. */
export function resolverOf(version: string): Resolver | undefined {
  return RESOLVERS.find((name) => MANNERS[name].version.test(version));
}

/** `access-control in Unbound, …`: for all, since who refuses says no version either. */
export function accessSettings(): string {
  return RESOLVERS.map((name) => `${MANNERS[name].access} in ${SOFTWARE[name].title}`).join(', ');
}

/** What to do where answers over UDP get lost: the safe size by the name of the setting, of all where the software is not known. */
export function offerLess(software: Resolver | undefined): string {
  const settings = (software === undefined ? RESOLVERS : [software]).map(
    (name) => `${SOFTWARE[name].setting} in ${SOFTWARE[name].title}`,
  );
  return `set the EDNS size that it offers to ${SAFE_SIZE} (${settings.join(', ')}) and keep TCP to port 53 open, so that larger answers come over TCP`;
}
