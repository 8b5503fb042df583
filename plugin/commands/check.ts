import { pause } from '../../kube/clock.ts';
import type { CheckLine } from '../check/check-line.ts';
import { checkBefore, checkInstalled } from '../check/checks.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { printedDocument } from '../output/document-printer.ts';
import { checkReport } from '../view/check-report.ts';

interface CheckFlags {
  readonly pre?: boolean;
  /** Milliseconds. */
  readonly wait?: number;
  readonly output?: 'json' | 'yaml';
}

const AGAIN_MS = 2000;

export async function run(
  context: Context,
  _args: Args,
  { pre = false, wait = 0, output }: CheckFlags,
): Promise<ExitCode> {
  const { clock, signal } = context;
  const site = { ...(await context.cluster()), clock, signal };
  const end = clock.now() + wait;
  const isGood = (lines: readonly CheckLine[]) => lines.every(({ verdict }) => verdict !== 'fail');
  let lines = await (pre ? checkBefore(site) : checkInstalled(site));
  while (!isGood(lines) && clock.now() < end && !signal.aborted) {
    await pause(clock, Math.min(AGAIN_MS, end - clock.now()), signal);
    lines = await (pre ? checkBefore(site) : checkInstalled(site));
  }
  context.out.write(await printed(context, lines, output));
  if (isGood(lines)) return EXIT.OK;
  return wait > 0 ? EXIT.TIMEOUT : EXIT.FAILED;
}

async function printed(
  { terminal }: Context,
  lines: readonly CheckLine[],
  output: CheckFlags['output'],
): Promise<string> {
  if (output !== undefined) return printedDocument(output, { checks: lines });
  return checkReport(lines, terminal)
    .map((line) => `${line}\n`)
    .join('');
}
