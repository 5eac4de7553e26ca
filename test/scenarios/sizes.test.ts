/** Sizes on the wire: what a socket receives has exactly the octets that the name asked for. PADZONE_SHOW=1 prints the table. */
import { decode } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seen } from '../rfc/seen.ts';
import { askTcp, askUdp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { aliasOf, encodeQuestion, texts } from '../support/responder.ts';
import { type Here, startHere } from '../support/server.ts';

const SIZES = [512, 1220, 1232, 1400, 1452, 1472, 1500, 2048, 3072, 4000, 4096];
const ZONES = ['a8', 'a13', 'a15'];
const ARMS = ZONES.flatMap((zone) => [true, false].map((dnssecOk) => ({ zone, dnssecOk })));
/** Without a limit of octets a second, which is another test's. */
const NO_BUDGET = { udpBudget: '0', udpBudgetTotal: '0' };

const folder = testFolder('sizes');
const shown: string[] = [];
let here: Here;
beforeAll(async () => {
  here = await startHere(folder, NO_BUDGET);
});
afterAll(async () => {
  await here.server.stop();
  if (process.env['PADZONE_SHOW'] === '1') process.stdout.write(`${[TITLE, ...shown.sort()].join('\n')}\n`);
});
const TITLE =
  'name    zone DO | UDP 4096: s  p | TCP: s  p | UDP 1232: s | UDP no EDNS: s   (octets; TC: header, question, OPT)';

interface Asked {
  readonly name: string;
  readonly dnssecOk: boolean;
  readonly transport: 'udp' | 'tcp';
  /** 0: no EDNS. */
  readonly edns: number;
}

async function ask({ name, dnssecOk, transport, edns }: Asked) {
  const query = encodeQuestion({ name, ...(edns === 0 ? {} : { udpPayloadSize: edns, dnssecOk }) });
  const octets = await (transport === 'udp' ? askUdp : askTcp)(here, query);
  return { ...seen(octets), packet: decode(octets) };
}

/** The answer behind the gate: over TCP the first one already, over UDP the second. */
async function throughGate(asked: Asked) {
  const first = await ask(asked);
  if (asked.transport === 'tcp') return first;
  expect(first.size).toBeLessThanOrEqual(400);
  return ask({ ...asked, name: aliasOf(first as unknown as Parameters<typeof aliasOf>[0])! });
}

/** What a table cell shows of an answer. */
const cell = ({ size, flags }: { size: number; flags: string }) =>
  flags.includes('tc') ? `TC ${size}` : `${size}`;

describe.each(ARMS)('$zone with DO $dnssecOk', ({ zone, dnssecOk }) => {
  // An RSA-2048 signature, a receipt and the filler's smallest form have more than 512 octets.
  const sizes = SIZES.filter((octets) => octets > 512 || zone !== 'a8' || !dnssecOk);

  it.each(sizes)('%i octets', async (octets) => {
    const measured = `s${octets}.${zone}.probe.test`;
    const exact = `p${octets}.${zone}.probe.test`;
    const cells: string[] = [];
    for (const transport of ['udp', 'tcp'] as const) {
      const whole = { dnssecOk, transport, edns: 4096 };
      const found = await throughGate({ ...whole, name: measured });
      expect({ size: found.size, flags: found.flags }).toEqual({ size: octets, flags: 'aa' });
      // Who received it can ask for its receipt, which says the same.
      const name = aliasOf(found as unknown as Parameters<typeof aliasOf>[0])!;
      const receipt = await ask({ ...whole, name });
      const [text] = texts(receipt as unknown as Parameters<typeof texts>[0]);
      expect(text).toContain(`received ${octets} octets over ${transport.toUpperCase()} (EDNS 4096`);
      const filler = await throughGate({ ...whole, name: exact });
      expect({ size: filler.size, flags: filler.flags }).toEqual({ size: octets, flags: 'aa' });
      cells.push(`${cell(found)} ${cell(filler)}`);
    }
    for (const edns of [1232, 0]) {
      const limit = edns === 0 ? 512 : edns;
      for (const name of [measured, exact]) {
        // Without EDNS there is no DO, so the sizes of an unsigned answer hold.
        const small = await throughGate({ name, dnssecOk, transport: 'udp', edns });
        if (octets <= limit)
          expect({ size: small.size, flags: small.flags }).toEqual({ size: octets, flags: 'aa' });
        else
          expect({ flags: small.flags, records: small.answer.length }).toEqual({
            flags: 'aa tc',
            records: 0,
          });
        if (name === measured) cells.push(cell(small));
        const big = await ask({ name, dnssecOk, transport: 'tcp', edns });
        expect({ size: big.size, flags: big.flags }).toEqual({ size: octets, flags: 'aa' });
      }
    }
    const label = `${`${octets}`.padStart(6)}  ${zone.padEnd(4)} ${dnssecOk ? 1 : 0} `;
    shown.push(`${label} | ${cells.map((text) => text.padEnd(10)).join(' | ')}`);
  });
});
