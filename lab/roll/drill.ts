/**
 * The drill: a roll of 75 days in a minute, with the usual hold-down of 30 days.
 *
 * The servers' clock is set ahead. That of a resolver cannot be, so what it remembers of its anchors is made older by as much while it
 * does not run; signatures are valid for either clock (RFC 5011 §2.4).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../../src/config/error.ts';
import type { Profile } from '../../src/zone/roll/profile.ts';
import type { Lab, LabResolver } from '../contract.ts';
import type { SuiteFindings } from '../suites/findings.ts';
import { alignColumns, markdownTable } from '../table.ts';
import type { AnchorStates } from './anchor-store.ts';
import { type Conclusion, conclusionsOf } from './conclusions.ts';
import { statesText } from './judge.ts';
import { letterOf } from './output.ts';
import type { Participant } from './participants.ts';
import { keyTagOf, mintRehearsal, type Rehearsal } from './rehearsal.ts';
import { look, type Sight } from './watch.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** In each step a resolver is asked so often, a second apart, so that it has fetched the keys more than once. */
const LOOKS = 5;
/** Before that, until the first answer with AD: at most so often. */
const FIRST_LOOKS = 12;
const BETWEEN_MS = 1_000;

interface Step {
  readonly name: string;
  /** Seconds after the start, by the servers' clock. */
  readonly at: number;
  /** What the old and the new key must be: `undefined` for not known. A key that is gone may be forgotten. */
  readonly old: readonly (string | undefined)[];
  readonly fresh: readonly (string | undefined)[];
}

/** Knot Resolver removes a revoked key only as long as it sees it, which 30 days of hold-down outlast here; it trusts it no more. */
const GONE = ['REMOVED', 'REVOKED', undefined];

function stepsOf({ offsets: { prepub, rolled, revoked, removed } }: Profile): Step[] {
  return [
    { name: 'init', at: HOUR, old: ['VALID'], fresh: [undefined] },
    { name: 'prepub', at: prepub + 2 * HOUR, old: ['VALID'], fresh: ['ADDPEND'] },
    { name: 'prepub + 15 d', at: prepub + 15 * DAY, old: ['VALID'], fresh: ['ADDPEND'] },
    { name: 'prepub + 31 d', at: prepub + 31 * DAY, old: ['VALID'], fresh: ['VALID'] },
    { name: 'rolled + 1 d', at: rolled + DAY, old: ['VALID'], fresh: ['VALID'] },
    { name: 'revoked + 1 d', at: revoked + DAY, old: ['REVOKED'], fresh: ['VALID'] },
    { name: 'removed + 1 d', at: removed + DAY, old: ['REVOKED'], fresh: ['VALID'] },
    { name: 'removed + 31 d', at: removed + 31 * DAY, old: GONE, fresh: ['VALID'] },
  ];
}

const LEGEND = [
  "The servers' clock is set ahead, and what a resolver remembers of its anchors is made older by as much while it does not run: settings of",
  'production, without the wait. `AD` is what users got, then the anchors in its files, where some keep a revoked key under its new tag.',
  'The verdict is that of `padzone report`.',
].join('\n');

interface Stage {
  readonly step: Step;
  readonly sights: readonly Sight[];
  readonly states: AnchorStates;
}

interface Drilled extends Conclusion {
  readonly participant: Participant;
  readonly stages: Stage[];
}

/** @throws {ConfigError} where none of them keeps anchors of its own */
export async function drill(lab: Lab, chosen: readonly Participant[]): Promise<SuiteFindings> {
  const followers = chosen.flatMap((participant) =>
    participant.store === undefined ? [] : [{ participant, store: participant.store }],
  );
  if (followers.length === 0)
    throw new ConfigError('--resolvers: none of these keeps anchors, want some that follow');
  const rehearsal = await mintRehearsal(lab, 'calendar', Date.now());
  const steps = stepsOf(rehearsal.profile);
  setClock(lab, rehearsal, steps[0]!);
  const running = await Promise.all(
    followers.map(async ({ participant, store }) => {
      const unit = { resolver: participant.software, edns: 'default', path: 'clean', family: 'any' } as const;
      const own = participant.add(rehearsal.anchor, undefined);
      const resolver = await lab.open(unit, (...where) => ({ ...own(...where), isIpv4Only: true }));
      return { participant, store, resolver, stages: [] as Stage[] };
    }),
  );
  for (const [place, step] of steps.entries()) {
    const before = steps[place - 1];
    if (before !== undefined) {
      await Promise.all(running.map(({ store, resolver }) => store.flush(resolver)));
      setClock(lab, rehearsal, step);
      await Promise.all(
        running.map(({ store, resolver }) =>
          resolver.restart(() => store.age(resolver.folder, step.at - before.at)),
        ),
      );
    }
    const sights = await Promise.all(running.map(({ resolver }) => lookOften(lab, resolver, rehearsal)));
    for (const [index, { store, resolver, stages, participant }] of running.entries()) {
      const stage = { step, sights: sights[index]!, states: await store.read(resolver) };
      stages.push(stage);
      console.error(`${step.name}, ${participant.name}: ${cellOf(stage)}`);
    }
  }
  const conclude = conclusionsOf(await lab.rows(), rehearsal.zone, lab.now());
  const drilled = running.map((one) => ({ ...one, ...conclude(one.resolver.sources) }));
  return findingsOf(drilled, steps, rehearsal);
}

