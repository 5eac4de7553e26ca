/** One UDP socket, many messages a call (recvmmsg(2), sendmmsg(2)). */
import {
  AF_INET,
  addressOf,
  bind,
  NAME_OCTETS,
  recvmmsg,
  SOCK_DGRAM,
  sendmmsg,
  setPatience,
  setReceiveRoom,
  socket,
  writeName,
} from './libc.ts';

const MSG_WAITFORONE = 0x10000;
const HEADER_OCTETS = 64; // struct mmsghdr: struct msghdr of 56, then msg_len

/** Messages that one call moves: each with its own octets, peer address and control octets. */
export class Batch {
  readonly count: number;
  readonly room: number;
  /** `room` octets for each message. */
  readonly octets: Buffer;
  /** A sockaddr_in for each. */
  readonly names: Buffer;
  readonly control: Buffer;
  readonly #headers: Buffer;
  readonly #vectors: Buffer;
  readonly #controlRoom: number;

  constructor(count: number, room: number, controlRoom = 0) {
    this.count = count;
    this.room = room;
    // The kernel is given addresses of these: they are fields, so that they live as long as the batch.
    this.octets = Buffer.alloc(count * room);
    this.names = Buffer.alloc(Math.max(128, count * NAME_OCTETS));
    this.control = Buffer.alloc(Math.max(128, count * controlRoom));
    this.#headers = Buffer.alloc(count * HEADER_OCTETS);
    this.#vectors = Buffer.alloc(Math.max(128, count * 16));
    this.#controlRoom = controlRoom;
    for (let index = 0; index < count; index++) this.#link(index);
  }

  #link(index: number): void {
    const address = (memory: Buffer, at: number) => addressOf(memory) + BigInt(at);
    const at = index * HEADER_OCTETS;
    this.#headers.writeBigUInt64LE(address(this.names, index * NAME_OCTETS), at);
    this.#headers.writeBigUInt64LE(address(this.#vectors, index * 16), at + 16);
    this.#headers.writeBigUInt64LE(1n, at + 24);
    if (this.#controlRoom > 0) {
      this.#headers.writeBigUInt64LE(address(this.control, index * this.#controlRoom), at + 32);
      this.#headers.writeBigUInt64LE(BigInt(this.#controlRoom), at + 40);
    }
    this.#vectors.writeBigUInt64LE(address(this.octets, index * this.room), index * 16);
    this.setLength(index, this.room);
  }

  /** Octets of the message to send, or room for one to receive. */
  setLength(index: number, octets: number): void {
    this.#vectors.writeUInt32LE(octets, index * 16 + 8);
  }

  /** Waits for one message, then takes those that are there; 0 after the socket's time limit. */
  receive(fd: number): number {
    for (let index = 0; index < this.count; index++)
      this.#headers.writeUInt32LE(NAME_OCTETS, index * HEADER_OCTETS + 8);
    return Math.max(0, recvmmsg(fd, this.#headers, this.count, MSG_WAITFORONE, null));
  }

  /** Sends the first `count` messages; returns how many left. */
  send(fd: number, count: number): number {
    for (let index = 0; index < count; index++)
      this.#headers.writeUInt32LE(NAME_OCTETS, index * HEADER_OCTETS + 8);
    let sent = 0;
    while (sent < count) {
      const more = sendmmsg(fd, this.#headers.subarray(sent * HEADER_OCTETS), count - sent, 0);
      if (more <= 0) break;
      sent += more;
    }
    return sent;
  }
}

/** A blocking socket on an IPv4 address (a number, 0 for all) and port (0: the kernel chooses when it first sends). */
export function openSocket(address: number, port: number, waitMs: number): number {
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  setReceiveRoom(fd, 4 << 20);
  setPatience(fd, waitMs);
  const name = Buffer.alloc(128);
  writeName(name, 0, address, port);
  if (fd < 0 || bind(fd, name, NAME_OCTETS) !== 0) throw new Error(`cannot bind UDP port ${port}`);
  return fd;
}
