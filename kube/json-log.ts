import { type DestinationStream, pino } from 'pino';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Log lines as JSON, one object a line: `{"level":"info","time":"2026-11-21T10:00:00.000Z","msg":"...", ...fields}`. Written
 * by this thread, as a worker's last lines would be lost when the program ends.
 *
 * @param destination the program's standard output
 */
export function createJsonLog(destination: DestinationStream, level: LogLevel, clock: Clock): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${clock.date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
    },
    destination,
  );
}

/** What an error says, and what caused it; nothing else that may hang on it, such as a request with its headers. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { status, reason } = error as { status?: unknown; reason?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}
