/** Line: members in the order in which they joined; joining and leaving cost the same however long it is. */

/** One member's place in one line. */
export class Place<Member> {
  readonly member: Member;
  before: Place<Member> | undefined = undefined;
  after: Place<Member> | undefined = undefined;
  isTaken = false;

  constructor(member: Member) {
    this.member = member;
  }
}

export class Line<Member> {
  /** Who has stood longest. */
  first: Place<Member> | undefined = undefined;
  length = 0;
  private last: Place<Member> | undefined = undefined;

  /** At the end; a place that is taken already moves there. */
  join(place: Place<Member>): void {
    this.leave(place);
    place.before = this.last;
    if (this.last) this.last.after = place;
    else this.first = place;
    this.last = place;
    place.isTaken = true;
    this.length++;
  }

  leave(place: Place<Member>): void {
    if (!place.isTaken) return;
    const { before, after } = place;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.last = before;
    place.before = undefined;
    place.after = undefined;
    place.isTaken = false;
    this.length--;
  }
}
