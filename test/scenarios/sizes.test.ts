/** Sizes on the wire: what a socket receives has exactly the octets that the name asked for. PADZONE_SHOW=1 prints the table. */
import { decode } from 'dns-packet';
import { afterAll, describe, expect, it } from 'vitest';
import { seen } from '../rfc/seen.ts';
import { askTcp, askUdp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { aliasOf, encodeQuestion, texts } from '../support/responder.ts';
import { type EngineName, enginesHere, serveAll } from '../support/server.ts';

const SIZES = [512, 1220, 1232, 1400, 1452, 1472, 1500, 2048, 3072, 4000, 4096];
/** An RSA-2048 signature and a receipt alone have more than 512 octets. */
const hasRoom = ({ octets, zone, dnssecOk }: Arm) => octets > 512 || zone !== 'a8' || !dnssecOk;

interface Arm {
  readonly engine: EngineName;
  readonly octets: number;
  readonly zone: string;
  readonly dnssecOk: boolean;
}

const ARMS: Arm[] = enginesHere().flatMap((engine) =>
  ['a8', 'a13', 'a15'].flatMap((zone) =>
    [true, false].flatMap((dnssecOk) => SIZES.map((octets) => ({ engine, octets, zone, dnssecOk }))),
  ),
);

const folder = testFolder('sizes');
// Without a limit of octets a second, which is another test's.
const flags = { udpBudget: '0', udpBudgetTotal: '0' };
const servers = new Map(enginesHere().map((engine) => [engine, serveAll(folder, engine, flags)]));
afterAll(() => {
  if (process.env['PADZONE_SHOW'] === '1') process.stdout.write(table());
});

interface Asked {
  readonly engine: EngineName;
  readonly name: string;
  readonly dnssecOk: boolean;
  readonly transport: 'udp' | 'tcp';
  /** EDNS payload size, 0 for no EDNS. */
  readonly edns: number;
}

async function ask({ engine, name, dnssecOk, transport, edns }: Asked) {
  const query = encodeQuestion({ name, ...(edns === 0 ? {} : { udpPayloadSize: edns, dnssecOk }) });
  const octets = await (transport === 'udp' ? askUdp : askTcp)(servers.get(engine)!(), query);
  return { ...seen(octets), packet: decode(octets), asked: query.length };
}

/** The answer that has the size: over TCP the first one, over UDP the one behind the gate. */
async function sized(asked: Asked) {
  const first = await ask(asked);
  const answer = asked.transport === 'tcp' ? first : await ask({ ...asked, name: aliasOf(first)! });
  if (asked.transport === 'udp') expect(first.size).toBeLessThanOrEqual(8 * first.asked + 64);
  show(asked, answer);
  return answer;
}

describe.each(ARMS.filter(hasRoom))(
  '$engine: $octets octets from $zone with DO $dnssecOk',
  ({ engine, octets, zone, dnssecOk }) => {
    const measured = `s${octets}.${zone}.probe.test`;
    const exact = `p${octets}.${zone}.probe.test`;

    it.each(['udp', 'tcp'] as const)('over %s, with a receipt that says so', async (transport) => {
      const asked = { engine, dnssecOk, transport, edns: 4096 };
      const answer = await sized({ ...asked, name: measured });
      expect(answer).toMatchObject({ size: octets, flags: 'aa' });
      const [text] = texts(await ask({ ...asked, name: aliasOf(answer)! }));
      expect(text).toContain(`received ${octets} octets over ${transport.toUpperCase()} (EDNS 4096`);
      expect(await sized({ ...asked, name: exact })).toMatchObject({ size: octets, flags: 'aa' });
    });

    it.each([1232, 0])('whole over UDP if EDNS %i allows, else TC=1, and whole over TCP', async (edns) => {
      const whole = { size: octets, flags: 'aa' };
      const cut = { flags: 'aa tc', answer: [], authority: [], additional: [] };
      for (const name of [measured, exact]) {
        const expected = octets <= (edns || 512) ? whole : cut;
        expect(await sized({ engine, name, dnssecOk, transport: 'udp', edns })).toMatchObject(expected);
        expect(await sized({ engine, name, dnssecOk, transport: 'tcp', edns })).toMatchObject(whole);
      }
    });
  },
);

const cells = new Map<string, string>();

/** Keeps what came for the table: octets, and TC where it was set. */
function show(
  { engine, name, dnssecOk, transport, edns }: Asked,
  { size, flags }: { size: number; flags: string },
) {
  const [test, zone] = name.split('.');
  const column = `${engine} ${zone} DO=${dnssecOk ? 1 : 0} ${transport} ${edns === 0 ? 'no EDNS' : edns}`;
  cells.set(`${test} ${column}`, flags.includes('tc') ? 'TC' : String(size));
}

/** One line a zone, DO, transport and EDNS size; under each size what s<N> and what p<N> brought. */
function table(): string {
  const columns = [...new Set([...cells.keys()].map((key) => key.slice(key.indexOf(' ') + 1)))];
  const cell = (test: string, column: string) => cells.get(`${test} ${column}`) ?? '-';
  const line = (column: string) =>
    SIZES.map((octets) => `${cell(`s${octets}`, column)}/${cell(`p${octets}`, column)}`.padStart(10)).join(
      '',
    );
  const title = `${'octets received for s<N>/p<N>'.padEnd(30)}${SIZES.map((octets) => String(octets).padStart(10)).join('')}`;
  return `${[title, ...columns.sort().map((column) => column.padEnd(30) + line(column))].join('\n')}\n`;
}
