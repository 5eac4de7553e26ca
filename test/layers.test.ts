/** The layers, lowest first: a file imports its own and lower ones. Also: no private key in git, a first line that says what a file is. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const LAYERS = [
  'kernel',
  'wire',
  'dnssec',
  'zone',
  'behaviors',
  'record',
  'server',
  'engine',
  'observe',
  'store',
  'export',
  'http',
  'cli',
];
/** What stands outside the list: the lowest layer that may import it, and the highest that it may import. */
const OUTSIDE: Readonly<Record<string, { importedFrom: string; imports: string }>> = {
  config: { importedFrom: 'server', imports: 'server' },
  log: { importedFrom: 'server', imports: 'server' },
  app: { importedFrom: 'cli', imports: 'http' },
  version: { importedFrom: 'cli', imports: 'wire' },
};
const rank = (layer: string) => LAYERS.indexOf(layer);

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.d.ts'),
);
const layerOf = (file: string) => file.split('/')[0]!.replace(/\.ts$/, '');
const importsOf = (file: string) =>
  [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map(([, path]) =>
    relative('src', join('src', dirname(file), path!)),
  );

function allows(from: string, to: string): boolean {
  if (from === to) return true;
  const [source, target] = [OUTSIDE[from], OUTSIDE[to]];
  if (source && target) return from === 'app' || (from === 'log' && to === 'config');
  if (source) return rank(to) <= rank(source.imports);
  return target ? rank(from) >= rank(target.importedFrom) : rank(to) <= rank(from);
}

it('every file of src lies in a layer, and imports with its full name', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => rank(layerOf(file)) < 0 && !OUTSIDE[layerOf(file)])).toEqual([]);
  expect(files.flatMap(importsOf).filter((file) => !files.includes(file))).toEqual([]);
});

it('no file imports a layer above its own', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => !allows(layerOf(file), layerOf(imported)))
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(wrong).toEqual([]);
});

it.each([
  ['wire', 'dnssec', false],
  ['zone', 'server', false],
  ['store', 'config', true],
  ['behaviors', 'config', false],
  ['http', 'app', false],
  ['cli', 'app', true],
  ['server', 'version', false],
  ['app', 'cli', false],
  ['config', 'log', false],
])('%s may import %s: %s', (from, to, expected) => {
  expect(allows(from, to)).toBe(expected);
});

it('only the packet layer and the edges touch sockets', () => {
  const users = files.filter((file) =>
    /from 'node:(dgram|net|http)'/.test(readFileSync(join('src', file), 'utf8')),
  );
  expect(
    users
      .filter((file) => rank(layerOf(file)) >= 0 && rank(layerOf(file)) < rank('server'))
      .filter((file) => file !== 'wire/address.ts'),
  ).toEqual([]);
});

it('a packet thread loads no package that checks settings or zone files: each thread would pay for it', () => {
  // Types do not load anything: an import without values is gone when it runs.
  const loads = (file: string) =>
    [
      ...readFileSync(join('src', file), 'utf8').matchAll(
        /^(?:import|export) (?!type )(?:\{\s*(?!(?:type [^,}]+,?\s*)+\})[^}]*\}|[^{'"]+?) from '([^']+)';$/gm,
      ),
    ].map(([, from]) => from!);
  const [seen, packages] = [new Set(['engine/linux/worker.ts']), new Set<string>()];
  for (const file of seen)
    for (const from of loads(file))
      if (from.startsWith('.')) seen.add(relative('src', join('src', dirname(file), from)));
      else if (!from.startsWith('node:')) packages.add(from);
  expect(seen.size).toBeGreaterThan(150);
  expect([...packages].sort()).toEqual(['@noble/ed25519', '@noble/post-quantum/ml-dsa.js']);
});

it('every file opens with one line that says what it is', () => {
  const bare = files.filter(
    (file) => !/^(#!.*\n)?\/\*\*( .+ \*\/\n|\n \* .+\n)/.test(readFileSync(join('src', file), 'utf8')),
  );
  expect(bare).toEqual([]);
});

it('git holds no key but the README that explains them', () => {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
  expect(git('ls-files', 'keys')).toEqual(['keys/README.md']);
  expect(git('ls-files', '*.private')).toEqual([]);
});
