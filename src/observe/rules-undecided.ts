/** Rules of what cannot be judged: we withheld it, it arrived elsewhere, or it is too early. */
import { isProven } from './attempt.ts';
import { octets, type Rule } from './verdict-rule.ts';

/** Nothing was measured: goes before all others. */
export const WITHHELD = [
  {
    name: 'withheld',
    class: 'EXCLUDED',
    when: 'no answer of the size was ever sent, or only spoiled ones',
    confidence: 'high',
    holds({ trial: { attempts, gates, size }, clean }) {
      const isWithheld =
        attempts.length === 0 ? gates.some(({ excluded }) => excluded !== '') : clean.length === 0;
      return isWithheld
        ? {
            attempts,
            sentence: attempts.some(isProven)
              ? `What this server sent for ${octets(size)} was not the plain answer (a fault that the name asks for, or a limit): so much arrived, and it says nothing of the path.`
              : `This server never sent the plain answer of ${octets(size)} here (limit, missing proof, a size that cannot be made, or a fault that the name asks for): nothing was measured.`,
          }
        : undefined;
    },
  },
] as const satisfies readonly Rule[];

/** No arrival is known, and no loss either. */
export const UNDECIDED = [
  {
    name: 'receipt-elsewhere',
    class: 'INDETERMINATE',
    when: 'the receipt was asked by an address that the run does not know',
    confidence: 'low',
    holds: ({ trial: { strangers, attempts } }) =>
      strangers.length > 0
        ? {
            attempts,
            sentence: `The answer arrived somewhere, but its receipt was asked by ${strangers[0]?.src ?? ''}, an address that this run does not know otherwise.`,
          }
        : undefined,
  },
  {
    name: 'receipt-late',
    class: 'INDETERMINATE',
    when: 'the receipt came for the first time after its window of a minute',
    confidence: 'low',
    holds: ({ trial: { late, attempts } }) =>
      late.length > 0
        ? {
            attempts,
            sentence: 'Its receipt came late, more than a minute after the answer: it arrived somewhere.',
          }
        : undefined,
  },
  {
    name: 'gate-only',
    class: 'INDETERMINATE',
    when: 'the opening name was asked, the measured one never',
    confidence: 'low',
    holds: ({ trial }) =>
      trial.attempts.length === 0
        ? {
            attempts: [],
            sentence:
              trial.unread.length > 0
                ? `It asked the opening name, and did not follow the small answer here; the rows of ${trial.unread[0]?.who ?? ''} are not here: read those too.`
                : 'It asked the opening name and did not follow the small answer: not a resolver, or even that answer was lost.',
          }
        : undefined,
  },
  {
    name: 'too-early',
    class: 'INDETERMINATE',
    when: 'the records of a node that saw it, or that served its zone within a day before, end less than a minute after its last row',
    confidence: 'low',
    holds: ({ trial, isClosed }) =>
      isClosed
        ? undefined
        : {
            attempts: trial.attempts,
            sentence:
              'Too early to tell: the records of a server of its zone end less than a minute after its last row.',
          },
  },
  {
    name: 'rows-lost',
    class: 'INDETERMINATE',
    when: 'a node that saw it, or that served its zone within a day before, lost rows meanwhile or in the minute after',
    confidence: 'low',
    holds: ({ trial: { holes, attempts } }) =>
      holes.length > 0
        ? {
            attempts,
            rows: holes,
            sentence: 'Rows of this server were lost meanwhile: a sign of arrival may have been among them.',
          }
        : undefined,
  },
  {
    name: 'node-unread',
    class: 'INDETERMINATE',
    when: 'a receipt that came within a day names a node of which no answer is among the rows, or the settings name more name servers than rows are read of',
    confidence: 'low',
    holds: ({ trial: { unread, attempts } }) =>
      unread.length > 0
        ? {
            attempts,
            rows: unread.flatMap(({ rows }) => rows),
            sentence: `The rows of ${unread[0]?.who ?? ''} are not here, and a sign of arrival may be among them: read those too.`,
          }
        : undefined,
  },
  {
    name: 'asked-straight',
    class: 'INDETERMINATE',
    when: 'asked with RD=1 alone, by addresses that never went on to a receipt so: `dig` and other stub resolvers do not',
    confidence: 'low',
    // What TCP says of an answer does not hang on what the asker does with it.
    holds: ({ clean }) =>
      clean.every((each) => each.isStub && !isProven(each) && each.tcpAcked !== false)
        ? {
            attempts: clean,
            sentence:
              'It asked this server straight, with RD=1 as dig does: such a program does not go on to the receipt, so its silence says nothing.',
          }
        : undefined,
  },
  {
    name: 'partly-withheld',
    class: 'EXCLUDED',
    when: 'a part of the answers was withheld or spoiled by this server',
    confidence: 'high',
    holds: ({ trial: { attempts }, clean }) =>
      clean.length < attempts.length
        ? {
            attempts,
            sentence:
              'This server withheld or spoiled a part of its answers (limit, missing proof, or a fault that the name asks for): the silence may be our doing.',
          }
        : undefined,
  },
  {
    name: 'tcp-refused',
    class: 'EXCLUDED',
    when: 'this server closed a TCP connection of one of its addresses at its own limits',
    confidence: 'medium',
    holds: ({ trial: { refused, attempts } }) =>
      refused.length > 0
        ? {
            attempts,
            rows: refused,
            sentence: `This server closed ${refused.length === 1 ? 'a TCP connection' : `${refused.length} TCP connections`} of that address at its own limits: the silence may be our doing.`,
          }
        : undefined,
  },
] as const satisfies readonly Rule[];
