import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { eventsOf } from '../controller/release.ts';
import type { InstalledPlugin } from '../plugin/installed-plugin.ts';
import type { Sight } from './fault.ts';

/** Where a user looks. */
export interface View {
  readonly namespace: string;
  readonly plugin: InstalledPlugin;
  /** Every status that there was of the run. */
  readonly statuses: () => readonly CanaryStatus[];
  /** What the controllers of its own have logged. */
  readonly log: () => string;
}

const WITHIN_MS = 100_000;

/** Looks until all has been seen, each once. */
export async function untilAllSeen(sights: readonly Sight[], view: View): Promise<void> {
  const giveUp = performance.now() + WITHIN_MS;
  let left = sights;
  let said = '';
  const onSaid = (text: string): void => {
    said = text;
  };
  for (;;) {
    const seen = await Promise.all(left.map((sight) => isSeen(sight, view, onSaid)));
    left = left.filter((_, index) => seen[index] !== true);
    if (left.length === 0) return;
    const last = [said, JSON.stringify(view.statuses().at(-1))].join('\n');
    assert.ok(performance.now() < giveUp, `nobody has seen ${left.map(sightText).join('; ')}\n${last}`);
    await sleep(300);
  }
}

/** @param onSaid told what a command has printed, for whoever has not seen what was to be there */
async function isSeen({ where, reason, text }: Sight, view: View, onSaid: (text: string) => void): Promise<boolean> {
  const pattern = patternOf(text, view.namespace);
  const inStatus = (
    toldBy: (status: CanaryStatus) => readonly { reason?: string | undefined; message?: string | undefined }[],
  ) =>
    view
      .statuses()
      .some((status) => toldBy(status).some((told) => told.reason === reason && pattern.test(told.message ?? '')));
  switch (where) {
    case 'waitingFor':
      return inStatus(({ waitingFor }) => (waitingFor === undefined ? [] : [waitingFor]));
    case 'condition Ready':
      return inStatus(({ conditions = [] }) => conditions.filter(({ type }) => type === 'Ready'));
    case 'failure':
      return inStatus(({ failure }) => (failure === undefined ? [] : [failure]));
    case 'check':
      return inStatus(({ checks = [] }) => checks.map(({ verdict, message }) => ({ reason: verdict, message })));
    case 'event':
      // The API server may be about to come back.
      return (await eventsOf(view.namespace).catch(() => [])).some((note) => pattern.test(note));
    case 'why': {
      const { stdout } = await view.plugin.run(['why', 'podinfo', '-n', view.namespace]);
      onSaid(stdout);
      return pattern.test(stdout.replaceAll(/\s+/g, ' '));
    }
    case 'kubectl': {
      const args = ['-n', view.namespace, 'get', 'canary', 'podinfo', '--request-timeout=2s'];
      const { stderr, stdout } = await execa('kubectl', args, { reject: false, timeout: 60_000 });
      onSaid(stderr + stdout);
      return pattern.test(stderr);
    }
    case 'controller log':
      return view
        .log()
        .split('\n')
        .some((line) => pattern.test(line));
  }
}

/** `waitingFor` CanaryReady: … */
export function sightText({ where, reason, text }: Sight): string {
  return `\`${where}\`${reason === undefined ? '' : ` ${reason}`}: ${text}`;
}

function patternOf(text: string, namespace: string): RegExp {
  const parts = text.replaceAll(/(podinfo(?:-primary)?)\.test\b/g, `$1.${namespace}`).split('…');
  return new RegExp(parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*'), 's');
}
