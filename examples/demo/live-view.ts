import type { CanaryStatus } from '../../api/generated/canary.ts';

/** Where the release stands, in a few lines; pure, and as wide as 76 columns at most. */
export function statusLines(
  status: CanaryStatus,
  served: { readonly requests: number; readonly canary: number },
): readonly string[] {
  const { phase = '', ending, summary = {}, actualWeight = 0, checks = [], failedChecks = 0, waitingFor } = status;
  const title =
    ending === undefined ? phase : `${phase}, ${ending.result === 'Succeeded' ? 'clearing up' : 'rolling back'}`;
  const share =
    served.requests === 0 ? '' : `   the canary answers ${((100 * served.canary) / served.requests).toFixed(1)} %`;
  return [
    `  ${title.padEnd(26)} step ${(summary.step ?? '-').padEnd(5)} failed checks ${failedChecks}`,
    `  weight ${String(actualWeight).padStart(3)} % ${bar(actualWeight)}${share}`,
    ...checks.map(
      ({ name, verdict, value, thresholdRange: { min, max } = {} }) =>
        `  ${verdict === 'Pass' ? '✔' : '✖'} ${name.padEnd(22)} ${shown(value).padStart(9)}   ${min === undefined ? `at most ${max}` : `at least ${min}`}`,
    ),
    ...(waitingFor === undefined ? [] : [`  waits: ${(waitingFor.message ?? waitingFor.reason).slice(0, 66)}`]),
  ];
}

/** Repaints lines in place on a terminal; elsewhere prints those of a status that is news. */
export function createPainter(write: (text: string) => void, isTerminal: boolean) {
  let painted = 0;
  let last = '';
  return {
    paint(lines: readonly string[], line: string): void {
      if (!isTerminal) {
        if (line !== last) write(`${line}\n`);
        last = line;
        return;
      }
      write(`${painted > 0 ? `\u001B[${painted}A` : ''}${lines.map((each) => `\u001B[2K${each}\n`).join('')}\u001B[J`);
      painted = lines.length;
    },
    /** What follows stands below. */
    done(): void {
      painted = 0;
      last = '';
    },
  };
}

/** One line for where there is no terminal: phase, step, weight, checks. */
export function statusLine({
  phase = '',
  ending,
  summary = {},
  actualWeight = 0,
  failedChecks = 0,
}: CanaryStatus): string {
  const doing = ending === undefined ? '' : ending.result === 'Succeeded' ? ', clearing up' : ', rolling back';
  return `  ${phase}${doing}  step ${summary.step ?? '-'}  weight ${actualWeight} %  checks ${summary.checks ?? '-'}  failed ${failedChecks}`;
}

function bar(percent: number): string {
  const full = Math.round(percent / 4);
  return '#'.repeat(full).padEnd(25, '.');
}

function shown(value: number | undefined): string {
  return value === undefined ? 'no data' : String(Number(value.toPrecision(4)));
}
