import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A watch that is under way, as text. */
export interface Watch {
  readonly request: ClientRequest;
  /** What came so far. */
  text(): string;
  /** The same, by line; the last may be a broken one. */
  lines(): string[];
  /** Fails when the watch breaks. */
  readonly ended: Promise<void>;
}

/** The head of the answer. */
async function headOf(request: ClientRequest): Promise<IncomingMessage> {
  // What breaks after the head is told to the request as well as to who reads the body.
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** Sends the request, with a body of JSON, and reads the whole answer, whatever its status. */
export async function answerOf(request: ClientRequest, body?: object): Promise<Answer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  // Of a DELETE's body, Node does not tell the length by itself.
  request.setHeader('content-length', Buffer.byteLength(text)).end(text);
  const response = await headOf(request);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Sends the request; once the head of its answer is there, reads on and on. */
export async function readWatch(request: ClientRequest): Promise<Watch> {
  const response = await headOf(request.end());
  let text = '';
  async function read(): Promise<void> {
    response.setEncoding('utf8');
    for await (const piece of response) text += piece as string;
  }
  const ended = read();
  ended.catch(() => undefined);
  return { request, text: () => text, lines: () => text.split('\n').filter((line) => line !== ''), ended };
}
