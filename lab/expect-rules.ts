/** Rules of expectations: THE TABLE that says which verdict follows from path, resolver and size; never from what came out. */
import { VERDICT_CLASSES, type VerdictClass } from '../src/observe/verdict-class.ts';
import type { Prospect } from './prospect.ts';

/** `UNSEEN`: no query of the run reached a server. */
export type Found = VerdictClass | 'UNSEEN';

export interface Rule {
  readonly name: string;
  readonly reason: string;
  readonly unknowable?: string;
  holds(prospect: Prospect): boolean;
  readonly classes: readonly Found[] | ((prospect: Prospect) => readonly Found[]);
}

/** Tried from top to bottom, the first that holds decides. */
export const RULES: readonly Rule[] = [
  {
    name: 'edns-dropped-tcp',
    reason:
      'queries over UDP with OPT vanish on the path; after two losses at a server it asks there over TCP, unless the time of its user is up on the way down',
    holds: ({ path, recovery, tcp }) => path.edns === 'dropped' && recovery === 'tcp' && tcp === 'arrives',
    classes: ['TCP_DIRECT', 'UNSEEN'],
  },
  {
    name: 'edns-dropped',
    reason: 'queries over UDP with OPT vanish on the path, and it never asks without',
    unknowable: 'nothing of this resolver ever reaches a server',
    holds: ({ path }) => path.edns === 'dropped',
    classes: ['UNSEEN'],
  },
  {
    name: 'stripped-unasked',
    reason: 'without OPT no keys come with signatures; it validates the way down first and asks no further',
    unknowable: 'the resolver gives up before it asks the servers of the test zone',
    holds: ({ path, habit }) => path.edns === 'stripped' && habit.validates === 'before-asking',
    classes: ['UNSEEN'],
  },
  {
    name: 'stripped-gate',
    reason: 'without OPT the opening answer has no signatures; it refuses that one and follows no further',
    unknowable: 'the measured name is never asked',
    holds: ({ path, habit }) => path.edns === 'stripped' && habit.validates === 'each-answer',
    classes: ['INDETERMINATE'],
  },
  {
    name: 'chance',
    reason:
      'packets get lost by chance: whatever its habits allow; the verdict must agree with what the client got',
    holds: ({ path }) => path.lossPercent > 0,
    classes: byChance,
  },
  {
    name: 'farm',
    reason:
      'each query may come from another prefix: as on that path from one address, unless the gate gives up (TC=1) or a stranger asks for the receipt',
    holds: ({ path, arrives }) => path.farm && arrives,
    classes: (prospect) => [...byPath(prospect), ...FARM_ENDS],
  },
  {
    name: 'farm-lost',
    reason:
      'each query may come from another prefix and IP version: a retry may find a way that passes, or be sent TC=1 by the gate; each opening answer makes it try UDP anew',
    holds: ({ path }) => path.farm,
    classes: (prospect) => [
      ...byPath(prospect),
      ...FARM_ENDS,
      'UDP_OK_RETRY',
      'LOSS_TCP_OK',
      'LOSS_RETRY_FAIL',
    ],
  },
  {
    name: 'too-big-smaller',
    reason:
      'over IPv6 too big for a router that says so: lost; it asks with a smaller EDNS size, gets TC=1, then TCP, which passes',
    holds: ({ tooBig, habit }) => tooBig === 'told' && habit.secondTry === 'smaller',
    classes: ['UDP_OK_SMALLER'],
  },
  {
    name: 'too-big',
    reason:
      'over IPv6 too big for a router that says so: lost, which teaches the servers; what it asks for again comes in fragments',
    holds: ({ tooBig }) => tooBig === 'told',
    classes: ['UDP_OK_RETRY'],
  },
  {
    name: 'too-big-known',
    reason:
      'the servers know from a smaller size how much passes: it comes in fragments, which not every server may see',
    holds: ({ tooBig }) => tooBig === 'known',
    classes: ['UDP_OK_FRAG', 'UDP_OK_WHOLE'],
  },
  {
    name: 'whole',
    reason: 'the answer fits the EDNS size and passes in one packet',
    holds: ({ leaves, arrives }) => leaves === 'whole' && arrives,
    classes: ['UDP_OK_WHOLE'],
  },
  {
    name: 'fragments',
    reason: 'the answer fits the EDNS size and passes in fragments',
    holds: ({ leaves, arrives }) => leaves === 'fragments' && arrives,
    classes: ['UDP_OK_FRAG'],
  },
  {
    name: 'truncated',
    reason: 'larger than the EDNS size: TC=1, then TCP, which passes',
    holds: ({ leaves, tcp }) => leaves === 'truncated' && tcp === 'arrives',
    classes: ['TC_TCP_OK'],
  },
  {
    name: 'truncated-stall',
    reason: 'larger than the EDNS size: TC=1, then TCP, whose full segments vanish',
    holds: ({ leaves, tcp }) => leaves === 'truncated' && tcp === 'stalls',
    classes: ['TC_TCP_STALL'],
  },
  {
    name: 'truncated-cut',
    reason:
      'larger than the EDNS size, or than the smaller one after a loss: TC=1, then TCP, which is reset before the query comes; servers see a connection that ends without one',
    holds: ({ leaves, recovery, tcp }) => (leaves === 'truncated' || recovery === 'smaller') && tcp === 'cut',
    classes: ['TC_TCP_BROKEN'],
  },
  {
    name: 'truncated-blocked-silent',
    reason: 'larger than the EDNS size: TC=1, TCP reaches no server, and it asks no more over UDP',
    unknowable: 'one TC=1, then silence: that answer itself may be lost, or the user gone',
    holds: ({ leaves, habit }) => leaves === 'truncated' && habit.afterTcpFails === 'silent',
    classes: ['SILENT'],
  },
  {
    name: 'truncated-reset-each',
    reason: 'larger than the EDNS size: TC=1, TCP is reset, and the other server is asked in the same moment',
    unknowable:
      'two TC=1 within a millisecond, then silence: the same as from a user who asks both servers at once',
    holds: ({ leaves, path, habit }) =>
      leaves === 'truncated' && path.tcp === 'reset' && habit.afterTcpFails === 'asks-each',
    classes: ['SILENT'],
  },
  {
    name: 'truncated-blocked-once',
    reason:
      'larger than the EDNS size: TC=1, TCP reaches no server, and the only server that lives was asked',
    unknowable: 'one TC=1, then silence: that answer itself may be lost, or the user gone',
    holds: ({ leaves, path, habit }) =>
      leaves === 'truncated' && path.servers === 1 && habit.afterTcpFails === 'asks-each',
    classes: ['SILENT'],
  },
  {
    name: 'truncated-blocked',
    reason: 'larger than the EDNS size: TC=1, TCP reaches no server, and it asks again or returns the cookie',
    holds: ({ leaves }) => leaves === 'truncated',
    classes: ['TC_NO_TCP'],
  },
  {
    name: 'lost-smaller',
    reason: 'lost over UDP; it asks with a smaller EDNS size, gets TC=1, then TCP, which passes',
    holds: ({ recovery, tcp }) => recovery === 'smaller' && tcp === 'arrives',
    classes: ['UDP_OK_SMALLER'],
  },
  {
    name: 'lost-smaller-stall',
    reason:
      'lost over UDP; it asks with a smaller EDNS size, gets TC=1, then TCP, whose full segments vanish',
    holds: ({ recovery, tcp }) => recovery === 'smaller' && tcp === 'stalls',
    classes: ['TC_TCP_STALL'],
  },
  {
    name: 'lost-smaller-blocked',
    reason: 'lost over UDP; it asks with a smaller EDNS size, gets TC=1, and TCP reaches no server',
    holds: ({ recovery }) => recovery === 'smaller',
    classes: ['TC_NO_TCP'],
  },
  {
    name: 'lost-in-vain',
    reason: 'lost over UDP; its smaller EDNS size still fits the answer, so no TC=1 ever comes',
    holds: ({ recovery }) => recovery === 'in-vain',
    classes: ['LOSS_RETRY_FAIL'],
  },
  {
    name: 'lost-tcp-one-server',
    reason:
      'lost over UDP; after two losses it asks over TCP by itself, and chance decides what of it at the server that lives',
    holds: ({ recovery, tcp, path }) => recovery === 'tcp' && tcp === 'arrives' && path.servers === 1,
    classes: ['LOSS_TCP_OK', 'LOSS_RETRY_FAIL', 'TCP_DIRECT', 'SILENT'],
  },
  {
    name: 'lost-tcp',
    reason: 'lost over UDP; after two losses it asks over TCP by itself, which passes',
    holds: ({ recovery, tcp }) => recovery === 'tcp' && tcp === 'arrives',
    classes: ['LOSS_TCP_OK'],
  },
  {
    name: 'lost-tcp-stall',
    reason:
      'lost over UDP, again and again; it asks over TCP by itself, without TC=1, and full segments vanish',
    holds: ({ recovery, tcp }) => recovery === 'tcp' && tcp === 'stalls',
    classes: ['LOSS_RETRY_FAIL'],
  },
  {
    name: 'lost-tcp-blocked',
    reason: 'lost over UDP, again and again, and TCP reaches no server',
    holds: ({ recovery }) => recovery === 'tcp',
    classes: ['LOSS_RETRY_FAIL'],
  },
  {
    name: 'lost-each-server',
    reason: 'lost over UDP; it asks each server once and gives up',
    holds: ({ path }) => path.servers > 1,
    classes: ['LOSS_RETRY_FAIL'],
  },
  {
    name: 'lost-once',
    reason: 'lost over UDP; it asks the only server that lives once and gives up',
    unknowable: 'one answer, then silence: the same as from a user who has gone',
    holds: () => true,
    classes: ['SILENT'],
  },
];

