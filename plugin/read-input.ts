import { CommandError } from './command-error.ts';

/** What is read of a file or of standard input: more manifests than anybody keeps in one. */
export const MAX_INPUT_BYTES = 32 * 2 ** 20;

/**
 * All of a stream, as text.
 *
 * @throws {CommandError} as soon as it is more than 32 MB
 */
export async function readInput(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_INPUT_BYTES) throw tooLarge('standard input');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function tooLarge(what: string): CommandError {
  return new CommandError(`${what} has more than ${MAX_INPUT_BYTES / 2 ** 20} MB: give it in parts`);
}
