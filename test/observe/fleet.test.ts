import { expect, it } from 'vitest';
import { countFleet, type NameServer } from '../../src/observe/fleet.ts';

const server = (number: number, changes: Partial<NameServer> = {}): NameServer => ({
  name: `ns${number}.probe.example`,
  addresses: [`192.0.2.${number}`, `2001:db8::${number}`],
  isHere: false,
  ...changes,
});
const heard = (nodes: Readonly<Record<string, readonly string[]>>) =>
  new Map(Object.entries(nodes).map(([node, addresses]) => [node, new Set(addresses)]));
const ONE = server(1, { isHere: true });
const TWO = server(2);

it.each([
  { what: 'one of two', servers: [ONE, TWO], nodes: { a: ['192.0.2.1'] }, found: [2, 1] },
  { what: 'both', servers: [ONE, TWO], nodes: { a: ['192.0.2.1'], b: ['2001:db8::2'] }, found: [2, 0] },
  {
    what: 'two of three',
    servers: [ONE, TWO, server(3)],
    nodes: { a: ['192.0.2.1'], b: ['192.0.2.3'] },
    found: [3, 1],
  },
  {
    what: 'a node that was asked at an address of no name server, as behind a translation',
    servers: [ONE, TWO],
    nodes: { a: ['10.0.0.7'] },
    found: [2, 1],
  },
  { what: 'two such nodes', servers: [ONE, TWO], nodes: { a: ['10.0.0.7'], b: ['10.0.0.8'] }, found: [2, 0] },
  {
    what: 'two names of one host, by what its node was asked at',
    servers: [server(1), TWO],
    nodes: { a: ['192.0.2.1', '192.0.2.2'] },
    found: [1, 0],
  },
  {
    what: 'two names of one host, by what it listens on, while nobody asked at the second',
    servers: [ONE, server(2, { isHere: true })],
    nodes: { a: ['192.0.2.1'] },
    found: [1, 0],
  },
  {
    what: 'a node that was renamed',
    servers: [ONE, TWO],
    nodes: { a: ['192.0.2.1'], b: ['192.0.2.1'] },
    found: [2, 1],
  },
  { what: 'no row of this origin', servers: [ONE, TWO], nodes: {}, found: [2, 0] },
  {
    what: 'more nodes than servers',
    servers: [ONE],
    nodes: { a: ['192.0.2.1'], b: ['10.0.0.8'] },
    found: [1, 0],
  },
])('counts $what', ({ servers, nodes, found: [configured, unread] }) => {
  const map = heard(nodes as Readonly<Record<string, readonly string[]>>);
  expect(countFleet(servers, map)).toEqual({ configured, unread, nodes: Object.keys(nodes) });
});

it('takes a directory that was read for a server, also where it has no row of the span', () => {
  expect(countFleet([ONE, TWO], heard({ a: ['192.0.2.1'] }), 2).unread).toBe(0);
  expect(countFleet([ONE, TWO, server(3)], heard({ a: ['192.0.2.1'] }), 2).unread).toBe(1);
});
