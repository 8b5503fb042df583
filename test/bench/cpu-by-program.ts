import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Seconds of user and system time since each process of this machine began, by process id. */
export type CpuTimes = ReadonlyMap<string, { readonly program: string; readonly seconds: number }>;

/** A second of `/proc/PID/stat`, on every Linux. */
const TICKS = 100;
/** Those that take less together are not what a time is spent on. */
const LEAST_SECONDS = 0.5;

/** What each process has used until now, as `/proc` shows it: in a sandbox those of the sandbox. */
export function cpuTimes(): CpuTimes {
  const times = new Map<string, { readonly program: string; readonly seconds: number }>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      times.set(pid, { program: programOf(words), seconds: cpuSecondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) });
    } catch {
      // It ended while we looked.
    }
  }
  return times;
}

/** User and system time, in seconds, of a line of `/proc/PID/stat`. */
export function cpuSecondsOf(stat: string): number {
  // The program's name, which may hold anything, ends with the last parenthesis; then come the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** `64.2 s: 31.0 kube-apiserver, ...`, the most first, of what was used between; without those that ended meanwhile. */
export function cpuText(before: CpuTimes, after: CpuTimes): string {
  const byProgram = new Map<string, number>();
  for (const [pid, { program, seconds }] of after) {
    const used = seconds - (before.get(pid)?.seconds ?? 0);
    byProgram.set(program, (byProgram.get(program) ?? 0) + used);
  }
  const all = [...byProgram.values()].reduce((sum, seconds) => sum + seconds, 0);
  const most = [...byProgram]
    .filter(([, seconds]) => seconds >= LEAST_SECONDS)
    .toSorted(([, one], [, other]) => other - one);
  return `${all.toFixed(1)} s: ${most.map(([program, seconds]) => `${seconds.toFixed(1)} ${program}`).join(', ')}`;
}

/** A script is known by its name, and any other program by its own. */
function programOf([program = '', ...words]: readonly string[]): string {
  const script = basename(program) === 'node' ? words.find((word) => /\.[cm]?[jt]s$/.test(word)) : undefined;
  return basename(script ?? program);
}
