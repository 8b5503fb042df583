import { expand } from './expansion.ts';
import type { Container } from './pod.ts';

export interface ImageCommand {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

/**
 * What a container runs. `command` stands for the image's entrypoint and `args` for its cmd; a `command` without `args`
 * drops the image's cmd too.
 */
export function commandLine(
  container: Container,
  image: ImageCommand,
  variables: ReadonlyMap<string, string>,
): string[] {
  const command = (container.command ?? []).map((word) => expand(word, variables));
  const args = (container.args ?? []).map((word) => expand(word, variables));
  if (command.length > 0) return [...command, ...args];
  return [...image.entrypoint, ...(args.length > 0 ? args : image.cmd)];
}
