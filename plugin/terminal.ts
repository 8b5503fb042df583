import type { Terminal } from './context.ts';
import type { GlobalFlags } from './global-options.ts';

/** As much of a stream of Node as is asked about the screen. */
export interface ScreenStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Of a screen that does not say how large it is. */
const USUAL = { columns: 80, rows: 24 };
/** A line is no narrower and no wider than this, whatever the environment says. */
const COLUMNS = { min: 20, max: 1000 };

/** What can be shown on the screen: colours as https://no-color.org and `--color` say, Unicode where the locale has it. */
export function terminalOf(stream: ScreenStream, env: Environment, color: GlobalFlags['color']): Terminal {
  return {
    size: () => sizeOf(stream, env),
    lineWidth: () => (stream.isTTY === true || hasColumns(env) ? sizeOf(stream, env).columns : COLUMNS.max),
    onResize(callback, signal) {
      if (signal.aborted) return;
      stream.on('resize', callback);
      signal.addEventListener('abort', () => stream.off('resize', callback), { once: true });
    },
    hasColor: hasColor(stream, env, color),
    hasUnicode: hasUnicode(env),
  };
}

function sizeOf(stream: ScreenStream, env: Environment): { readonly columns: number; readonly rows: number } {
  const columns = hasColumns(env) ? Number(env['COLUMNS']) : (stream.columns ?? USUAL.columns);
  return { columns: Math.min(COLUMNS.max, Math.max(COLUMNS.min, columns)), rows: stream.rows ?? USUAL.rows };
}

/** Whether somebody says how wide lines are to be. */
function hasColumns(env: Environment): boolean {
  return /^[1-9]\d{0,5}$/.test(env['COLUMNS'] ?? '');
}

function hasColor(stream: ScreenStream, env: Environment, color: GlobalFlags['color']): boolean {
  switch (color) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'auto':
      return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  }
}

/** The first of them that is set says it, as for every other program. Where none is, nearly all screens can. */
function hasUnicode(env: Environment): boolean {
  if (env['TERM'] === 'dumb') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale === undefined ? env['TERM'] !== 'linux' : /utf-?8/i.test(locale);
}
