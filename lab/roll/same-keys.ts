/** Whether both servers serve the same keys, asked around each change of a roll (DESIGN: nothing is stored). */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROLL_PHASES, type RollPhase, stageAt } from '../../src/zone/roll/phase.ts';
import type { Lab } from '../contract.ts';
import type { Rehearsal } from './rehearsal.ts';

/** Before and behind a change, milliseconds: within the second on either side of it. */
const AROUND_MS = [-600, 300];
/** What DNSKEY holds in each phase: its KSKs by their flags, and how many RRSIGs stand over it (RFC 5011 §2.1). */
const FLAGS: Readonly<Record<RollPhase, string>> = {
  init: '257',
  prepub: '257 257',
  rolled: '257 257',
  revoked: '257 385',
  removed: '257',
};

/** @returns what differs, one line each */
export async function disagreements(lab: Lab, rehearsal: Rehearsal): Promise<string[]> {
  const { profile, startAt } = rehearsal;
  const times = ROLL_PHASES.flatMap((phase) =>
    phase === 'init' ? [] : AROUND_MS.map((ms) => startAt + profile.offsets[phase] * 1000 + ms),
  );
  const found: string[] = [];
  for (const time of times) {
    await sleep(Math.max(0, time - Date.now()));
    found.push(...(await compare(lab, rehearsal)));
  }
  return found;
}

async function compare(lab: Lab, { zone, profile, startAt }: Rehearsal): Promise<string[]> {
  const phaseNow = () => stageAt(profile, startAt, Date.now()).phase;
  const phase = phaseNow();
  const args = ['+norec', '+dnssec', '+bufsize=4096'];
  const answers = await Promise.all(
    lab.servers.map(async ({ node, address }) => {
      const { answer } = await lab.dig({ server: address, name: zone, type: 'DNSKEY', args });
      return {
        node,
        keys: answer
          .filter(({ type }) => type === 'DNSKEY')
          .map(({ rdata }) => rdata)
          .sort(),
      };
    }),
  );
  // A change in between would explain any difference.
  if (phaseNow() !== phase) return [];
  const [first] = answers;
  return answers.flatMap(({ node, keys }) => {
    const flags = keys
      .map((key) => key.slice(0, 3))
      .filter((one) => one !== '256')
      .sort()
      .join(' ');
    return [
      ...(flags === FLAGS[phase] ? [] : [`${node} in phase ${phase} has KSKs with flags ${flags || 'none'}`]),
      ...(keys.join() === first?.keys.join() ? [] : [`${node} and ${first?.node} differ in phase ${phase}`]),
    ];
  });
}
