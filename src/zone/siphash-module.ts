/**
 * SipHash-2-4 as a WebAssembly module, written out by a few lines of assembler: JavaScript has no fast integers of 64 bits,
 * and halves of 32 took twice as long (Aumasson and Bernstein, "SipHash: a fast short-input PRF", §2).
 *
 *     memory   0      key, 16 octets
 *             16      hash, 8 octets, written by `hash`
 *             24      message, at most MAX_MESSAGE octets
 *     export  hash(length: i32): i32     the low half of the hash
 */

export const KEY = 0;
export const HASH = 16;
export const MESSAGE = 24;
/** More would overrun the one page of memory. */
export const MAX_MESSAGE = 65_536 - MESSAGE - 8;

type Code = readonly number[];

const I32 = 0x7f;
const I64 = 0x7e;
const EMPTY = 0x40;
const LOOP: Code = [0x03, EMPTY];
const BLOCK: Code = [0x02, EMPTY];
const END: Code = [0x0b];
const branch = (depth: number): Code => [0x0c, depth];
const branchIf = (depth: number): Code => [0x0d, depth];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const load64 = (at: number): Code => [0x29, 0, ...unsigned(at)];
const store64 = (at: number): Code => [0x37, 0, ...unsigned(at)];
const i32 = (value: number): Code => [0x41, ...signed(BigInt(value))];
const i64 = (value: bigint): Code => [0x42, ...signed(value)];
const ADD32 = [0x6a];
const AND32 = [0x71];
const SHIFT_LEFT32 = [0x74];
const GREATER32 = [0x4b];
const ADD = [0x7c];
const SUBTRACT = [0x7d];
const AND = [0x83];
const OR = [0x84];
const XOR = [0x85];
const SHIFT_LEFT = [0x86];
const ROTATE_LEFT = [0x89];
const TO_I32 = [0xa7];
const TO_I64 = [0xad];

// The one parameter and the locals of `hash`.
const [LENGTH, V0, V1, V2, V3, WORD, AT] = [0, 1, 2, 3, 4, 5, 6] as const;

const add = (a: number, b: number): Code => [...get(a), ...get(b), ...ADD, ...set(a)];
const xor = (a: number, b: Code): Code => [...get(a), ...b, ...XOR, ...set(a)];
const rotate = (a: number, bits: bigint): Code => [...get(a), ...i64(bits), ...ROTATE_LEFT, ...set(a)];

const ROUND: Code = [
  ...[add(V0, V1), rotate(V1, 13n), xor(V1, get(V0)), rotate(V0, 32n)],
  ...[add(V2, V3), rotate(V3, 16n), xor(V3, get(V2))],
  ...[add(V0, V3), rotate(V3, 21n), xor(V3, get(V0))],
  ...[add(V2, V1), rotate(V1, 17n), xor(V1, get(V2)), rotate(V2, 32n)],
].flat();

const COMPRESS: Code = [...xor(V3, get(WORD)), ...ROUND, ...ROUND, ...xor(V0, get(WORD))];

const start = (v: number, key: number, constant: bigint): Code => [
  ...[i32(0), load64(key), i64(constant), XOR, set(v)].flat(),
];

/** The word at AT. */
const NEXT: Code = [...get(AT), ...load64(MESSAGE)];

/** (1 << 8 * (length mod 8)) - 1: the octets of the last word that are message. */
const REST: Code = [
  ...[i64(1n), get(LENGTH), i32(7), AND32, i32(3), SHIFT_LEFT32, TO_I64, SHIFT_LEFT, i64(1n), SUBTRACT],
].flat();

const BODY: Code = [
  start(V0, KEY, 0x736f6d6570736575n),
  start(V1, KEY + 8, 0x646f72616e646f6dn),
  start(V2, KEY, 0x6c7967656e657261n),
  start(V3, KEY + 8, 0x7465646279746573n),
  // While a whole word is left.
  ...[BLOCK, LOOP, get(AT), i32(8), ADD32, get(LENGTH), GREATER32, branchIf(1)],
  ...[NEXT, set(WORD), COMPRESS, get(AT), i32(8), ADD32, set(AT), branch(0), END, END],
  // The rest, and the length modulo 256 in the highest octet.
  ...[NEXT, REST, AND, get(LENGTH), TO_I64, i64(56n), SHIFT_LEFT, OR, set(WORD), COMPRESS],
  ...[xor(V2, i64(0xffn)), ROUND, ROUND, ROUND, ROUND],
  ...[xor(V0, get(V1)), xor(V0, get(V2)), xor(V0, get(V3))],
  ...[i32(0), get(V0), store64(HASH), get(V0), TO_I32, END],
].flat();

/** Octets of the module. */
export function assembleSipHash(): Uint8Array {
  const locals = [2, 5, I64, 1, I32];
  const text = (name: string) => [name.length, ...Buffer.from(name)];
  return Uint8Array.from([
    ...[0, ...Buffer.from('asm'), 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, I32]), // one type: (i32) → i32
    ...section(3, [1, 0]), // one function, of type 0
    ...section(5, [1, 0, 1]), // one memory of one page
    ...section(7, [2, ...text('memory'), 2, 0, ...text('hash'), 0, 0]),
    ...section(10, [1, ...unsigned(locals.length + BODY.length), ...locals, ...BODY]),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: bigint): Code {
  const low = Number(value & 0x7fn);
  const rest = value >> 7n;
  const isLast = rest === (low & 0x40 ? -1n : 0n);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
