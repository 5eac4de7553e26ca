import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countDuring, placeAfter, placeFrom, timelineOf } from '../../src/observe/during.ts';

const moments = fc.array(fc.integer({ min: 0, max: 20 })).map((list) => list.sort((a, b) => a - b));
const moment = fc.integer({ min: -1, max: 21 });

it('finds what a look at each member finds', () => {
  fc.assert(
    fc.property(moments, moment, moment, (list, from, to) => {
      const rows = list.map((time, at) => ({ time, at }));
      const within = rows.filter(({ time }) => time >= from && time <= to);
      expect(placeFrom(list, from)).toBe(list.filter((each) => each < from).length);
      expect(placeAfter(list, to)).toBe(list.filter((each) => each <= to).length);
      if (from <= to) expect(countDuring(list, from, to)).toBe(within.length);
      expect(timelineOf(rows).during(from, to)).toEqual(within);
      expect(timelineOf(rows).during(from, to, 2)).toEqual(within.slice(0, 2));
      expect(timelineOf(rows).edgesDuring(from, to, 2)).toEqual(
        within.filter((_, at) => at < 2 || at >= within.length - 2),
      );
      expect(timelineOf(rows).firstDuring(from, to)).toEqual(within[0]);
    }),
  );
});
