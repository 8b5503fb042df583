import type { Installation, InstalledProgram } from '../cluster/installation.ts';

interface NamedController {
  /** What a line about it is called. */
  readonly name: string;
  readonly controller: InstalledProgram;
}

/** The controllers, each with a name for what is said of it: `leader`, or of several `leader of canary-controller-blue`. */
export function eachController(what: string, { controllers }: Installation): readonly NamedController[] {
  const isOne = controllers.length === 1;
  return controllers.map((controller) => ({ name: isOne ? what : `${what} of ${controller.name}`, controller }));
}
