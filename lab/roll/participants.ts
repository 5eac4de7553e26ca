/** Who takes part in a roll: resolvers with an anchor for the zone that follow it, others that cannot, and some without (RFC 5011). */
import { join } from 'node:path';
import type { Pace } from '../../src/zone/roll/profile.ts';
import type { Add } from '../resolvers/resolver.ts';
import {
  ANCHOR_FILE,
  type AnchorStore,
  bindStore,
  knotStore,
  RNDC_FILE,
  unboundStore,
} from './anchor-store.ts';
import type { Anchor } from './rehearsal.ts';

/**
 * `follows`: the new key becomes an anchor by itself. `static`: only its configuration says. `permissive`: static, and what does not
 * validate is handed on all the same. `lacks`: it has no anchor. `open`: it does not validate.
 */
export type Manner = 'follows' | 'static' | 'permissive' | 'lacks' | 'open';

export interface Participant {
  readonly name: string;
  /** Name in the table of resolvers. */
  readonly software: string;
  readonly manner: Manner;
  /** Of those that follow. */
  readonly store?: AnchorStore;
  /** @param pace absent for the software's own, 30 days */
  add(anchor: Anchor, pace: Pace | undefined): Add;
}

const nothing: Add = () => ({ lines: '' });

export const PARTICIPANTS: readonly Participant[] = [
  {
    name: 'unbound',
    software: 'unbound',
    manner: 'follows',
    store: unboundStore,
    add:
      ({ dnskey }, pace) =>
      (folder) => ({
        lines: `  auto-trust-anchor-file: "${join(folder, ANCHOR_FILE)}"\n${
          pace === undefined
            ? ''
            : `  permit-small-holddown: yes\n  add-holddown: ${pace.holdDown}\n  del-holddown: ${pace.holdDown}\n`
        }`,
        files: { [ANCHOR_FILE]: `${dnskey}\n` },
      }),
  },
  {
    name: 'bind',
    software: 'bind',
    manner: 'follows',
    store: bindStore,
    // Within 9.18 any setting of dnssec-validation follows; from 9.20 on only `auto` does.
    add:
      (anchor, pace) =>
      (_folder, { ipv4 }) => ({
        lines: `${bindInitialKey(anchor)}${RNDC_KEY}
controls { inet ${ipv4} port 953 allow { any; } keys { lab; }; };
`,
        files: {
          [RNDC_FILE]: `${RNDC_KEY}\noptions { default-key lab; default-server ${ipv4}; default-port 953; };\n`,
        },
        args: [
          ...(pace === undefined ? [] : ['-T', `mkeytimers=${pace.refresh}/${pace.day}/${pace.holdDown}`]),
          '-T',
          `tat=${pace?.telemetry ?? 1}`,
        ],
      }),
  },
  {
    name: 'knot',
    software: 'knot',
    manner: 'follows',
    store: knotStore,
    // From an empty cache it takes the DS of the parent, which matches nothing, for 5 s. What it misses then it tries again in an
    // hour at the earliest, unless it is told.
    add:
      ({ dnskey }, pace) =>
      (folder) => ({
        lines: `modules.load('ta_update')
ta_update.refresh_time = ${pace?.refresh ?? 2} * sec
${pace === undefined ? '' : `ta_update.hold_down_time = ${pace.holdDown} * sec\n`}trust_anchors.add_file('${join(folder, ANCHOR_FILE)}', false)
`,
        files: { [ANCHOR_FILE]: `${dnskey}\n` },
      }),
  },
  {
    name: 'unbound-static',
    software: 'unbound',
    manner: 'static',
    add:
      ({ zone, ds }) =>
      () => ({ lines: `  trust-anchor: "${zone} DS ${ds.join(' ')}"\n` }),
  },
  {
    name: 'bind-static',
    software: 'bind',
    manner: 'static',
    add: (anchor, pace) => () => ({
      lines: bindStaticDs(anchor),
      args: ['-T', `tat=${pace?.telemetry ?? 1}`],
    }),
  },
  {
    name: 'powerdns',
    software: 'powerdns',
    manner: 'static',
    add:
      ({ zone, ds }) =>
      () => ({ lines: `addTA('${zone}', '${ds.join(' ')}')\n` }),
  },
  {
    name: 'unbound-permissive',
    software: 'unbound',
    manner: 'permissive',
    add:
      ({ zone, ds }) =>
      () => ({ lines: `  trust-anchor: "${zone} DS ${ds.join(' ')}"\n  val-permissive-mode: yes\n` }),
  },
  { name: 'unbound-without', software: 'unbound', manner: 'lacks', add: () => nothing },
  {
    name: 'unbound-open',
    software: 'unbound',
    manner: 'open',
    add: () => () => ({ lines: '  module-config: "iterator"\n' }),
  },
];

/** Behind name, class and TYPE. */
const DNSKEY_FIELDS_AT = 3;
const RNDC_KEY = 'key lab { algorithm hmac-sha256; secret "bGFiLW9ubHk="; };';

/** As `padzone roll anchor --for bind` prints it. */
function bindInitialKey({ zone, dnskey }: Anchor): string {
  const [flags, protocol, algorithm, ...key] = dnskey.split(' ').slice(DNSKEY_FIELDS_AT);
  return `trust-anchors { "${zone}" initial-key ${flags} ${protocol} ${algorithm} "${key.join('')}"; };\n`;
}

function bindStaticDs({ zone, ds: [tag, algorithm, type, digest] }: Anchor): string {
  return `trust-anchors { "${zone}" static-ds ${tag} ${algorithm} ${type} "${digest}"; };\n`;
}
