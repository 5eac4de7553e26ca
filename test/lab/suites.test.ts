/** The suites of the lab without a lab: choosing one, its options, its section of the page. */
import { describe, expect, it } from 'vitest';
import { formatHelp } from '../../lab/help.ts';
import { ALL_SOFTWARE } from '../../lab/resolvers/table.ts';
import { chooseSuite } from '../../lab/suites/choose.ts';
import { withSection } from '../../lab/suites/findings.ts';
import { parseSuiteOptions } from '../../lab/suites/options.ts';
import { SUITES } from '../../lab/suites/table.ts';
import { versionsOf } from '../../lab/versions.ts';

describe('which suite', () => {
  it('the matrix of deliveries where none is named, with all options', () => {
    const { suite, rest } = chooseSuite(['--smoke', '--json', 'x']);
    expect([suite.name, rest]).toEqual(['delivery', ['--smoke', '--json', 'x']]);
  });

  it.each(SUITES.map(({ name }) => name))('%s by its name, either way of writing it', (name) => {
    for (const args of [['--suite', name], [`--suite=${name}`]]) {
      const { suite, rest } = chooseSuite([...args, '--results']);
      expect([suite.name, rest]).toEqual([name, ['--results']]);
    }
  });

  it.each([[['--suite', 'rolls']], [['--suite']]])('%j is refused with what there is', (args) => {
    expect(() => chooseSuite(args)).toThrow(
      /--suite: '(rolls)?' is unknown, want one of delivery \(.*\), roll \(/,
    );
  });
});

describe('help', () => {
  it('names each suite with its options', () => {
    const help = formatHelp(SUITES);
    for (const { name, summary } of SUITES) expect(help).toContain(`${name}: ${summary}`);
    for (const { usage } of SUITES) expect(help).toContain(usage);
    expect(help).toContain('--profile fast|standard|no-tcp|calendar');
  });
});

describe('options', () => {
  it('all resolvers in the order of the table, and the first profile', () => {
    expect(parseSuiteOptions([], ['a', 'b'], ['fast', 'slow'])).toEqual({
      resolvers: ['a', 'b'],
      json: undefined,
      rows: undefined,
      results: false,
      profile: 'fast',
    });
    expect(parseSuiteOptions(['--resolvers', 'b,a', '--results'], ['a', 'b', 'c'])).toMatchObject({
      resolvers: ['a', 'b'],
      results: true,
    });
  });

  it.each([
    [['--resolvers', 'a,z'], "--resolvers: 'z' is unknown, want some of a,b"],
    [['--profile', 'fast'], "--profile: 'fast' is unknown, no such option here"],
    [['--rows', '/'], "--rows: '/' cannot be made, want a new folder in one that there is"],
    [['--colour'], 'usage: [--resolvers NAME,…] [--json FILE]'],
  ])('%j is refused', (args, message) => {
    expect(() => parseSuiteOptions(args, ['a', 'b'])).toThrow(message);
  });
});

describe('software', () => {
  it('each row has a name of its own, and what stands behind one is a row that iterates', () => {
    const names = ALL_SOFTWARE.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const behind = ALL_SOFTWARE.flatMap((one) => one.behind ?? []);
    expect(behind).toEqual(['unbound', 'unbound-open']);
    for (const name of behind)
      expect(ALL_SOFTWARE.find((one) => one.name === name)?.behind, name).toBeUndefined();
  });

  it('programs have one version each, however many rows run them', () => {
    const names = Object.keys(versionsOf(['dnsmasq', 'dnsmasq-validating', 'unbound-open']));
    expect(names).toEqual(['dnsmasq', 'unbound', 'nft', 'Linux', 'Node.js']);
  });
});

describe('the page of results', () => {
  const page = withSection(withSection('# Results\n', 'One', 'first'), 'Two', 'second');

  it('sections stand in the order in which they came', () => {
    expect(page).toBe('# Results\n\n## One\n\nfirst\n\n## Two\n\nsecond\n');
  });

  it('a section that comes again takes the place of the old one', () => {
    const again = withSection(page, 'One', 'other\n\n### With a heading\n');
    expect(again).toBe('# Results\n\n## One\n\nother\n\n### With a heading\n\n## Two\n\nsecond\n');
    expect(withSection(again, 'One', 'first')).toBe(page);
  });
});
