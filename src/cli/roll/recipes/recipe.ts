/** Recipe: what an operator pastes into one software so that it follows a zone that rolls its key, or is seen not to. */
import type { Anchor } from '../anchor.ts';

/** Text for one file, or a command. */
export interface Piece {
  /** Which file, and what it must allow. */
  readonly where: string;
  readonly lines: readonly string[];
}

export interface Recipe {
  /** As `--for` takes it. */
  readonly name: string;
  readonly software: string;
  /** Where it first meets a zone with both keys it trusts the new one as well, without a hold-down. */
  readonly trustsBothAtOnce?: true;
  pieces(anchor: Anchor): readonly Piece[];
}

/** A resolver takes its timers from one setting for all anchors, the root's among them. */
export const TEST_INSTANCE =
  'these timers hold for every anchor, the root too: use a resolver that is there for tests';
