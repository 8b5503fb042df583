import assert from 'node:assert/strict';
import { type HookMoment, hooksAt } from '../hooks-at.ts';
import type { PretendRelease } from '../pretend-release.ts';

/** What hooks have said and people have approved, each of one run: neither counts for another. */
export class HookWatch {
  /** Gates that were approved, each with the run that it was. */
  readonly #approved = new Set<string>();
  /** Whether the hooks of a moment have passed in a run, as they were asked last. */
  readonly #said = new Map<string, boolean>();
  #answers: PretendRelease['answers'] | undefined;
  readonly #release: PretendRelease;

  constructor(release: PretendRelease) {
    this.#release = release;
  }

  hear(): void {
    const { answers } = this.#release;
    if (answers === this.#answers) return;
    this.#answers = answers;
    for (const [question, answer] of Object.entries(answers)) {
      const [moment = '', revision, startedAt] = question.split(' ');
      const passes = answer !== 'under way' && answer.every(({ verdict }) => verdict === 'Pass');
      this.#said.set(`${moment} ${this.#release.contentOf(revision)} ${startedAt}`, passes);
    }
  }

  /** The gate that was approved last was so for the run that there is. */
  approved(): void {
    const { gate = '' } = this.#release.status.approvals?.at(-1) ?? {};
    this.#approved.add(`${this.#run} ${gate}`);
  }

  /** Where there are hooks of a moment, they have passed for this very run. */
  hasPassed(moment: HookMoment, what: string): void {
    const { analysis } = this.#release;
    for (const { type, name, url } of analysis.webhooks ?? []) {
      const isApproved = this.#approved.has(`${this.#run} ${name}`);
      assert.ok(type !== moment || url !== undefined || isApproved, `hooks: ${what} before ${moment} is approved`);
    }
    if (hooksAt({ analysis }, moment).length === 0) return;
    assert.ok(this.#said.get(`${moment} ${this.#run}`) === true, `hooks: ${what} before ${moment} has passed`);
  }

  get #run(): string {
    const { lastAppliedSpec, startedAt } = this.#release.status;
    return `${this.#release.contentOf(lastAppliedSpec)} ${startedAt}`;
  }
}
