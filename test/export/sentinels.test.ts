import { expect, it } from 'vitest';
import { rootKeyBlocks } from '../../src/export/sentinels.ts';
import { findKeys } from '../../src/observe/key-findings.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { arriving, withoutTcp } from '../observe/replicas.ts';
import { observation, START } from '../observe/rows.ts';

const AFTER = START + 600_000;
const LONG = '2001:db8:1234:5678:1234:5678:1234:5678';

function of(...rows: readonly (readonly Observation[])[]) {
  return findKeys(
    rows.flat().map((row, seq) => ({ ...row, seq })),
    AFTER,
  );
}

/** A run of which the client got the names in `answered`. */
function sentinels(src: string, run: string, answered: readonly string[]): Observation[] {
  const names = {
    'is-ta-38696': 'root-key-sentinel-is-ta-38696.n0.probe.example.',
    'not-ta-38696': 'root-key-sentinel-not-ta-38696.n0.probe.example.',
    'is-ta-20326': 'root-key-sentinel-is-ta-20326.n0.probe.example.',
    bogus: 'live-n0.bogus.probe.example.',
    live: 'live-n0.probe.example.',
  };
  return Object.entries(names).flatMap(([name, qname], at) => {
    const behavior = name.includes('-ta-') ? 'sentinel' : 'live';
    const time = START + at * 1000;
    const of = { src, run, behavior, time, qname, ...(name === 'bogus' && { excluded: 'fault' as const }) };
    const proof = { qname: `v0.${qname}`, step: 'proof', signal: 'own' } as const;
    return [
      observation({ ...of, qtype: 1 }),
      ...(answered.includes(name) ? [observation({ ...of, ...proof, time: time + 100 })] : []),
    ];
  });
}

const READY = ['is-ta-38696', 'is-ta-20326', 'live'];
const NOT_READY = ['not-ta-38696', 'is-ta-20326', 'live'];

it('is nothing where the rows say nothing of keys of the root', () => {
  expect(rootKeyBlocks(of([observation()]))).toEqual([]);
});

it('tells a resolver that trusts neither key of the root from one that is not ready', () => {
  const [block] = rootKeyBlocks(of(sentinels('192.0.2.1', '000000000001', ['not-ta-38696', 'live'])));
  expect(block?.replace(/\s+/g, ' ')).toContain(
    '192.0.2.1: 38696 OTHER_ROOT (Vold, 1 run). It validates, knows sentinels, and does not trust the key, nor 20326: it has an anchor for this domain, or a root of its own.',
  );
});

it('tells those alike in one line, what is wrong first, and once what cannot be judged', () => {
  const blocks = rootKeyBlocks(
    of(
      sentinels('192.0.2.1', '000000000001', READY),
      sentinels('192.0.2.2', '000000000002', READY),
      sentinels('192.0.2.2', '000000000003', READY),
      sentinels('192.0.2.9', '000000000004', NOT_READY),
      sentinels('192.0.2.4', '000000000005', ['is-ta-38696', 'not-ta-38696', 'live']),
      sentinels('192.0.2.5', '000000000006', []),
      sentinels('192.0.2.6', '000000000007', []).slice(0, 1),
    ),
  );
  expect(blocks).toEqual([
    `Keys of the root, by sentinels (RFC 8509). That a name was refused is inferred:
the client went on without it.
! 192.0.2.9: 38696 NOT_READY (Vold, 1 run). It validates, knows sentinels, and
    does not trust the key, but it trusts 20326.
    > Since 2026-10-11 38696 (KSK-2024) alone signs the root. This resolver
      validates without it, by an anchor for this domain, a root of its own, or
      keys from before: if it is to resolve names of the Internet, add the key
      now, in Unbound by \`unbound-anchor -a\` with the file of
      auto-trust-anchor-file, and a restart; in BIND by an update,
      dnssec-validation auto, \`rndc managed-keys destroy\` and \`rndc reconfig\`;
      in Knot Resolver by an update of its root.keys, or trust_anchors.add('. IN
      DS 38696 8 2
      683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16').
  192.0.2.1, 192.0.2.2: 38696 READY (Vnew, 3 runs). It validates, knows
    sentinels, and trusts the key, and 20326 as well.
  192.0.2.4: 38696 UNKNOWN (Vind, 1 run). It validates and does not know
    sentinels: this tells nothing about its keys.
  2 more runs cannot be judged from here: one of the names was not asked for, or
  nobody came back with the name in a text, as with dig by hand. What dig itself
  got does tell; \`padzone probe\` asks all of it.`,
  ]);
});

it('shows trials of replicas, what is wrong first, and counts what anybody may have made up', () => {
  const strangers = Array.from({ length: 3 }, (_, at) =>
    withoutTcp(undefined, 0, { src: `198.51.100.${at}`, proof: 'none' }),
  );
  const blocks = rootKeyBlocks(
    of(
      arriving('0123456789a1', 0, { src: '192.0.2.7' }),
      withoutTcp('0123456789a2', 0, { src: LONG }),
      ...strangers,
    ),
  );
  expect(blocks).toEqual([
    `DNSKEY of the root's size, by trials of replicas. Who does not validate never
asks for DNSKEY there.
! ${LONG}: k20270111, 1425 octets: TC=1 and no
    query over TCP; 0 of 1 known to have reached a client.
    > DNSKEY of this size does not arrive, and where the root's does not, no
      name validates; after TC=1 it did not ask over TCP: let it ask over TCP,
      to port 53 of any address. \`padzone roll replicas\` lists when the root has
      which size.
  192.0.2.7: k20270111, 1425 octets: over TCP after TC=1; 1 of 1 reached a
    client.
  3 more lines, of sources that anybody may have made up; see --json`,
  ]);
});

it('leaves out what to do where a list of it follows', () => {
  const found = of(sentinels('192.0.2.9', '000000000004', NOT_READY), withoutTcp());
  const lines = rootKeyBlocks(found, false).join('\n').split('\n');
  expect(lines.filter((line) => line.startsWith('! '))).toHaveLength(2);
  expect(lines.filter((line) => line.includes('> '))).toEqual([]);
});
