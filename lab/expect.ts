/** Expectations: which verdict a cell must get, from what is known of resolver, EDNS size, path and family; never from what came out. */
import type { Cell } from './contract.ts';
import { byChance, classesOf, type Found, isDelivered, ruleOf } from './expect-rules.ts';
import { type Prospect, prospectOf } from './prospect.ts';

export interface Expectation {
  /** Any of them is right; usually one. */
  readonly classes: readonly Found[];
  /** Also right where an answer is shown to have come after the resolver had given it up: late is as good as lost. */
  readonly late: readonly Found[];
  /** Whether the verdict must be sure of itself: the lab shows it all that there is to see. */
  readonly isSure: boolean;
  /** Name of the rule in the table. */
  readonly rule: string;
  readonly reason: string;
  /** Why no server could know what the user of this resolver gets. */
  readonly unknowable?: string;
}

/**
 * What the verdict of that cell must be; where chance has its part, whatever it may be (truth.ts says which of them).
 *
 * @param earlier sizes that the same resolver asked for before
 */
export function expectationOf(cell: Cell, earlier: readonly number[] = []): Expectation {
  const expectations = prospectsOf(cell, earlier).map(decide);
  const [first] = expectations;
  if (first === undefined) throw new Error('a cell has a family');
  const classes = [...new Set(expectations.flatMap((one) => one.classes))];
  return {
    ...first,
    classes,
    late: [...new Set(expectations.flatMap(({ late }) => late))],
    isSure: classes.length === 1 && first.isSure,
  };
}

/** One for each family that its queries may use. */
export function prospectsOf(cell: Cell, earlier: readonly number[] = []): Prospect[] {
  const families = cell.family === 'any' ? ([4, 6] as const) : [cell.family];
  return families.map((family) => prospectOf(cell, family, earlier));
}

function decide(prospect: Prospect): Expectation {
  const { name, reason, unknowable } = ruleOf(prospect);
  const classes = classesOf(prospect);
  return {
    classes,
    late: prospect.arrives ? byChance(prospect).filter(isDelivered) : [],
    isSure: classes.every((one) => isDelivered(one) || isShownByFragments(one, prospect)),
    rule: name,
    reason,
    ...(unknowable !== undefined && { unknowable }),
  };
}

/** A loss is sure where ICMP says that fragments are missing. */
function isShownByFragments(name: Found, { path, leaves }: Prospect): boolean {
  return name === 'LOSS_RETRY_FAIL' && path.tells === 'reassembly' && leaves === 'fragments';
}
