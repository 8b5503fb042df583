import { down } from './down.ts';
import { enter } from './enter.ts';
import type { Places } from './places.ts';
import { type UpOptions, up } from './up.ts';

/** Up, exec, down; the command's exit code. The sandbox goes down whatever happens, also with a SIGKILL to ourselves. */
export async function run(
  places: Places,
  options: Omit<UpOptions, 'attached'>,
  command: readonly string[],
): Promise<number> {
  await up(places, { ...options, attached: true });
  try {
    return await enter(places, options.name, command);
  } finally {
    await down(places, options.name);
  }
}
