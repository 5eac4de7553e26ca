/** RFC 4892, RFC 5001 and RFC 8914: who answers, and why not, in the words that tools ask for. */
import { describe, expect, it } from 'vitest';
import { makeTestResponder } from '../support/responder.ts';
import { infoCode, seen } from './seen.ts';

const CH = 3;

describe('class CHAOS', () => {
  it.each([
    { name: 'id.server', version: '', says: 'ns1' },
    { name: 'ID.Server', version: '', says: 'ns1' },
    { name: 'hostname.bind', version: '', says: 'ns1' },
    { name: 'version.bind', version: '', says: undefined },
    { name: 'version.server', version: '', says: undefined },
    { name: 'version.bind', version: 'padzone', says: 'padzone' },
    { name: 'authors.bind', version: 'padzone', says: undefined },
    { name: 'probe.test', version: 'padzone', says: undefined },
  ])('$name says $says with version "$version"', async ({ name, version, says }) => {
    const { ask } = await makeTestResponder({ settings: { version } });
    const found = seen(ask({ name, qclass: CH }).octets);
    if (says === undefined) expect(found).toMatchObject({ rcode: 'REFUSED', flags: '', answer: [] });
    else {
      expect(found).toMatchObject({ rcode: 'NOERROR', answer: [`${name} TXT`] });
      expect([found.records.answer[0]?.data].flat().map(String)).toEqual([says]);
    }
  });
});

it('RFC 5001 §2.2: NSID is the name of the node, when asked for', async () => {
  const { ask } = await makeTestResponder();
  const options = [{ code: 3, data: new Uint8Array(0) }];
  const { opt } = seen(ask({ name: 'probe.test', type: 'SOA', udpPayloadSize: 1232, options }).octets);
  expect(Buffer.from(opt?.options.get(3) ?? []).toString()).toBe('ns1');
});

describe('RFC 8914 §4.21: a zone that is not served is REFUSED with EDE 20', () => {
  it.each(['example.com', 'test', 'xprobe.test', 'probe.test.example'])('%s', async (name) => {
    const { ask } = await makeTestResponder();
    for (const type of ['SOA', 'A', 'DS']) {
      const found = seen(ask({ name, type, udpPayloadSize: 1232 }).octets);
      expect(found).toMatchObject({ rcode: 'REFUSED', flags: '', answer: [], authority: [] });
      expect(infoCode(found)).toBe(20);
    }
    // No OPT, no EDE.
    expect(seen(ask({ name, type: 'A' }).octets)).toMatchObject({ rcode: 'REFUSED', opt: undefined });
  });

  it('and so is a class that nobody serves', async () => {
    const { ask } = await makeTestResponder();
    for (const qclass of [2, 4, 254, 255]) {
      const found = seen(ask({ name: 'probe.test', type: 'SOA', qclass, udpPayloadSize: 1232 }).octets);
      expect(found).toMatchObject({ rcode: 'REFUSED', answer: [] });
    }
  });
});

describe('RFC 8914: what is wrong with a test name is said', () => {
  it.each([
    { name: 's1232-foo', says: "unknown option 'foo'" },
    { name: 's1232-d5', says: "option 'd5' only under the hostile zone" },
    { name: 's1232-df', says: "arm 'df' not available here", arms: ['default'] as const },
    { name: 's1232-ttl300', says: "option 'ttl300' is over 255" },
    { name: 's1232-tc-tc', says: "option 'tc' conflicts" },
    { name: 'me-tc', says: 'me has no option for tc' },
  ])('$name: $says', async ({ name, says, arms }) => {
    const { ask } = await makeTestResponder(arms ? { settings: { arms } } : {});
    const found = seen(ask({ name: `${name}.probe.test`, udpPayloadSize: 1232 }).octets);
    expect(found).toMatchObject({ rcode: 'NXDOMAIN', answer: [] });
    expect(infoCode(found)).toBe(0);
    expect(Buffer.from(found.opt?.options.get(15) ?? []).toString('latin1')).toContain(says);
  });
});
