export interface ProbeResult {
  /** A warning counts as a success. */
  readonly outcome: 'success' | 'warning' | 'failure';
  /** What the event says. */
  readonly output: string;
}

export function failure(output: string): ProbeResult {
  return { outcome: 'failure', output };
}

export function success(output = ''): ProbeResult {
  return { outcome: 'success', output };
}

/** A failed connection in the words that people know from real kubelets: `dial tcp 10.244.0.5:80: connect: connection refused`. */
export function dialError(host: string, port: number, error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connect: connection refused',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
    ETIMEDOUT: 'i/o timeout',
  };
  const why = code === undefined ? undefined : words[code];
  return why === undefined
    ? error instanceof Error
      ? error.message
      : String(error)
    : `dial tcp ${host}:${port}: ${why}`;
}
