import { connect } from 'node:net';
import { dialError, failure, type ProbeResult, success } from './result.ts';

/** A connection that opens is a success. */
export function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(failure(`dial tcp ${host}:${port}: i/o timeout`)), timeoutMs);
    socket.once('connect', () => end(success()));
    socket.once('error', (error) => end(failure(dialError(host, port, error))));
  });
}
