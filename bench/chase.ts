/** A small resolver that asks `s<size>` by a new run and follows each CNAME: gate, measured answer, receipt. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { followAnswer } from './follow.ts';
import type { Load, LoadPlace, LoadResult } from './loads.ts';
import { runId } from './queries.ts';
import { encodeName, encodeQueryOf } from './query.ts';

const [SOCKETS, TRIALS_A_SOCKET] = [4, 25];
const LOST_AFTER_MS = 2000;

interface Trial {
  id: number;
  askedAt: number;
  /** Queries of this trial that were answered. */
  steps: number;
}

class Tally {
  answers = 0;
  octets = 0;
  trials = 0;
  lost = 0;
  truncated = 0;
  /** Answers that were neither NOERROR nor a step of the chain. */
  refused = 0;
}

export function chase(size: number, zone: string): Load {
  const origin = encodeName(zone);
  return {
    async run(place) {
      let run = Math.floor(Math.random() * 2 ** 40);
      const tally = new Tally();
      const nextOwner = () => Buffer.concat([label(`s${size}-n${runId(run++)}`), origin]);
      const askers = await Promise.all(
        Array.from({ length: SOCKETS }, () => openAsker(place, nextOwner, tally)),
      );
      const startedAt = Date.now();
      await new Promise((resolve) => setTimeout(resolve, place.seconds * 1000));
      const seconds = (Date.now() - startedAt) / 1000;
      const result = resultOf({ ...tally }, seconds);
      for (const asker of askers) asker.close();
      return result;
    },
  };
}

const label = (text: string) => Buffer.from([text.length, ...Buffer.from(text, 'latin1')]);

/** A socket that keeps a fixed number of trials in flight; the low 5 bits of an id say which of them it is. */
async function openAsker(
  place: LoadPlace,
  nextOwner: () => Buffer,
  tally: Tally,
): Promise<{ close(): void }> {
  const socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  const trials = Array.from(
    { length: TRIALS_A_SOCKET },
    (_, index): Trial => ({ id: index, askedAt: 0, steps: 0 }),
  );
  socket.connect(place.port, '127.0.0.1');
  await once(socket, 'connect');

  const ask = (trial: Trial, owner: Uint8Array) => {
    trial.id = (trial.id + 32) & 0xffff;
    trial.askedAt = Date.now();
    socket.send(encodeQueryOf(owner, trial.id));
  };
  const begin = (trial: Trial) => {
    trial.steps = 0;
    ask(trial, nextOwner());
  };
  socket.on('message', (message) => {
    const id = message.readUInt16BE(0);
    const trial = trials[id & 31];
    if (trial?.id !== id) return; // an answer that came too late
    tally.answers++;
    tally.octets += message.length;
    trial.steps++;
    const step = followAnswer(message);
    if (typeof step !== 'string') return ask(trial, step);
    if (step === 'end') tally.trials++;
    else tally[step]++;
    begin(trial);
  });
  socket.on('error', () => {}); // refused while the server starts: the sweep asks again
  const sweep = setInterval(() => {
    for (const trial of trials.filter(({ askedAt }) => Date.now() - askedAt > LOST_AFTER_MS)) {
      tally.lost++;
      begin(trial);
    }
  }, 500);
  for (const trial of trials) begin(trial);
  return {
    close() {
      clearInterval(sweep);
      socket.close();
    },
  };
}

function resultOf(tally: Tally, seconds: number): LoadResult {
  const { answers, octets, trials, lost, truncated, refused } = tally;
  const percent = (n: number) => `${Number(((100 * n) / Math.max(1, answers)).toFixed(2))}%`;
  return {
    answers,
    lost,
    perSecond: answers / seconds,
    responseOctets: Math.round(octets / Math.max(1, answers)),
    rcodes: refused === 0 ? 'NOERROR 100%' : `refused ${percent(refused)}`,
    note: `${Math.round(trials / seconds)} trials/s, ${(answers / Math.max(1, trials)).toFixed(2)} answers each, ${percent(truncated)} truncated`,
  };
}
