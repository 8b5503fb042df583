import { type StreamFault, statusOf } from './fault.ts';

/**
 * Sends a watch's events as far as the fault lets them through; how the answer is to end then. A watch that the server
 * itself ends earlier ends cleanly.
 */
export async function sendUntilCut(
  body: AsyncIterable<Buffer>,
  fault: StreamFault,
  send: (bytes: Buffer) => Promise<void>,
): Promise<'end' | 'reset'> {
  const lines = linesOf(body);
  for (let sent = 0; sent < fault.afterEvents; sent++) {
    const line = await lines.next();
    if (line.done === true) return 'end';
    await send(line.value);
  }
  if (fault.kind === 'watch-error') {
    await send(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: statusOf(fault) })}\n`));
    return 'end';
  }
  if (fault.how === 'mid-line') {
    const line = await lines.next();
    if (line.done === true) return 'end';
    await send(line.value.subarray(0, line.value.length / 2));
    return 'reset';
  }
  return fault.how;
}

/** Each with its newline. */
async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let rest: Buffer[] = [];
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end + 1)]);
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
  return undefined;
}
