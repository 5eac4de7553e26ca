/** What a receipt says to the person who asked: size, transport, fragments, when and by which node. */
import type { Receipt } from '../zone/receipt.ts';

/** What of a receipt the text tells. */
export type Told = Pick<Receipt, 'asked' | 'sent' | 'transport' | 'at' | 'edns' | 'fragments'>;

export type Relation = 'own' | 'relayed' | 'replay';

/**
 * One line of text.
 * @param source who asks for the receipt now, presentation form
 * @param sender name of the node that sent the measured answer
 */
export function receiptText(receipt: Told, relation: Relation, source: string, sender: string): string {
  const miss =
    receipt.asked === 0 || receipt.asked === receipt.sent ? '' : `, ${receipt.asked} were asked for`;
  const what = `${receipt.sent} octets over ${receipt.transport.toUpperCase()} (${details(receipt)}${miss})`;
  const when = `${new Date(receipt.at).toISOString().slice(0, 19)}Z ${sender}`;
  if (relation === 'own') return `${source} received ${what} ${when}`;
  if (relation === 'relayed')
    return `${source} relays the receipt of another address, which received ${what} ${when}`;
  return `${source} repeats an old receipt: ${what} ${when}`;
}

function details({ edns, fragments, transport }: Told): string {
  const offered = edns === 0 ? 'no EDNS' : `EDNS ${edns}`;
  if (transport !== 'udp' || fragments === 0) return offered;
  return `${offered}, ${fragments === 1 ? 'one packet' : `${fragments} fragments`}`;
}
