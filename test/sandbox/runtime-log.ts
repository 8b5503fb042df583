import type { Log } from '../../kube/log.ts';

/** The runtime's log as plain lines, which is what the sandbox's own programs write. */
export function runtimeLog(write: (message: string, error?: unknown) => void, fields: object = {}): Log {
  const line = (more: object, message: string): void => {
    const { err, ...rest } = { ...fields, ...more } as { err?: unknown };
    write(Object.keys(rest).length === 0 ? message : `${message} ${JSON.stringify(rest)}`, err);
  };
  return {
    debug: () => undefined,
    info: line,
    warn: line,
    error: line,
    child: (more) => runtimeLog(write, { ...fields, ...more }),
  };
}
