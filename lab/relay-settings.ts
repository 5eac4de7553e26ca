/** What the relay is told, and how its command line says it. */
export interface RelaySettings {
  /** Each way. */
  readonly delayMs?: number;
  /** The delay varies by up to so much, either way. */
  readonly jitterMs?: number;
  /** Whether queries lose their OPT (RFC 6891). */
  readonly stripsOpt?: boolean;
}
