import { KubeError } from '../kube/errors.ts';
import { KubeConfigError } from '../kube/kube-config/kube-config-error.ts';
import { CommandError } from './command-error.ts';
import { inOneLine } from './in-one-line.ts';

/**
 * What went wrong, in one line and without a stack; as kubectl words what the API server said.
 *
 * @param about stands before it, where it is one of several: `canary.flagger.app/podinfo not promoted: `
 */
export function errorLine(error: unknown, command: string, about = ''): string {
  return inOneLine(textOf(error, command, about));
}

function textOf(error: unknown, command: string, about: string): string {
  if (error instanceof CommandError || error instanceof KubeConfigError) return `error: ${about}${error.message}`;
  if (error instanceof KubeError) {
    if (error.status === 0) return `error: ${about}the API server cannot be asked: ${error.message}`;
    if (error.status === 401) return `error: ${about}You must be logged in to the server (Unauthorized)`;
    return `Error from server (${error.reason}): ${about}${serverMessage(error)}`;
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `error: kubectl canary ${command} has a fault of its own: ${what}`;
}

/** Without the request that stands before what the server said. */
function serverMessage({ message }: KubeError): string {
  return message.replace(/^[A-Z]+ \S+: \d+ ?/, '');
}
