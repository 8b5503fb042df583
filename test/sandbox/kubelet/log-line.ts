/** One line of a log file in the form of the container runtimes: `2026-01-01T00:00:00.000000000Z stdout F text`. */
export interface LogLine {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The line goes on in the next entry. */
  readonly partial: boolean;
  readonly text: string;
}

export function parseLogLine(line: string): LogLine | undefined {
  const match = /^(\S+) (stdout|stderr) ([FP]) (.*)$/s.exec(line);
  if (match === null) return undefined;
  const [, time = '', stream = '', tag, text = ''] = match;
  return { time, stream: stream === 'stderr' ? 'stderr' : 'stdout', partial: tag === 'P', text };
}

export function formatLogLine({ time, stream, partial, text }: LogLine): string {
  return `${time} ${stream} ${partial ? 'P' : 'F'} ${text}\n`;
}

/** The time now with nine digits after the point (of which Node knows about six). */
export function logTime(now = performance.timeOrigin + performance.now()): string {
  const whole = Math.floor(now);
  const nanos = Math.floor((now - whole) * 1e6);
  return `${new Date(whole).toISOString().slice(0, -1)}${String(nanos).padStart(6, '0')}Z`;
}
