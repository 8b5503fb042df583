import { Argument, Option } from 'commander';

/** `approve GATE NAME...`; alone, an argument is a name. */
export const gateArguments = (): readonly Argument[] => [
  new Argument('[gate]', 'the gate, where something follows it; alone it is the name of a canary'),
  new Argument('[name...]', 'canaries'),
];

export const gateOption = () => new Option('--gate <gate>', 'the gate: all arguments are then names of canaries');

/** For help. */
export const GATE_DESCRIPTION =
  'A gate is a hook of a confirm type without a URL. With two arguments or more, or with --selector or --all, the first is the gate; a name alone means the gate that its release waits at, or the only one that is closed.';
