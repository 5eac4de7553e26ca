/** The first question, `me`, and what to do when already that one fails: no other would say more. */
import { kskText, NEW_KSK } from '../../observe/ksk.ts';
import { lookForRootKey } from '../../observe/root-key-advice.ts';
import { below, isRoot } from '../below.ts';
import { NO_LISTENER, NO_ROUTE } from './ask.ts';
import { formatServerAddress, type ServerAddress } from './server-address.ts';
import { accessSettings, type Resolver } from './software.ts';
import { type Finding, isFine, type Plan, type Test, whyNot } from './test.ts';
import { readSeen } from './texts.ts';

export const OPENING = 'me';

export function openingTest({ origin, run }: Plan): Test {
  return { id: OPENING, question: { name: below(`me-${run}`, origin), type: 'TXT' } };
}

/** The same without validation, where the opening got SERVFAIL: an answer to it says that validation is what fails (RFC 4035 §3.2.2). */
export function uncheckedTest({ origin, freshRun }: Plan): Test {
  const name = below(`me-${freshRun()}`, origin);
  return { id: `${OPENING} +cd`, question: { name, type: 'TXT', checkingDisabled: true } };
}

/** A resolver that fails, and what it does without validation. */
export interface Refusal {
  readonly unchecked: Finding;
  readonly software: Resolver | undefined;
}

/** One line, without a period. @param refusal absent unless the opening got SERVFAIL */
export function describeOpening({ problem = '' }: Finding, refusal?: Refusal): string {
  if (refusal === undefined) return problem;
  const { unchecked } = refusal;
  if (sourceWithoutEdns(refusal) !== undefined)
    return `${problem}; with CD=1 an answer came, to a query without EDNS, so no signature comes and validation fails`;
  return isFine(unchecked)
    ? `${problem}; with CD=1 an answer came, so validation fails`
    : `${problem}; with CD=1 neither (${whyNot(unchecked)})`;
}

/** The address that asked the servers without EDNS, by what they say where validation fails; undefined where it had EDNS. */
function sourceWithoutEdns({ unchecked }: Refusal): string | undefined {
  const seen = readSeen(unchecked.texts);
  return seen?.ednsSize === undefined ? seen?.source : undefined;
}

/** No signature comes without DO, which is part of it (RFC 3225 §3). @param from the addresses that asked */
export function adviseNoEdns(from: string): string {
  return `Queries from ${from} reach the servers without EDNS: either it is switched off in the resolver, or a firewall on the way takes it out. DNSSEC cannot work without it.`;
}

/**
 * What an operator does next: whole sentences, the most urgent first.
 *
 * @param refusal absent unless the opening got SERVFAIL
 */
export function adviseOpening(
  server: ServerAddress,
  origin: string,
  { status, direct, problem }: Finding,
  refusal?: Refusal,
): string[] {
  const typed = formatServerAddress(server);
  if (problem === NO_ROUTE) {
    return [
      `This host has no route to ${typed}: check the address, and whether this host has a network of that IP version.`,
    ];
  }
  if (problem === NO_LISTENER)
    return [`Nothing listens at ${typed}: check the address and the port, and that a server runs there.`];
  if (status === 'NO ANSWER') {
    return [
      `No usable answer came from ${typed}. Ask it for another name, as in \`dig @${server.host} -p ${server.port} . NS\`. Where an answer comes, it cannot reach the servers of ${origin}: check the delegation. Where none comes, check the address and the port, that a server runs there, and that UDP and TCP may pass both ways.`,
    ];
  }
  if (status === 'REFUSED') {
    return [
      direct
        ? `${typed} does not serve ${origin}: check the address and the setting origin.`
        : `${typed} refuses this host or does not serve ${origin}. Allow this host's address there (${accessSettings()}), or check the setting origin.`,
    ];
  }
  if (refusal !== undefined) return adviseFailure(server, origin, refusal);
  const way = isRoot(origin) ? 'the root hints of the resolver' : `the delegation of ${origin}`;
  return [`${typed} answers, but ${below('me', origin)} is not there: check the setting origin and ${way}.`];
}

/** Validation or resolution has failed. */
function adviseFailure(server: ServerAddress, origin: string, refusal: Refusal): string[] {
  const typed = formatServerAddress(server);
  const source = sourceWithoutEdns(refusal);
  if (source !== undefined) return [adviseNoEdns(source)];
  if (!isFine(refusal.unchecked)) return isRoot(origin) ? adviseRootReach(typed) : adviseReach(typed, origin);
  return isRoot(origin) ? adviseRootAnchor() : adviseValidation(server, origin, refusal.software);
}

const CLOCK = 'Then at its clock (`date -u`): a signature holds from its inception to its expiration only.';

/** Where the key that signs the root is missing nothing validates: every name gets SERVFAIL, sentinels too. */
function adviseValidation(
  { host, port }: ServerAddress,
  origin: string,
  software: Resolver | undefined,
): string[] {
  return [
    `Validation is what fails, so size is not the cause. \`dig @${host} -p ${port} . SOA\` tells where: SERVFAIL there as well means the trust anchors or the clock of the resolver, an answer the DS record of ${origin} or an anchor for it.`,
    `Look at the trust anchors first: since ${NEW_KSK.signsSince} ${kskText(NEW_KSK)} signs the root alone, and every name fails for who does not trust it. Look for the key, and add it where it is missing: ${lookForRootKey(software)}.`,
    CLOCK,
    `Then at the DS record of ${origin} in its parent zone: it must be the line of \`padzone ds\`.`,
  ];
}

function adviseReach(typed: string, origin: string): string[] {
  return [
    `${typed} cannot resolve even the small answer of me.${origin}, so size is not the cause, and with CD=1 neither, so validation is not, unless it ignores CD. Check the delegation of ${origin}, and whether the resolver reaches its name servers.`,
    `Where it ignores CD, as some forwarders do: check its trust anchors (the root key ${kskText(NEW_KSK)}), its clock, and the DS record of ${origin}, in this order.`,
  ];
}

const ROOT_ANCHOR =
  'its trust anchor for the root must be the line of `padzone ds` and no other, since padzone is the root here';

function adviseRootAnchor(): string[] {
  return [
    `Validation is what fails, so size is not the cause. Look at the trust anchors of the resolver first: ${ROOT_ANCHOR}.`,
    CLOCK,
  ];
}

function adviseRootReach(typed: string): string[] {
  return [
    `${typed} cannot resolve even the small answer of ${below('me', '.')}, so size is not the cause, and with CD=1 neither, so validation is not, unless it ignores CD. Check its root hints, and whether it reaches the servers that they name.`,
    `Where it ignores CD, as some forwarders do: ${ROOT_ANCHOR}; then look at its clock.`,
  ];
}

/** Exit status: 2 where no test can run, 1 where the resolver itself has failed, which cannot get even a small answer. */
export function openingStatus({ status }: Finding): 1 | 2 {
  return status === 'SERVFAIL' ? 1 : 2;
}
