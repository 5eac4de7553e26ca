/** The system calls on sockets that the floor and the loads are made of; Linux with 64-bit pointers, little-endian. */
import { createRequire } from 'node:module';
import type Koffi from 'koffi';

const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
const libc = koffi.load(null);

/** What a call takes for a pointer. More than 64 octets, else it may lie in the garbage-collected heap and move. */
type Memory = Uint8Array | null;

const call = <Args extends readonly unknown[]>(prototype: string) =>
  libc.func(prototype) as unknown as (...args: Args) => number;

export const socket = call<[domain: number, type: number, protocol: number]>('int socket(int, int, int)');
export const close = call<[fd: number]>('int close(int)');
export const bind = call<[fd: number, name: Memory, length: number]>('int bind(int, const void *, uint32_t)');
export const connect = call<[fd: number, name: Memory, length: number]>(
  'int connect(int, const void *, uint32_t)',
);
export const setsockopt = call<[fd: number, level: number, option: number, value: Memory, length: number]>(
  'int setsockopt(int, int, int, const void *, uint32_t)',
);
export const send = call<[fd: number, octets: Memory, length: number, flags: number]>(
  'intptr_t send(int, const void *, size_t, int)',
);
export const recv = call<[fd: number, into: Memory, length: number, flags: number]>(
  'intptr_t recv(int, void *, size_t, int)',
);
export const recvmmsg = call<[fd: number, headers: Memory, count: number, flags: number, timeout: Memory]>(
  'int recvmmsg(int, void *, unsigned int, int, void *)',
);
export const sendmmsg = call<[fd: number, headers: Memory, count: number, flags: number]>(
  'int sendmmsg(int, void *, unsigned int, int)',
);
/** Address of an array's first octet; whoever stores it keeps the array. */
export const addressOf = (octets: Uint8Array): bigint => koffi.address(octets);

export const AF_INET = 2;
export const [SOCK_STREAM, SOCK_DGRAM] = [1, 2] as const;
const [SOL_SOCKET, SO_RCVBUF, SO_RCVTIMEO] = [1, 8, 20];
export const NAME_OCTETS = 16;

/** Writes a sockaddr_in at place `index` of `names`. */
export function writeName(names: Buffer, index: number, address: number, port: number): void {
  names.writeUInt16LE(AF_INET, index * NAME_OCTETS);
  names.writeUInt16BE(port, index * NAME_OCTETS + 2);
  names.writeUInt32BE(address, index * NAME_OCTETS + 4);
}

const value = Buffer.alloc(128);

export function setOption(fd: number, level: number, option: number, number: number): void {
  value.writeUInt32LE(number);
  setsockopt(fd, level, option, value, 4);
}

export const setReceiveRoom = (fd: number, octets: number) => setOption(fd, SOL_SOCKET, SO_RCVBUF, octets);

/** A receive gives up after so long; 0 is never. */
export function setPatience(fd: number, milliseconds: number): void {
  value.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
  value.writeBigInt64LE(BigInt((milliseconds % 1000) * 1000), 8);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, value, 16);
}
