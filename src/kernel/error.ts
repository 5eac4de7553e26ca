/** Errors of system calls, shaped like Node's own. */
import { getSystemErrorName } from 'node:util';

export interface KernelError extends Error {
  /** `EADDRINUSE`, `EACCES`, … */
  readonly code: string;
  /** Negative, as in Node's errors. */
  readonly errno: number;
  readonly syscall: string;
}

/**
 * The error that says what failed, as `bind EADDRINUSE 127.0.0.1:53`.
 * @param errno positive, as the kernel gives it
 * @param where an address, a file descriptor: whatever tells the operator which one
 */
export function kernelError(errno: number, syscall: string, where = ''): KernelError {
  const code = getSystemErrorName(-errno);
  const message = `${syscall} ${code}${where === '' ? '' : ` ${where}`}`;
  return Object.assign(new Error(message), { code, errno: -errno, syscall });
}
