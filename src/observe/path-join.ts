/** Path join: ICMP errors beside the measured answers that they answer (RFC 792, RFC 4443 §2.4). */
import type { Observation } from './observation.ts';
import { pathKindOf, REASSEMBLY } from './path-kind.ts';

/** A router or host that refuses a datagram says so within a round trip. */
const REFUSAL_MS = { least: 0, most: 5_000 };
/** Who waits for fragments gives up after 30 s (IPv4 on Linux) or 60 s (IPv6), some much sooner (RFC 1122 §3.3.2, RFC 8200 §4.5). */
const REASSEMBLY_MS = { least: 1_000, most: 90_000 };

/**
 * The errors of each measured answer over UDP that has any, in order of time.
 *
 * An error names the address and port that our datagram was going to, and quotes as much of it as its sender chose: where it quotes
 * the question, that decides, else the port. Of several answers it fits, the last before it is meant.
 *
 * @param events rows of the event `path`, in order of time
 * @param measured in order of time
 */
export function joinPathEvents(
  events: readonly Observation[],
  measured: readonly Observation[],
): Map<Observation, Observation[]> {
  const joined = new Map<Observation, Observation[]>();
  if (events.length === 0) return joined;
  const answers = answersByKey(events, measured);
  for (const event of events) {
    const answer = keysOf(event)
      .map((key) => lastBefore(answers.get(key) ?? [], event))
      .find((each) => each !== undefined);
    if (answer === undefined) continue;
    const known = joined.get(answer);
    if (known === undefined) joined.set(answer, [event]);
    else known.push(event);
  }
  return joined;
}

/** Measured answers by all that an error may say of them; only to addresses that errors tell of. */
function answersByKey(
  events: readonly Observation[],
  measured: readonly Observation[],
): Map<string, Observation[]> {
  const told = new Set(events.map(({ src }) => src));
  const answers = new Map<string, Observation[]>();
  for (const row of measured) {
    if (row.proto !== 'udp' || !told.has(row.src)) continue;
    for (const key of [...keysOf(row), portKey(row)]) {
      const known = answers.get(key);
      if (known === undefined) answers.set(key, [row]);
      else known.push(row);
    }
  }
  return answers;
}

/** The most telling key first. */
function keysOf(row: Observation): string[] {
  if (row.qname === '') return [portKey(row)];
  const name = row.qname.toLowerCase();
  return [`${portKey(row)} ${name}`, `${row.src} ${row.dst} ${name}`];
}

function portKey({ src, dst, src_port }: Observation): string {
  return `${src} ${dst} ${src_port}`;
}

/** @param answers in order of time */
function lastBefore(answers: readonly Observation[], event: Observation): Observation | undefined {
  const { least, most } = pathKindOf(event) === REASSEMBLY ? REASSEMBLY_MS : REFUSAL_MS;
  const [from, to] = [event.time - most, event.time - least];
  let [low, high] = [0, answers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (answers[middle]!.time <= to) low = middle + 1;
    else high = middle;
  }
  const answer = answers[low - 1];
  return answer !== undefined && answer.time >= from ? answer : undefined;
}
