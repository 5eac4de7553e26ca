/** What the relay is told, and how its command line says it. */
export interface RelaySettings {
  /** Each way. */
  readonly delayMs?: number;
  /** The delay varies by up to so much, either way. */
  readonly jitterMs?: number;
  /** Whether queries lose their OPT (RFC 6891). */
  readonly stripsOpt?: boolean;
  /**
   * Chance of each packet to get lost, once a resolver was sent its first receipt: until then it learns the way, and what it remembers of
   * losses there would be all that it shows. Every packet is in the log, lost or not (passage.ts).
   */
  readonly lossPercent?: number;
}
