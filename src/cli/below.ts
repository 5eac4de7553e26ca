/** Names below an origin as text; that of the root has nothing in front of its dot (RFC 1034 §3.1). */

/** `s1232.probe.example`, and `s1232.` where the origin is the root. @param origin `.`, or without final dot */
export function below(name: string, origin: string): string {
  return `${name}.${isRoot(origin) ? '' : origin}`;
}

/** No zone stands above it, so that no DS record leads to it, but a trust anchor of the resolver's. */
export function isRoot(origin: string): boolean {
  return origin === '.';
}
