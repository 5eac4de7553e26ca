/** The MTU of an interface, as the kernel says it for the namespace that the process is in. */

import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { interfaceMtu } from '../../src/kernel/interface-mtu.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { kernelProblem } from '../support/datagrams.ts';
import { NARROW_MTU, openPaths, pathsProblem } from '../support/paths.ts';

it.skipIf(kernelProblem() !== undefined)('is what the interfaces of this host have', () => {
  const kernel = requireKernel();
  for (const name of Object.keys(networkInterfaces()))
    expect(interfaceMtu(kernel, name)).toBe(Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8')));
  expect(interfaceMtu(kernel, 'no-such-interface-here')).toBe(0);
});

it.skipIf(pathsProblem() !== undefined)('is that of the namespace, whatever /sys shows', () => {
  const paths = openPaths();
  const kernel = requireKernel();
  expect(paths.inside('router', () => interfaceMtu(kernel, 'rc'))).toBe(NARROW_MTU);
  expect(interfaceMtu(kernel, 'rc')).toBe(0);
  paths.close();
});
