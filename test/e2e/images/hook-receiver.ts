import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * What is at the other end of hooks: writes down every POST, and answers by its path.
 *
 *     POST /gate/NAME     200 when open; 403 and `closed by hand` when closed, as it is at first
 *     POST /ok/...        200
 *     POST /created/...   204
 *     POST /slow/...      200 after 20 s
 *     POST /slower/...    200 after 60 s
 *     POST /flaky/...     503 twice, then 200; each path for itself
 *     POST /flood/...     403, and the X-Token that it was sent again and again, for as long as anybody reads
 *     GET /late/...       what Prometheus answers, after 30 s
 *     GET /open/NAME      opens a gate, with ?calls=1 for one call only
 *     GET /close/NAME     closes it
 *     GET /calls          what was written down, in the order of arrival
 *
 * Runs as the image `sandbox.test/node/hook-receiver`, at :8080.
 */
export interface ReceivedCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** 0 while there is no answer, and where the caller did not wait for it. */
  readonly status: number;
  readonly wasBrokenOff: boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const SLOW_MS = 20_000;
const SLOWER_MS = 60_000;
const LATE_MS = 30_000;
const VECTOR = { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '100'] }] } };
const calls: Mutable<ReceivedCall>[] = [];
/** How many calls still pass. */
const open = new Map<string, number>();

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://receiver');
  const [, kind = '', name = ''] = pathname.split('/');
  if (request.method === 'POST') {
    receive(pathname, kind, name, request, response);
  } else if (kind === 'calls') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(calls));
  } else if (kind === 'late') {
    setTimeout(() => response.end(JSON.stringify(VECTOR)), LATE_MS);
  } else if (kind === 'open') {
    open.set(name, Number(searchParams.get('calls') ?? Number.POSITIVE_INFINITY));
    response.end();
  } else if (kind === 'close') {
    open.delete(name);
    response.end();
  } else {
    response.writeHead(404).end();
  }
});

function receive(path: string, kind: string, name: string, request: IncomingMessage, response: ServerResponse): void {
  const call = { path, headers: request.headers, body: '', at: Date.now(), status: 0, wasBrokenOff: false };
  const count = calls.push(call);
  const answer = (status: number, text = '') => {
    if (response.destroyed) return;
    call.status = status;
    response.writeHead(status).end(text);
  };
  response.on('close', () => (call.wasBrokenOff = !response.writableFinished));
  request.setEncoding('utf8');
  request.on('data', (text: string) => (call.body += text));
  request.on('end', () => {
    switch (kind) {
      case 'gate': {
        const left = open.get(name) ?? 0;
        open.set(name, Math.max(0, left - 1));
        if (left > 0) answer(200);
        else answer(403, 'closed by hand');
        break;
      }
      case 'ok':
        answer(200);
        break;
      case 'created':
        answer(204);
        break;
      case 'slower':
        setTimeout(() => answer(200), SLOWER_MS);
        break;
      case 'slow':
        setTimeout(() => answer(200), SLOW_MS);
        break;
      case 'flaky':
        answer(calls.slice(0, count).filter((each) => each.path === path).length <= 2 ? 503 : 200);
        break;
      case 'flood':
        call.status = 403;
        response.writeHead(403);
        flood(response, `${String(request.headers['x-token'])} `.repeat(1000));
        break;
      default:
        answer(404);
    }
  });
}

function flood(response: ServerResponse, text: string): void {
  response.write(text, (error) => {
    if (error === undefined || error === null) flood(response, text);
  });
}

server.listen(8080, () => console.log('listening on 8080'));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
