// What is printed to the shell that completes a command line. Nothing in here may hang, ask anybody or say what went wrong:
// somebody is typing.
import { Command, type Option } from 'commander';
import { CANARIES, NAMESPACES } from '../../api/resources.ts';
import type { CommandSpec } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type GlobalFlags, globalOptions } from '../global-options.ts';
import { type Candidate, type CompletionPoint, completionPoint, type Wanted } from './completion-point.ts';

export interface CompleteOptions {
  /** What stands after `kubectl canary`; the last word is the one that is being typed. */
  readonly words: readonly string[];
  readonly specs: readonly CommandSpec[];
  readonly open: (global: GlobalFlags) => Promise<{ readonly context: Context; readonly close: () => void }>;
}

/** Of cobra, which kubectl is made with. */
const NO_SPACE = 2;
const NO_FILES = 4;
/** What has not been answered by then comes too late for whoever types. */
const DEADLINE_MS = 1000;

/** Prints the candidates, one a line, and last what the shell should do with them. */
export async function complete({ words, specs, open }: CompleteOptions): Promise<ExitCode> {
  const globals = globalOptions();
  const point = completionPoint(words, specs, globals);
  const { context, close } = await open(flagsOf(point.global, globals));
  try {
    const found = (await Promise.all(point.wanted.map((wanted) => candidates(wanted, point, context)))).flat();
    const fitting = found.filter(({ word }) => word.startsWith(point.prefix) && !point.typed.includes(word));
    const lines = fitting.map(({ word, about }) => (about === undefined ? word : `${word}\t${about}`));
    const isUnfinished = fitting.length > 0 && fitting.every(({ word }) => word.endsWith('='));
    const noFiles = point.wanted.some(({ kind }) => kind === 'files') ? 0 : NO_FILES;
    context.out.write([...lines, `:${noFiles + (isUnfinished ? NO_SPACE : 0)}`, ''].join('\n'));
    return EXIT.OK;
  } finally {
    close();
  }
}

/** As far as they can be read: one that is wrong is passed over until the command is run. */
function flagsOf(typed: readonly string[], globals: readonly Option[]): GlobalFlags {
  const reader = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const option of globals) reader.addOption(option);
  try {
    reader.parse(typed, { from: 'user' });
  } catch {
    // Its defaults are left.
  }
  return reader.opts<GlobalFlags>();
}

async function candidates(wanted: Wanted, point: CompletionPoint, context: Context): Promise<readonly Candidate[]> {
  if (wanted.kind === 'words') return wanted.words;
  if (wanted.kind === 'files') return [];
  const { kind } = wanted;
  const found = await inTime(context, (signal) => names(kind, point, context, signal));
  return [...new Set(found)].map((word) => ({ word }));
}

async function names(
  kind: Exclude<Wanted['kind'], 'words' | 'files'>,
  { typed }: CompletionPoint,
  context: Context,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { gatesOf, namesOf } = await import('../cluster/names.ts');
  switch (kind) {
    case 'canaries':
      return namesOf(await context.cluster(), CANARIES, signal);
    case 'gates':
      return gatesOf(await context.cluster(), typed, signal);
    case 'namespaces':
      return namesOf(await context.cluster(), NAMESPACES, signal);
    case 'contexts':
    case 'clusters':
    case 'users': {
      const { readKubeConfig } = await import('../../kube/kube-config/sources.ts');
      const { env, global } = context;
      const kubeconfig = global.kubeconfig === undefined ? {} : { kubeconfig: global.kubeconfig };
      return [...(await readKubeConfig({ env, ...kubeconfig }))[kind].keys()];
    }
  }
}

/** Nothing where it fails, or takes too long. */
async function inTime(
  { clock }: Context,
  ask: (signal: AbortSignal) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const stop = new AbortController();
  let cancel = (): void => undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    cancel = clock.after(DEADLINE_MS, () => {
      stop.abort();
      resolve([]);
    });
  });
  try {
    return await Promise.race([ask(stop.signal).catch(() => []), late]);
  } finally {
    cancel();
  }
}
