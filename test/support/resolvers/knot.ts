/** Knot Resolver, which iterates from the root: its stub policy does not follow referrals. */
import { readAnchor } from './anchor.ts';
import { type Resolver, sized } from './resolver.ts';

export const knot: Resolver = {
  name: 'knot',
  package: 'knot-resolver',
  binary: 'kresd',
  address: '127.0.0.13',
  role: 'validator',
  needsRoot: true,

  // Special-use names are denied by a built-in policy (test. is one), loopback servers ignored unless
  // ALLOW_LOCAL; the hints module must be loaded before its root file is named.
  configure(directory, { listen, ednsSize, anchors, root }) {
    const trusted = anchors
      .map(readAnchor)
      .map(({ zone, ds }) => `trust_anchors.add('${zone} DS ${ds.join(' ')}')\n`);
    const config = `net.ipv6 = false
net.listen('${listen}', 53)
net.outgoing_v4('${listen}')
modules.load('hints')
modules.load('policy')
policy.special_names = {}
option('ALLOW_LOCAL', true)
cache.size = 10 * MB
trust_anchors.remove('.')
${trusted.join('')}hints.root_file('${directory}/root.hints')
log_level('info')
${sized(ednsSize, (octets) => `net.bufsize(${octets})\n`)}`;
    return {
      files: { 'kresd.conf': config, 'root.hints': `. 3600 NS ns.root.\nns.root. 3600 A ${root}\n` },
      args: ['-n', '-c', `${directory}/kresd.conf`, directory],
    };
  },
};
