import type { Container } from '../pod.ts';

class UnknownPortError extends Error {
  override readonly name = 'UnknownPortError';
}

/** The number of a port that a probe names by its number or by its name among the container's ports. */
export function resolvePort(port: number | string, container: Container): number {
  const named =
    typeof port === 'number' ? port : (container.ports ?? []).find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (!Number.isInteger(number)) throw new UnknownPortError(`couldn't find port: ${JSON.stringify(port)}`);
  if (number < 1 || number > 65535) throw new UnknownPortError(`invalid port number: ${number}`);
  return number;
}
