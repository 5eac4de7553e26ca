/** The first question, `me`, and what to do when already that one fails: no other would say more. */
import { NO_ROUTE } from './ask.ts';
import { accessSettings } from './software.ts';
import type { Finding, Plan, Test } from './test.ts';

export const OPENING = 'me';

export function openingTest({ origin, run }: Plan): Test {
  return { id: OPENING, question: { name: `me-${run}.${origin}`, type: 'TXT' } };
}

/**
 * What an operator does next.
 *
 * @param server as the operator would type it
 */
export function adviseOpening(server: string, origin: string, { status, direct, problem }: Finding): string {
  if (problem === NO_ROUTE) {
    return `This host has no route to ${server}: check the address, and whether this host has a network of that IP version.`;
  }
  if (status === 'NO ANSWER') {
    return `${server} did not answer at all. Check the address and the port, that a server runs there, and that UDP and TCP may pass both ways.`;
  }
  if (status === 'REFUSED') {
    return direct
      ? `${server} does not serve ${origin}: check the address and the setting origin.`
      : `${server} refuses this host or does not serve ${origin}. Allow this host's address there (${accessSettings()}), or check the setting origin.`;
  }
  if (status === 'SERVFAIL') {
    return `${server} cannot resolve even the small answer of me.${origin}, so size is not the cause. Check the delegation, the DS record and the clock of the resolver; dig +cd tells whether validation fails.`;
  }
  return `${server} answers, but me.${origin} is not there: check the setting origin and the delegation of ${origin}.`;
}

/** Exit status: 2 where no test can run, 1 where the resolver itself has failed, which cannot get even a small answer. */
export function openingStatus({ status }: Finding): 1 | 2 {
  return status === 'SERVFAIL' ? 1 : 2;
}
