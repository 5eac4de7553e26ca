/** A flood of names that do not exist: what each denial costs, and whether anything of it is kept. */
import { dnsperf } from '../dnsperf.ts';
import { knotOnline } from '../peers/knot.ts';
import { padzoneOpen } from '../peers/padzone.ts';
import { powerdnsOnline } from '../peers/powerdns.ts';
import { settle, usage } from '../process.ts';
import { randomNames, writeRandomNames } from '../queries.ts';
import { ZONE } from '../static-zone.ts';
import { emptyZone } from '../unique-zone.ts';
import type { AfterContext, Case, Fact } from './case.ts';

const SECONDS_A_MILLION = 60;

export const denial: Case = {
  key: 'f',
  title: 'random names that do not exist, DO=1, UDP: denial signed with P-256 when it is asked for',
  explanation:
    "padzone: one NSEC at the name itself (RFC 9824) with a new signature, SOA's is kept. Knot (mod-onlinesign): one NSEC at the name " +
    'itself, it and SOA with new signatures. PowerDNS: narrow NSEC3 (RFC 7129 appendix B), three of them; signatures that repeat are kept.',
  subjects: () => {
    const load = dnsperf(randomNames);
    const expect = { qname: `znosuchname.${ZONE}`, rcodes: ['NXDOMAIN', 'NOERROR'] };
    return [padzoneOpen, knotOnline(emptyZone), powerdnsOnline(emptyZone)].map((peer) => ({
      label: peer.name,
      peer,
      load,
      expect,
    }));
  },
  after: floodOfMillions,
};

async function floodOfMillions({ million, instance, scratch }: AfterContext): Promise<readonly Fact[]> {
  const server = instance(padzoneOpen.name);
  if (server === undefined || million === 0) return [];
  const once = dnsperf(
    (_place, file) => writeRandomNames(file, million * 1e6),
    ['-c', '4', '-q', '100', '-n', '1'],
  );
  const megabytes = () => usage(server.pid).first.rss / 2 ** 20;
  await settle(server.pid, 10);
  const before = megabytes();
  const seconds = Math.ceil(SECONDS_A_MILLION * million);
  const { answers } = await once.run({ port: server.port, scratch, seconds, turn: 0 });
  await settle(server.pid, 10);
  const after = megabytes();
  // A figure for the goal only where all of them were asked in time.
  const value = answers >= million * 1e6 * 0.99 ? after / before : Number.NaN;
  const names = `${answers.toLocaleString('en-US')} distinct names in at most ${seconds} s`;
  const text = `padzone's RSS before and after ${names}: ${before.toFixed(0)} and ${after.toFixed(0)} MB`;
  return [{ name: 'growth', value, text }];
}
