import { execaNode } from 'execa';

export interface Schedules {
  readonly seed: number;
  readonly numRuns: number;
}

/** Plays schedules with the real `decide` in a process of its own. */
export class SchedulePlayer {
  readonly #process = start();
  readonly #answers = this.#process.getEachMessage();

  /** One at a time. @throws what `assertKept` throws, or that the process has ended */
  async play(schedules: Schedules): Promise<void> {
    await this.#process.sendMessage({ ...schedules });
    const answer = (await this.#answers.next()) as IteratorResult<string, unknown>;
    if (answer.done === true) throw new Error('the process that plays schedules has ended');
    if (answer.value !== '') throw new Error(answer.value);
  }

  async close(): Promise<void> {
    this.#process.kill();
    await this.#process;
  }
}

function start() {
  const file = new URL('./schedule-program.ts', import.meta.url);
  return execaNode(file, { nodeOptions: ['--import', 'tsx'], ipc: true, reject: false, stderr: 'inherit' });
}