/** The rule that decides. */
export function ruleOf(prospect: Prospect): Rule {
  const rule = RULES.find(({ holds }) => holds(prospect));
  if (rule === undefined) throw new Error('the last rule holds for every cell');
  return rule;
}

export function classesOf(prospect: Prospect): readonly Found[] {
  const { classes } = ruleOf(prospect);
  return typeof classes === 'function' ? classes(prospect) : classes;
}

export function isDelivered(name: Found): boolean {
  return name !== 'UNSEEN' && VERDICT_CLASSES[name].outcome === 'delivered';
}

/** As if all queries came from one address and nothing was left to chance. */
function byPath(prospect: Prospect): readonly Found[] {
  return classesOf({ ...prospect, path: { ...prospect.path, farm: false, lossPercent: 0 } });
}

/** Every step may get lost for good, every answer once; what follows is up to the resolver's habits. */
export function byChance(prospect: Prospect): readonly Found[] {
  const always: readonly Found[] = [...byPath(prospect), 'UNSEEN', 'INDETERMINATE', 'SILENT'];
  const overTcp: readonly Found[] = ['TC_TCP_STALL', 'TC_TCP_BROKEN'];
  if (prospect.leaves === 'truncated')
    return [...always, ...overTcp, 'TC_NO_TCP', ...(prospect.recovery === 'tcp' ? TCP_FIRST : [])];
  const again: readonly Found[] = [...always, 'UDP_OK_RETRY', 'LOSS_RETRY_FAIL'];
  switch (prospect.recovery) {
    case 'smaller':
      return [...again, ...overTcp, 'UDP_OK_SMALLER', 'TC_TCP_OK', 'TC_NO_TCP'];
    case 'in-vain':
      return [...again, 'UDP_OK_SMALLER'];
    case 'tcp':
      return [...again, ...overTcp, ...TCP_FIRST, 'LOSS_TCP_OK'];
    case 'next-server':
      return again;
  }
}

/** Both queries over UDP may get lost before it turns to TCP. */
const TCP_FIRST: readonly Found[] = ['TCP_DIRECT'];

/** Where the gate or the receipt is asked for by one prefix too many. */
const FARM_ENDS: readonly Found[] = ['EXCLUDED', 'TCP_DIRECT', 'INDETERMINATE'];
