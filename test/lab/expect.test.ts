/** What the lab is asked for, and what it expects of every cell. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lab/contract.ts';
import { expectationOf } from '../../lab/expect.ts';
import { RULES } from '../../lab/expect-rules.ts';
import { HABITS } from '../../lab/habits.ts';
import { IMPAIRMENTS } from '../../lab/impairments.ts';
import { SMOKE, sizesOf, unitsOf, WHOLE_MATRIX } from '../../lab/matrix.ts';
import { parseOptions } from '../../lab/options.ts';
import { IMPAIRMENT_TRAITS } from '../../lab/path-traits.ts';
import { RESOLVERS } from '../../lab/resolvers/table.ts';
import { VERDICT_CLASSES } from '../../src/observe/verdict-class.ts';
import { cellOf } from './cells.ts';

const ALL_CELLS = unitsOf(WHOLE_MATRIX).flatMap((unit) =>
  sizesOf(unit, WHOLE_MATRIX).map((size): Cell => ({ ...unit, size })),
);

describe('options', () => {
  it('without any are the whole matrix', () => {
    expect(parseOptions([])).toMatchObject({ ...WHOLE_MATRIX, jobs: 30, smoke: false, json: undefined });
  });

  it('--smoke is a small one, of which single parts may be chosen otherwise', () => {
    expect(parseOptions(['--smoke', '--resolvers', 'bind'])).toMatchObject({
      ...SMOKE,
      resolvers: ['bind'],
      smoke: true,
    });
  });

  it('sizes are sorted, doubles dropped', () => {
    const options = parseOptions(['--sizes', '4096,512,4096', '--edns', 'default,1232', '--families', '6']);
    expect(options).toMatchObject({ sizes: [512, 4096], edns: ['default', 1232], families: [6] });
  });

  it.each([
    ['--resolvers', 'unbund', /^--resolvers: 'unbund' is unknown, want some of unbound,bind,knot,/],
    ['--paths', 'frag+tpc53', /"tpc53" is unknown, want some of clean, frag,/],
    ['--paths', 'nat+farm', /nat and farm both rewrite source addresses/],
    ['--paths', 'frag+tcp53+frag', /"frag" stands there twice, want each once/],
    ['--sizes', '511', /^--sizes: '511', want a whole number from 512 to 4096/],
    ['--sizes', '512,x', /^--sizes: 'x', want/],
    ['--edns', '1400', /^--edns: '1400' is unknown, want some of 4096,1232,default/],
    ['--families', '5', /^--families: '5' is unknown, want some of 4,6/],
    [
      '--json',
      '/nonexistent/x.json',
      /^--json: '\/nonexistent\/x\.json' cannot be written, want a file in a folder/,
    ],
    ['--json', '/', /^--json: '\/' cannot be written/],
    ['--rows', '/tmp', /^--rows: '\/tmp' cannot be made, want a new folder in one that there is/],
    ['--rows', '/nonexistent/rows', /^--rows: .* cannot be made/],
    ['--jobs', '0', /^--jobs: '0', want a whole number from 1 to 60/],
    ['--nosuch', 'x', /'--nosuch'; usage: \[--resolvers /],
  ])('%s %s is refused in one line that says what is allowed', (option, value, message) => {
    const refused = () => parseOptions([option, value]);
    expect(refused).toThrow(message);
    expect(refused).toThrow(/^[^\n]*$/);
  });
});

describe('expectations', () => {
  it('know every impairment and every resolver of the lab', () => {
    expect(Object.keys(IMPAIRMENT_TRAITS).sort()).toEqual(IMPAIRMENTS.map(({ name }) => name).sort());
    expect(Object.keys(HABITS)).toEqual(RESOLVERS.map(({ name }) => name));
  });

  it('every cell of the whole matrix has one, of classes that there are', () => {
    expect(ALL_CELLS.length).toBe((29 * 2 + 2) * 5 * 3 * 4 + 5 * 5);
    const known = new Set<string>([...Object.keys(VERDICT_CLASSES), 'UNSEEN']);
    const strange = ALL_CELLS.map((cell) => expectationOf(cell)).filter(
      ({ classes }) => classes.length === 0 || classes.some((name) => !known.has(name)),
    );
    expect(strange).toEqual([]);
  });

  it('are one class wherever nothing is left to chance', () => {
    const sets = ALL_CELLS.filter((cell) => expectationOf(cell).classes.length > 1);
    const where = sets.map(({ path, resolver }) => (/loss|farm/.test(path) ? path : `${path} ${resolver}`));
    expect(new Set(where)).toEqual(
      new Set(['loss10', 'loss30', 'farm', 'farm+frag', 'noedns knot', 'frag+onedead knot']),
    );
  });

  it('say why, where no server could know', () => {
    const silent = ALL_CELLS.map((cell) => expectationOf(cell)).filter(({ classes }) =>
      classes.every((name) => name === 'SILENT' || name === 'UNSEEN'),
    );
    expect(silent.length).toBeGreaterThan(0);
    expect(silent.filter(({ unknowable }) => unknowable === undefined)).toEqual([]);
  });

  it('every rule decides some cell of the whole matrix, or of one with more sizes', () => {
    const more = expectationOf(cellOf('bind 4096 ptb1280 6 1440'), [512, 1300]);
    const used = new Set([...ALL_CELLS.map((cell) => expectationOf(cell)), more].map(({ rule }) => rule));
    expect(RULES.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
  });

  it.each([
    ['unbound 4096 clean 4 1472', ['UDP_OK_WHOLE'], 'packet of 1500 octets'],
    ['unbound 4096 clean 6 1472', ['UDP_OK_FRAG'], 'packet of 1520 octets'],
    ['unbound default clean 4 4096', ['TC_TCP_OK'], 'EDNS 1232 by default'],
    ['unbound 4096 frag 4 4096', ['UDP_OK_SMALLER'], '1472, TC=1, TCP'],
    ['bind 4096 frag 6 1472', ['UDP_OK_SMALLER'], 'echo, TC=1, TCP'],
    ['knot 4096 frag 4 4096', ['LOSS_TCP_OK'], 'TCP without TC=1'],
    ['powerdns 4096 frag 4 4096', ['LOSS_RETRY_FAIL'], 'each server once'],
    ['powerdns 4096 frag+onedead 4 4096', ['SILENT'], 'the only server once'],
    ['unbound 4096 mtu1280 4 1472', ['LOSS_RETRY_FAIL'], 'its 1472 still fits the answer'],
    ['unbound 4096 mtu1280 6 1472', ['UDP_OK_FRAG'], 'IPv6 fragments of 1280 pass'],
    ['unbound 1232 mtu1280 6 1472', ['TC_TCP_STALL'], 'MSS 1440'],
    ['bind 1232 mtu1280 6 1472', ['TC_TCP_OK'], 'MSS 1220'],
    ['unbound 1232 ptb-filtered 4 4096', ['TC_TCP_STALL'], 'TCP has DF set'],
    ['unbound 4096 ptb-filtered 4 4096', ['UDP_OK_FRAG'], 'UDP has it clear'],
    ['unbound 1232 ptb1280 4 4096', ['TC_TCP_OK'], 'ICMP works'],
    ['bind 4096 ptb1280 6 1440', ['UDP_OK_RETRY'], 'the loss teaches the servers'],
    ['unbound 4096 ptb1400 6 1440', ['UDP_OK_SMALLER'], '1232, TC=1, TCP'],
    ['knot 4096 ptb1400 6 1300', ['UDP_OK_WHOLE'], 'packet of 1348 octets'],
    ['knot 4096 ptb1280 4 1440', ['UDP_OK_WHOLE'], 'the router cuts it'],
    ['knot 4096 ptb1280 6 1472', ['UDP_OK_FRAG'], 'IPv6 fragments of 1280 pass'],
    ['powerdns 4096 ptb-filtered 6 1440', ['LOSS_RETRY_FAIL'], 'nobody says how much passes'],
    ['unbound 4096 ptb-filtered 6 1440', ['TC_TCP_STALL'], '1232, TC=1, TCP has MSS 1440'],
    ['bind 4096 ptb-filtered 6 1440', ['UDP_OK_SMALLER'], 'MSS 1220'],
    ['bind 1232 tcp53-data 4 4096', ['TC_TCP_STALL'], 'it connects, no answer comes'],
    ['bind 1232 tcp53-cut 6 4096', ['TC_TCP_BROKEN'], 'it connects, and is reset'],
    ['knot default tcp53-cut 4 4096', ['TC_TCP_BROKEN'], 'the servers hear of it, though it asks no more'],
    ['unbound 4096 frag+tcp53-cut 4 4096', ['TC_TCP_BROKEN'], 'TC=1 at the smaller size, then TCP is reset'],
    ['knot 4096 frag+tcp53-cut 4 4096', ['LOSS_RETRY_FAIL'], 'no TC=1 ever'],
    ['bind 4096 frag+tcp53 6 1472', ['TC_NO_TCP'], 'TC=1 at the smaller size, TCP reaches no server'],
    ['unbound 4096 prohibited 6 4096', ['UDP_OK_SMALLER'], '1232, TC=1, TCP'],
    ['unbound 1232 tcp53 4 4096', ['TC_NO_TCP'], 'asks again'],
    ['bind 1232 tcp53-rst 4 4096', ['TC_NO_TCP'], 'returns the cookie'],
    ['knot 1232 tcp53 4 4096', ['SILENT'], 'asks no more'],
    ['knot 4096 frag+tcp53 4 4096', ['LOSS_RETRY_FAIL'], 'no TC=1 ever'],
    ['unbound 4096 frag+tcp53 4 4096', ['TC_NO_TCP'], 'TC=1 at the smaller size'],
    ['unbound 4096 udp1232 4 1472', ['LOSS_RETRY_FAIL'], 'its 1472 still fits the answer'],
    ['unbound 4096 udp1232 6 1472', ['UDP_OK_SMALLER'], 'its 1232 does not'],
    ['unbound 4096 noedns-strip 4 512', ['UDP_OK_WHOLE'], '512 octets without EDNS'],
    ['unbound 4096 noedns-strip 4 1232', ['TC_TCP_OK'], 'no more without EDNS'],
    ['bind 4096 noedns-strip 4 512', ['INDETERMINATE'], 'refuses the opening answer'],
    ['bind 4096 noedns 4 512', ['UNSEEN'], 'never without EDNS'],
  ])('%s: %j, %s', (text, classes) => {
    expect(expectationOf(cellOf(text)).classes).toEqual(classes);
  });
});
