/** Suite `roll`: resolvers of all kinds while a zone rolls its key; who follows, by their users and by the servers (RFC 5011). */
import { COURSES } from '../roll/courses.ts';
import { drill } from '../roll/drill.ts';
import { PARTICIPANTS } from '../roll/participants.ts';
import { rehearse } from '../roll/rehearse.ts';
import { openLab } from '../world.ts';
import { publishFindings } from './findings.ts';
import { keyUsage, parseSuiteOptions } from './options.ts';
import type { Suite } from './suite.ts';

/** 30 days of hold-down, without the wait. */
const DRILL = 'calendar';
const PROFILES = [...COURSES.map(({ name }) => name), DRILL];

export const roll: Suite = {
  name: 'roll',
  summary: 'a zone rolls its key: who follows',
  usage: keyUsage(PROFILES),

  async run(args) {
    const names = PARTICIPANTS.map(({ name }) => name);
    const options = parseSuiteOptions(args, names, PROFILES);
    const course = COURSES.find(({ name }) => name === options.profile);
    const chosen = PARTICIPANTS.filter(
      ({ name }) => options.resolvers.includes(name) && (course?.only?.includes(name) ?? true),
    );
    // Signatures of the zones above the drill's are dated by the servers' clock, which resolvers do not share.
    const lab = await openLab(course?.deviations ?? { isUnsigned: true });
    try {
      const findings = await (course === undefined ? drill(lab, chosen) : rehearse(lab, chosen, course));
      return await publishFindings(lab, findings, options, [
        ...new Set(chosen.map(({ software }) => software)),
      ]);
    } finally {
      await lab.close();
    }
  },
};