function setClock(lab: Lab, { startAt }: Rehearsal, { at }: Step): void {
  lab.setClock(startAt + at * 1000 - Date.now());
}

async function lookOften(lab: Lab, resolver: LabResolver, rehearsal: Rehearsal): Promise<Sight[]> {
  const next = async () => {
    await sleep(BETWEEN_MS);
    return look(resolver, rehearsal, {}, lab.now);
  };
  let first = await next();
  for (let count = 1; count < FIRST_LOOKS && !first.ad; count++) first = await next();
  const sights = [first];
  while (sights.length < LOOKS) sights.push(await next());
  return sights;
}

const cellOf = ({ sights, states }: Stage) =>
  `${[...new Set(sights.map(letterOf))].join(' ')}; ${statesText(states)}`;

function findingsOf(
  drilled: readonly Drilled[],
  steps: readonly Step[],
  rehearsal: Rehearsal,
): SuiteFindings {
  const headings = ['step', 'day', ...drilled.map(({ participant }) => participant.name)];
  const rows = steps.map((step, place) => [
    step.name,
    String(Math.floor(step.at / DAY)),
    ...drilled.map(({ stages }) => cellOf(stages[place]!)),
  ]);
  const verdicts = ['verdict', '', ...drilled.map(({ verdict }) => verdict ?? '-')];
  const oldTag = keyTagOf(rehearsal.anchor);
  const head = `Zone ${rehearsal.zone}, hold-down 30 days. K1 is ${oldTag}.`;
  return {
    title: 'Drill: 75 days in a minute',
    text: [head, alignColumns([headings, ...rows, verdicts]).join('\n')].join('\n\n'),
    markdown: [head, LEGEND, markdownTable(headings, [...rows, verdicts])].join('\n\n'),
    document: {
      zone: rehearsal.zone,
      resolvers: drilled.map(({ participant: { name, software }, stages, verdict, sentence }) => ({
        name,
        software,
        verdict: verdict ?? null,
        sentence,
        steps: stages.map(({ step, sights, states }) => ({ step: step.name, at: step.at, sights, states })),
      })),
    },
    faults: drilled.flatMap(({ participant: { name }, stages, verdict }) => [
      ...stages.flatMap((stage) =>
        faultsOf(stage, oldTag).map((fault) => `${name}, ${stage.step.name}: ${fault}`),
      ),
      ...(verdict === 'FOLLOWS' ? [] : [`${name}: the report says ${verdict ?? 'nothing'}, want FOLLOWS`]),
    ]),
  };
}

function faultsOf({ step, sights, states }: Stage, oldTag: number): string[] {
  const old = oldStateOf(states, oldTag);
  const fresh = Object.entries(states).find(([tag]) => !isOld(Number(tag), oldTag))?.[1];
  const wrong = sights.filter(({ status, ad }) => status !== 'TIMEOUT' && !(status === 'NOERROR' && ad));
  return [
    ...wrong.map(({ status }) => `${status} without AD`),
    ...(step.old.includes(old) ? [] : [`the old key is ${old ?? 'unknown'}, want ${wanted(step.old)}`]),
    ...(step.fresh.includes(fresh)
      ? []
      : [`the new key is ${fresh ?? 'unknown'}, want ${wanted(step.fresh)}`]),
  ];
}

const wanted = (states: readonly (string | undefined)[]) =>
  states.map((state) => state ?? 'unknown').join(' or ');

/** The REVOKE bit adds 128 to a tag, 129 where that carries (RFC 4034 Appendix B). */
const isOld = (tag: number, oldTag: number) =>
  [0, 128, 129].some((more) => ((oldTag + more) & 0xffff) === tag);

function oldStateOf(states: AnchorStates, oldTag: number): string | undefined {
  const own = Object.entries(states).filter(([tag]) => isOld(Number(tag), oldTag));
  return own.find(([, state]) => state === 'REVOKED')?.[1] ?? own[0]?.[1];
}
