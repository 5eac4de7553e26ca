/** Knot Resolver, iterating from the root. */
import { readAnchor } from '../../test/support/resolvers/anchor.ts';
import { sized } from '../../test/support/resolvers/resolver.ts';
import type { Software } from './resolver.ts';

export const knot: Software = {
  name: 'knot',
  package: 'knot-resolver',
  binary: 'kresd',

  // The hints module must be loaded before its root file is named.
  configure(directory, { own, ednsSize, anchors, hintsFile, addition }) {
    const trusted = anchors
      .map(readAnchor)
      .map(({ zone, ds }) => `trust_anchors.add('${zone} DS ${ds.join(' ')}')\n`);
    const config = `net.listen('${own.ipv4}', 53)
net.outgoing_v4('${own.ipv4}')
${addition.isIpv4Only ? 'net.ipv6 = false' : `net.outgoing_v6('${own.ipv6}')`}
modules.load('hints')
cache.size = 10 * MB
trust_anchors.remove('.')
${trusted.join('')}hints.root_file('${hintsFile}')
log_level('info')
${sized(ednsSize, (octets) => `net.bufsize(${octets})\n`)}${addition.lines}`;
    return {
      files: { 'kresd.conf': config, ...addition.files },
      args: ['-n', '-c', `${directory}/kresd.conf`, directory],
    };
  },
};
