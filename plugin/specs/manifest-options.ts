// Options of the commands that read manifests, each made anew for its command.
import { Option } from 'commander';
import { ABILITIES } from '../../api/provider-abilities.ts';

export const filename = () =>
  new Option(
    '-f, --filename <file>',
    'a file, a folder with all below it, or - for standard input; may be repeated',
  ).argParser(collected);

/** Whoever is used to kubectl writes it, and it is always so. */
export const recursive = () =>
  new Option('-R, --recursive', 'taken as kubectl takes it: folders are always read with all below them').hideHelp();

export const meshProvider = () =>
  new Option('--mesh-provider <name>', 'of canaries that name none, as the controller is started with').choices(
    Object.keys(ABILITIES),
  );

function collected(value: string, before?: readonly string[]): readonly string[] {
  return [...(before ?? []), value];
}
