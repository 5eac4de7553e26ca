/** A program of its own, inside the namespace of a router: packets go through it late, without their OPT, or not at all (netem is not in every kernel). */
import { read, write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isReceipt, PassageReader } from './passage.ts';
import type { RelaySettings } from './relay-settings.ts';
import { withoutOpt } from './strip-opt.ts';
import { openTun } from './tun.ts';

const LARGEST = 65_535;

const settings = JSON.parse(process.argv[2]!) as RelaySettings;
const { delayMs = 0, jitterMs = 0, stripsOpt = false, lossPercent } = settings;
const tun = openTun('relay0');
console.log('ready');
const readPacket = promisify(read);
const writePacket = promisify(write);
const reader = new PassageReader();
/** Addresses of resolvers that were sent a receipt. */
const exposed = new Set<string>();

for (;;) {
  const { bytesRead, buffer } = await readPacket(tun, Buffer.alloc(LARGEST), 0, LARGEST, null);
  const packet = buffer.subarray(0, bytesRead);
  if (lossPercent === undefined || isLetOn(packet, lossPercent)) void passOn(packet);
}

function isLetOn(packet: Buffer, percent: number): boolean {
  const passage = reader.read(packet, Date.now(), false);
  const { from, to } = passage;
  const isDropped = (exposed.has(from) || exposed.has(to)) && Math.random() * 100 < percent;
  console.log(JSON.stringify({ ...passage, isDropped }));
  if (isReceipt(passage)) exposed.add(to);
  return !isDropped;
}

/** Jitter above the gap between two packets changes their order, as it does outside. */
async function passOn(packet: Buffer): Promise<void> {
  const wait = delayMs + (Math.random() * 2 - 1) * jitterMs;
  if (wait > 0) await delay(wait);
  await writePacket(tun, stripsOpt ? withoutOpt(packet) : packet);
}
