/** `padzone roll`: zones that roll their key, to rehearse RFC 5011 with a resolver: their anchors, where they stand, which there are. */
import { addressesOf, systemResolvers } from './probe/resolvers.ts';
import { type Anchor, anchorOf } from './roll/anchor.ts';
import { calendarLines } from './roll/calendar.ts';
import { notesOf } from './roll/note.ts';
import { PROFILE_NAMES, parseRecipe, parseWish, parseZone, SOFTWARE } from './roll/options.ts';
import { type Place, placeOf } from './roll/place.ts';
import type { Recipe } from './roll/recipes/recipe.ts';
import { RECIPES } from './roll/recipes/table.ts';
import { askedSource, ownSource, type RollSource } from './roll/source.ts';
import type { Subcommand, SubcommandContext, SubcommandOption } from './subcommand.ts';

const SERVER: SubcommandOption = {
  flags: '--server <address>',
  description:
    'a server or resolver to ask; if absent the secret tells that lies with the keys of the origin, else the resolver of this system',
};

const TELLING = ['origin', 'zonesDir', 'keysDir', 'secret', 'secretFile'] as const;

export const rollAnchor: Subcommand = {
  name: 'roll anchor',
  summary: 'Print the trust anchor of a zone that will roll its key, a fresh one unless you name it',
  arguments: [{ name: '[zone]', description: 'name of a zone that exists; or its first label' }],
  options: [
    { flags: '--profile <name>', description: `of a fresh zone: ${PROFILE_NAMES} (default: "fast")` },
    {
      flags: '--start <time>',
      description: 'of a fresh zone, as 2026-11-28T22:15:00Z (default: in ten minutes)',
    },
    { flags: '--algorithm <number>', description: 'of a fresh zone: 13, 15 or 8 (default: 13)' },
    { flags: '--for <software>', description: `print the configuration to paste: ${SOFTWARE}` },
    SERVER,
  ],
  settings: TELLING,
  async run(context, [typed], options) {
    const recipe = parseRecipe(options['for']);
    const place = await placeOf(context.config());
    const source = await sourceOf(place, context, options['server']);
    const wish = parseWish(options, typed, context.now());
    const { lines, by } = await (typed === undefined
      ? source.fresh(wish.name, wish.startAt)
      : source.status(parseZone(typed, place.parent)));
    const anchor = anchorOf(lines);
    context.out.write(recipe ? recipeText(recipe, anchor, lines) : anchorText(anchor, lines));
    const { kind } = anchor.label.profile;
    const isSoon = typed === undefined && kind === 'minted' && wish.startAt === undefined;
    const notes = isSoon ? [soonNote(source)] : notesOf(anchor, context.now(), recipe ? [recipe] : RECIPES);
    note(context, by, ...notes);
    return 0;
  },
};

function note({ err }: SubcommandContext, ...texts: readonly string[]): void {
  for (const text of texts) err.write(`note: ${text}\n`);
}

function anchorText({ zone }: Anchor, lines: readonly string[]): string {
  const software = SOFTWARE.replaceAll(', ', '|');
  return `${lines.join('\n')}\n\nTo configure: padzone roll anchor ${zone} --for ${software}\n`;
}

function soonNote({ takesStart }: RollSource): string {
  return `it starts in ten minutes${takesStart ? '; --start chooses another time' : ''}`;
}

function recipeText(recipe: Recipe, anchor: Anchor, lines: readonly string[]): string {
  const facts = lines.filter((line) => !line.startsWith('anchor ')).join('\n');
  const pieces = recipe.pieces(anchor).map(({ where, lines: text }) => `\n## ${where}\n${text.join('\n')}\n`);
  return `${facts}\n${pieces.join('')}`;
}

export const rollStatus: Subcommand = {
  name: 'roll status',
  summary: 'Say where a zone that rolls its key stands: phase, keys, next change',
  arguments: [{ name: '<zone>', description: 'its name, or its first label' }],
  options: [SERVER],
  settings: TELLING,
  async run(context, [typed], options) {
    const place = await placeOf(context.config());
    const source = await sourceOf(place, context, options['server']);
    const { lines, by } = await source.status(parseZone(typed!, place.parent));
    for (const line of lines) context.out.write(`${line}\n`);
    note(context, by);
    return 0;
  },
};

export const rollCalendar: Subcommand = {
  name: 'roll calendar',
  summary: 'List the zones that roll by the clock and by the calendar, and what comes next in each',
  options: [],
  settings: ['origin', 'zonesDir'],
  async run(context) {
    const { parent } = await placeOf(context.config());
    for (const line of calendarLines(parent, context.now())) context.out.write(`${line}\n`);
    return 0;
  },
};

/** What to do where the resolver of this system knows of none, although nobody said that it should. */
const UNASKED =
  'only the resolver of this system was asked: name a server of these zones with --server, or the settings of a node with --config';

async function sourceOf(
  { parent, secret, unused }: Place,
  { now }: SubcommandContext,
  server: unknown,
): Promise<RollSource> {
  if (typeof server === 'string') return askedSource(await addressesOf(server), parent);
  if (secret) return ownSource(secret, parent, now());
  return askedSource(systemResolvers(), parent, { advice: UNASKED, reason: unused });
}
