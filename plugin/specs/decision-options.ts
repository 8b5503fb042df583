// Options of the commands with which people decide, each made anew for its command.
import { InvalidArgumentError, Option } from 'commander';
import { durationMs } from '../../api/duration.ts';
import { outputFormat, selector } from './common-options.ts';

/** Of every command that changes something. */
export const decisionOptions = (): readonly Option[] => [
  new Option('--wait [bool]', 'whether it is waited for what the controller says')
    .default(true, 'true')
    .argParser(bool),
  new Option('--timeout <time>', 'for which it is waited; 0 is without end').default(60_000, '1m').argParser(time),
  selector(),
  new Option('--all', 'all canaries of the namespace'),
  new Option('--dry-run <how>', 'change nothing: client asks nobody, server has the API server look at it')
    .choices(['none', 'client', 'server'])
    .default('none'),
  new Option('--reason <text>', 'why it is decided so, for those who read it later'),
  new Option('--error-unchanged', 'exit with 3 where there is nothing to do'),
  new Option('--field-manager <name>', 'as whose the API server records the fields').default('kubectl-canary'),
  outputFormat(),
  // Known, so that it can be refused in words: a decision is of one namespace.
  new Option('-A, --all-namespaces', 'refused').hideHelp(),
];

/** Of those that are decisions about one revision. */
export const answeredOptions = (): readonly Option[] => [
  new Option(
    '--revision <revision>',
    'that is decided about, ten characters at least (default: the one that is there)',
  ).argParser(revision),
  ...decisionOptions(),
];

function revision(text: string): string {
  if (!/^[a-z0-9]{10,128}$/.test(text)) throw new InvalidArgumentError('Write ten characters of it or more.');
  return text;
}

function bool(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('Write --wait=true or --wait=false.');
  return text === 'true';
}

/** As kubectl reads it: a bare number is seconds. */
function time(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : durationMs(text);
  if (ms === undefined || !(ms >= 0)) throw new InvalidArgumentError('Write a time such as 30s or 5m.');
  return ms;
}
