import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from './failure.ts';

/** The folders that the sandbox uses outside the checkout. */
export interface Places {
  /** What is built and fetched, by version: safe to delete, costs the next build. */
  readonly cache: string;
  /** One folder a sandbox, for as long as it lives. */
  readonly sandboxes: string;
}

export function placesOf(env: NodeJS.ProcessEnv): Places {
  return {
    cache: join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubectl-canary'),
    sandboxes: join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'kubectl-canary', 'sandboxes'),
  };
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/** @throws {Failure} when the name is not a short DNS label */
export function sandboxFolder(places: Places, name: string): string {
  if (!NAME.test(name)) {
    throw new Failure(`"${name}" is no name for a sandbox: use up to 32 lower-case letters, digits and dashes`);
  }
  return join(places.sandboxes, name);
}
