/** docs/key-roll.md in both languages, and the table of sentinels in docs/probe.md: what they say is what the code says and the server sends. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NEW_KSK } from '../src/observe/ksk.ts';
import { classifySentinel, type EndResult, OTHER_ROOT, SENTINEL_CLASSES } from '../src/observe/sentinel.ts';
import { makeTestResponder } from './support/responder.ts';
import { EXACT_ANSWERS } from './support/root-answers.ts';

const PAGE = readFileSync('docs/key-roll.md', 'utf8');
const PROBE_PAGE = readFileSync('docs/probe.md', 'utf8');
const [ENGLISH = '', JAPANESE = ''] = PAGE.split('\n---\n');
const LANGUAGES = [
  { language: 'English', text: ENGLISH },
  { language: 'Japanese', text: JAPANESE },
];

/** Cells of the table below the row of headings that begins so. */
function table(text: string, heading: string): string[][] {
  const [, rows = ''] = text.split(`\n${heading}`);
  const lines = rows.split('\n').slice(2);
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const numbers = (cells: readonly string[]) => cells.join(' ').match(/\d+/g)?.map(Number) ?? [];

describe('the root key', () => {
  it('stands there whole wherever its digest does: people paste it', () => {
    const digests = [...PAGE.matchAll(/38696 8 2 (\S+?)['\s]/g)].map(([whole]) => whole.slice(0, -1));
    expect(digests).toHaveLength(6);
    expect(new Set(digests)).toEqual(new Set([NEW_KSK.ds]));
  });
});

describe('sentinels', () => {
  const RESULTS: Readonly<Record<string, EndResult>> = {
    answer: 'answer',
    'an address': 'answer',
    アドレスが返る: 'answer',
    SERVFAIL: 'servfail',
  };

  /** Class of the first three of the cells; undefined in the row of all else. */
  function classOf([is = '', not = '', bogus = '']: readonly string[]) {
    const [isNew, notNew, last] = [is, not, bogus].map((cell) => RESULTS[cell]);
    return isNew && notNew && last ? classifySentinel({ isNew, notNew, bogus: last }) : undefined;
  }

  it.each(LANGUAGES)('have one row for each class in $language, and one where all fail', ({ text }) => {
    const rows = table(text, '| is-ta | not-ta | bogus | ');
    expect(rows.map(classOf)).toEqual(['Vnew', 'other', 'Vold', 'Vind', 'nonV', undefined]);
    expect(rows[1]!.slice(0, 3)).toEqual(['SERVFAIL', 'SERVFAIL', 'SERVFAIL']);
  });

  it.each(LANGUAGES)('are told for a resolver on one machine in $language', ({ text }) => {
    const rows = table(text, text === ENGLISH ? '| anchors for the root |' : '| ルートのトラストアンカー |');
    const told = rows.map(([, ...cells]) => [classOf(cells), cells[3]!.match(/[A-Z_]{5,}/g)!.at(-1)]);
    const [both, none, old] = [SENTINEL_CLASSES.Vnew.word, OTHER_ROOT, SENTINEL_CLASSES.Vold.word];
    expect(told).toEqual([
      ['Vnew', both],
      ['Vold', none],
      ['Vold', old],
    ]);
  });

  it('have the words of the probe in docs/probe.md', () => {
    const rows = table(PROBE_PAGE, '| said | `is-ta` |');
    expect(rows.map(([, ...cells]) => classOf(cells) ?? 'other')).toEqual(rows.map((cells) => cells[4]));
    expect(rows.map(([word]) => word)).toEqual(
      rows.map((cells) =>
        cells[5]!.includes('`is-ta-20326`')
          ? OTHER_ROOT
          : SENTINEL_CLASSES[cells[4] as keyof typeof SENTINEL_CLASSES].word,
      ),
    );
    expect(new Set(rows.map((cells) => cells[4]))).toEqual(new Set(Object.keys(SENTINEL_CLASSES)));
  });
});

describe('post-quantum sizes', () => {
  async function measure() {
    const { ask } = await makeTestResponder();
    const asked = { udpPayloadSize: 4096, dnssecOk: true, transport: 'tcp' } as const;
    return (zone: string, label: string, type: string) =>
      ask({ name: [label, zone, 'probe.test'].filter(Boolean).join('.'), type, ...asked });
  }

  it.each(LANGUAGES)('are those of the answers, in $language', async ({ text }) => {
    const answer = await measure();
    const octets = (...question: Parameters<typeof answer>) => answer(...question).octets!.length;
    const [keys, lines, address] = table(
      text,
      text === ENGLISH ? '| octets of the answer |' : '| 応答のオクテット数 |',
    );
    const of = ([, ...cells]: readonly string[] = []) =>
      numbers([cells[0]!, cells[1]!.replace(/`[^`]*`/g, '')]);
    expect(of(keys)).toEqual([octets('mldsa44', '', 'DNSKEY'), octets('a8', '', 'DNSKEY')]);
    expect(PROBE_PAGE).toContain(`(${octets('mldsa44', '', 'DNSKEY')} under \`probe.test\`)`);
    expect(of(address)).toEqual([octets('mldsa44', 'live', 'A')]);
    expect(numbers([lines![1]!, lines![2]!.replace(/`[^`]*`|P-256/g, '')])).toEqual(
      ['mldsa44', 'a8', 'a13'].map((zone) => octets(zone, 'live', 'TXT')),
    );
  });

  it.each(LANGUAGES)(
    'of a root follow from those of a key and a signature, in $language',
    async ({ text }) => {
      const answer = await measure();
      const { packet } = answer('mldsa44', '', 'DNSKEY');
      const zone = 'mldsa44.probe.test'.length + 2;
      const rdata = packet.answers!.map((record) => record as { data: { key?: Buffer; signature?: Buffer } });
      const key = rdata[0]!.data.key!.length - zone;
      const signature = rdata.at(-1)!.data.signature!.length - zone;
      expect(text).toContain(`${key}`);
      expect(text).toContain(`${signature}`);
      expect(text).toContain(`${18 + signature} + 2n`);
      expect(text).toContain(`${18 + signature + 2 * zone}`);

      const rows = table(text, text === ENGLISH ? '| keys of the root |' : '| ルートの鍵 |');
      const size = (keys: number, signatures: number) =>
        12 + 5 + 11 + keys * (11 + 4 + key) + signatures * (11 + 18 + 1 + signature);
      expect(rows.map(([, ...cells]) => numbers(cells))).toEqual([
        [EXACT_ANSWERS.k1k1z, size(2, 1)],
        [EXACT_ANSWERS.k2k1z, size(3, 1)],
        [EXACT_ANSWERS.k2k2z, size(4, 1)],
        [EXACT_ANSWERS.k2kr1z, size(3, 2)],
      ]);
    },
  );
});
