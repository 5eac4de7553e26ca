/** A program of its own, inside the namespace of a router: packets go through it late, or without their OPT (netem is not in every kernel). */
import { read, write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RelaySettings } from './relay-settings.ts';
import { withoutOpt } from './strip-opt.ts';
import { openTun } from './tun.ts';

const LARGEST = 65_535;

const { delayMs = 0, jitterMs = 0, stripsOpt = false } = JSON.parse(process.argv[2]!) as RelaySettings;
const tun = openTun('relay0');
console.log('ready');
const readPacket = promisify(read);
const writePacket = promisify(write);

for (;;) {
  const { bytesRead, buffer } = await readPacket(tun, Buffer.alloc(LARGEST), 0, LARGEST, null);
  void passOn(buffer.subarray(0, bytesRead));
}

/** Jitter above the gap between two packets changes their order, as it does outside. */
async function passOn(packet: Buffer): Promise<void> {
  const wait = delayMs + (Math.random() * 2 - 1) * jitterMs;
  if (wait > 0) await delay(wait);
  await writePacket(tun, stripsOpt ? withoutOpt(packet) : packet);
}
