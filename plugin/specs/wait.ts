import { Argument, InvalidArgumentError, Option } from 'commander';
import { durationMs } from '../../api/duration.ts';
import type { CommandSpec } from '../command-spec.ts';
import { allNamespaces, selector } from './common-options.ts';

export const wait: CommandSpec = {
  name: 'wait',
  group: 'See',
  summary: 'Wait until releases have come to a point.',
  description: [
    'Each change is a line on standard error, and what it came to is one on standard output. What was before the last change of a target does not count: the controller has to have seen it.',
    'promoted is Succeeded or Initialized, finished is promoted or failed, started is under way, gate is one that a person opens.',
    'Exits with 0 when it is reached, 4 when the release failed, was taken back or was superseded, 5 when a release that is to be promoted needs a person, 124 when the time is over, and 1 when it cannot be reached any more.',
  ],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [
    new Option(
      '--for <what>',
      'promoted, failed, finished, started, paused, gate, gate=NAME, weight=PERCENT, ready, initialized or deleted',
    ).default('promoted'),
    new Option('--timeout <time>', 'the longest that is waited, such as 10m; 0 is without an end')
      .default(0, '0')
      .argParser(timeout),
    new Option('--revision <revision>', 'only of this one, in full or as it begins: a newer one does not count'),
    new Option('--past-gates', 'go on waiting where a person has to approve, resume or end a suspension'),
    selector(),
    new Option('--all', 'all canaries of the namespace').default(false),
    allNamespaces(),
  ],
  examples: [
    { what: 'Until the release under way is promoted', command: 'kubectl canary wait podinfo --timeout 30m' },
    { what: 'Until a person is asked for', command: 'kubectl canary wait podinfo --for gate=qa --timeout 30m' },
    { what: 'Until all releases are over', command: 'kubectl canary wait --all --for finished --timeout 1h' },
  ],
  load: () => import('../commands/wait.ts'),
};

/** As kubectl reads it: a bare number is seconds. */
function timeout(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : durationMs(text);
  if (ms === undefined || ms < 0 || !Number.isSafeInteger(Math.round(ms))) {
    throw new InvalidArgumentError('Write a time such as 90s or 10m.');
  }
  return ms;
}
