/** RFC 8020 §2: where a name exists, its ancestors do, so that resolvers may ask for one label after another (RFC 9156). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aliasOf, makeTestResponder } from '../support/responder.ts';
import { seen } from './seen.ts';

const responder = await makeTestResponder();
const directory = mkdtempSync(join(tmpdir(), 'padzone-8020-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Every name from the origin down to `name`, without the origin. */
function ancestry(name: string): string[] {
  const labels = name.slice(0, -'.probe.test'.length).split('.');
  return labels.map((_, at) => `${labels.slice(at).join('.')}.probe.test`).reverse();
}

describe('no ancestor of a test name is NXDOMAIN', () => {
  it.each([
    'me.probe.test',
    's1232.n0123456789.probe.test',
    'p1232-tc.n0123456789.a13.probe.test',
    's600-ttl5.n7vvvvvvvvv.x.probe.test',
  ])('%s', (name) => {
    for (const at of ancestry(name))
      for (const type of ['A', 'NS', 'TXT'])
        expect(seen(responder.ask({ name: at, type }).octets).rcode, `${at} ${type}`).toBe('NOERROR');
  });

  it('neither of a name that an answer leads to', async () => {
    const open = await makeTestResponder({ open: true });
    // 513 octets need a spare label behind the receipt in one of these zones, the odd octet in others.
    for (const zone of ['', 'a8.', 'a13.', 'unsigned.'])
      for (let octets = 512; octets < 700; octets++) {
        const query = { name: `s${octets}.${zone}probe.test`, udpPayloadSize: 4096, dnssecOk: true };
        const receipt = aliasOf(open.ask(query));
        for (const at of ancestry(receipt!))
          expect(seen(open.ask({ name: at, type: 'A' }).octets).rcode, at).toBe('NOERROR');
      }
  });
});

it('an empty non-terminal of static records exists, and what is beside it does not', async () => {
  const origin = 'label = ""\nsummary = "The origin"\nalgorithm = 13\nrecords = "origin.zone"\n';
  writeFileSync(join(directory, 'origin.toml'), origin);
  writeFileSync(join(directory, 'origin.zone'), 'one.two.three TXT "here"\n');
  const { ask } = await makeTestResponder({ zonesDir: directory });
  const rcodes = (name: string) => seen(ask({ name: `${name}.probe.test`, type: 'TXT' }).octets);
  expect(rcodes('one.two.three')).toMatchObject({
    rcode: 'NOERROR',
    answer: ['one.two.three.probe.test TXT'],
  });
  for (const name of ['two.three', 'three'])
    expect(rcodes(name)).toMatchObject({ rcode: 'NOERROR', answer: [] });
  for (const name of ['other.three', 'x.one.two.three', 'two']) expect(rcodes(name).rcode).toBe('NXDOMAIN');
});
