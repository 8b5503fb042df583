import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface StatusOptions {
  /** No metric is in two of them. */
  readonly registries: readonly [Registry, ...Registry[]];
  /** What is still missing before we can answer well; nothing when we can. */
  readonly missing: () => readonly string[];
}

/** Plain HTTP for the kubelet and Prometheus: `/healthz` is 200 while the program runs, `/readyz` while it can answer, and `/metrics`. */
export function createStatusServer({ registries, missing }: StatusOptions): Server {
  return createServer((request, response) => {
    const send = (status: number, body: string, type = 'text/plain'): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    const [path = ''] = (request.url ?? '').split('?');
    switch (path) {
      case '/healthz':
        send(200, 'ok');
        break;
      case '/readyz': {
        const reasons = missing();
        if (reasons.length === 0) send(200, 'ok');
        else send(503, `waiting for ${reasons.join(', ')}`);
        break;
      }
      case '/metrics':
        Promise.all(registries.map((registry) => registry.metrics())).then(
          (texts) => send(200, texts.join(''), registries[0].contentType),
          (error: unknown) => send(500, String(error)),
        );
        break;
      default:
        send(404, 'there is nothing here but /healthz, /readyz and /metrics');
    }
  });
}
