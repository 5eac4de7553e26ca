/** Packet threads under supervision: started, told of reloads, replaced on the same sockets when they end, stopped. */
import { Worker } from 'node:worker_threads';
import type { WorldData } from '../world.ts';
import { announce, makeControlWords, requestStop } from './control.ts';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';

/** Where compiled threads begin; Node cannot start one from TypeScript. */
const ENTRY = new URL('./worker.js', import.meta.url);
/** A thread that has not built its world within this time is taken for dead. */
const ANSWER_WITHIN_MS = 30_000;
/** Loops stop within two seconds, whatever waits. */
const STOP_WITHIN_MS = 5_000;
/** A thread that lives so long starts the count of failures anew. */
const SOUND_AFTER_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 10_000;

export interface ThreadEvents {
  onTrouble(error: Error): void;
  onBug(error: Error): void;
  /** It ended by itself. Called before another one begins. */
  onEnd(error: Error): void;
}

/** One place among the threads, which thread after thread may take. */
export class ThreadPlace {
  /** Threads that ended by themselves. */
  replaced = 0;
  private start: ThreadStart;
  private readonly events: ThreadEvents;
  private worker: Worker | undefined;
  private isStopping = false;
  private failures = 0;
  private pause: NodeJS.Timeout | undefined;
  private ended: Promise<void> = Promise.resolve();
  /** What is asked of the thread that runs now, by reload. */
  private readonly asked = new Map<number, Asked>();

  constructor(start: Omit<ThreadStart, 'control'>, events: ThreadEvents) {
    this.start = { ...start, control: makeControlWords() };
    this.events = events;
  }

  /** Resolves when the first thread has built its world and answers. @throws {Error} where it cannot */
  async begin(): Promise<void> {
    const answer = this.expect(0);
    this.run();
    await answer;
  }

  /** Builds this world beside the one in use. @throws {Error} where that cannot be */
  prepare(reload: number, world: WorldData): Promise<void> {
    return this.ask({ kind: 'prepare', reload, world });
  }

  /** Answers from the prepared world, also in threads to come; one that does not obey is replaced by one that does. */
  async commit(reload: number, world: WorldData): Promise<void> {
    this.start = { ...this.start, world };
    await this.ask({ kind: 'commit', reload }).catch(() => this.worker?.terminate());
  }

  /** Drops the prepared world. */
  forget(reload: number): void {
    this.ask({ kind: 'forget', reload }).catch(() => {});
  }

  /** Lets the thread finish, and cuts it off where it does not. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.pause);
    requestStop(this.start.control);
    const impatience = setTimeout(() => void this.worker?.terminate(), STOP_WITHIN_MS);
    await this.ended;
    clearTimeout(impatience);
  }

  /** Ends the thread as a crash would, for tests. */
  async kill(): Promise<void> {
    await this.worker?.terminate();
  }

  private run(): void {
    const worker = new Worker(ENTRY, { workerData: this.start, name: `packet ${this.start.thread}` });
    const beganAt = performance.now();
    this.worker = worker;
    let why = new Error('the thread was cut off');
    worker.on('message', (message: FromThread) => this.hear(message));
    worker.on('error', (error) => {
      why = error;
    });
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.worker = undefined;
        resolve();
        if (!this.isStopping) this.replace(why, performance.now() - beganAt);
        this.refuseAll(why);
      });
    });
  }

  private replace(why: Error, livedMs: number): void {
    // What never ran is no thread to be replaced: the start fails.
    if (this.asked.has(0)) return;
    this.replaced += 1;
    this.failures = livedMs > SOUND_AFTER_MS ? 1 : this.failures + 1;
    this.events.onEnd(why);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    this.pause = setTimeout(() => this.run(), pauseMs);
  }

  private hear(message: FromThread): void {
    if (message.kind === 'done') this.asked.get(message.reload)?.done();
    else if (message.kind === 'refused') this.asked.get(message.reload)?.refuse(message.error);
    else if (message.kind === 'trouble') this.events.onTrouble(message.error);
    else this.events.onBug(message.error);
  }

  private ask(message: ToThread): Promise<void> {
    // One that begins only now begins with what is in force.
    if (!this.worker) return Promise.resolve();
    const answer = this.expect(message.reload);
    this.worker.postMessage(message);
    announce(this.start.control);
    return answer;
  }

  private expect(reload: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const late = () => reject(new Error(`no answer from thread ${this.start.thread}`));
      const timer = setTimeout(late, ANSWER_WITHIN_MS);
      const settle = (end: () => void) => {
        clearTimeout(timer);
        this.asked.delete(reload);
        end();
      };
      this.asked.set(reload, {
        done: () => settle(resolve),
        refuse: (error) => settle(() => reject(error)),
      });
    });
  }

  private refuseAll(error: Error): void {
    for (const one of [...this.asked.values()]) one.refuse(error);
  }
}

interface Asked {
  done(): void;
  refuse(error: Error): void;
}
