/** The MTU of the link that an address stands on, as the kernel says it for the namespace that the process is in. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { mtuOf } from '../../src/kernel/interface.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { kernelProblem } from '../support/datagrams.ts';
import { NARROW_MTU, openPaths, pathsProblem } from '../support/paths.ts';

const mtu = (address: string) => mtuOf(requireKernel(), parseAddress(address));

it.skipIf(kernelProblem() !== undefined)('is that of the interface that has the address', () => {
  for (const [name, entries = []] of Object.entries(networkInterfaces()))
    for (const { address } of entries)
      expect(mtu(address)).toBe(Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8')));
  expect(mtu('127.9.8.7')).toBe(mtu('127.0.0.1'));
  expect([mtu('192.0.2.77'), mtu('2001:db8:77::77')]).toEqual([0, 0]);
});

it.skipIf(pathsProblem() !== undefined)('is that of the namespace, whatever /sys shows', () => {
  const paths = openPaths();
  for (const address of ['203.0.113.1', '2001:db8:b::1']) {
    expect(paths.inside('router', () => mtu(address))).toBe(NARROW_MTU);
    expect(mtu(address)).toBe(0);
  }
  paths.close();
});
