/** Cells of the lab for tests, from one line of text. */
import type { Cell } from '../../lab/contract.ts';

/** `unbound 4096 frag 4 1472`: resolver, EDNS, path, family, size. */
export function cellOf(text: string): Cell {
  const [resolver = '', edns, path = '', family, size] = text.split(' ');
  return {
    resolver,
    edns: edns === 'default' ? 'default' : edns === '4096' ? 4096 : 1232,
    path,
    family: family === 'any' ? 'any' : family === '6' ? 6 : 4,
    size: Number(size),
  };
}
