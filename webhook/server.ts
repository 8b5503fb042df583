import { createServer, type Server } from 'node:https';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import { type AdmissionRequest, BadReview, readAdmissionReview, reviewOf, type Verdict } from './admission-review.ts';
import type { KeyPair } from './certificates/key-pair.ts';

export type Outcome = 'allowed' | 'denied' | 'error';

export interface WebhookMetrics {
  /** A review that was answered; `seconds` from its last byte to the answer. */
  reviewed(path: string, outcome: Outcome, seconds: number): void;
}

type Admit = (request: AdmissionRequest) => Promise<Verdict>;

export interface AppOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics?: WebhookMetrics;
  /** What decides about the reviews that are posted to a path. */
  readonly admit: Readonly<Record<`/${string}`, Admit>>;
}

/** An AdmissionReview carries an object twice, the old and the new, and the API server takes 3 MB for one. */
const MAX_BODY = '7mb';

/**
 * The HTTP surface that the API server posts reviews to.
 *
 * A request that makes no sense is answered with a 4xx and a text that says why. When an `admit` throws, the API server is
 * told to let the request through, with a warning: a fault of ours must not stop anybody's deployment.
 */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  const received = new WeakMap<object, number>();
  const verify = (request: object) => void received.set(request, options.clock.now());
  const json = [onlyJson, express.json({ limit: MAX_BODY, strict: false, type: 'application/json', verify })];
  for (const [path, admit] of Object.entries(options.admit)) {
    app.post(path, json, async (request: Request, response: Response) => {
      const outcome = await answer(options, admit, request, response);
      const now = options.clock.now();
      options.metrics?.reviewed(path, outcome, (now - (received.get(request) ?? now)) / 1000);
    });
    app.all(path, (_, response) => text(response.set('allow', 'POST'), 405, 'only POST is answered here'));
  }
  app.use((_, response) => text(response, 404, 'there is nothing here'));
  app.use(refuse(options.log));
  return app;
}

async function answer({ log }: AppOptions, admit: Admit, { body }: Request, response: Response): Promise<Outcome> {
  const asked = readAdmissionReview(body);
  try {
    const verdict = await admit(asked);
    response.json(reviewOf(asked, verdict));
    return verdict.kind;
  } catch (error) {
    const { uid, namespace, name } = asked;
    log.error(
      { err: error, uid, kind: asked.kind.kind, name: `${namespace}/${name}` },
      'could not decide, letting it through',
    );
    const warnings = ['kubectl-canary could not check this: see the log of its webhook'];
    response.json(reviewOf(asked, { kind: 'allowed', warnings }));
    return 'error';
  }
}

const onlyJson: RequestHandler = (request, response, next) => {
  if (request.is('application/json') === 'application/json') next();
  else text(response, 415, 'the body must be application/json');
};

function refuse(log: Log): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  return (error: unknown, _request, response, _next) => {
    const { status, message } = error as { status?: unknown; message?: unknown };
    const isTheirs = typeof status === 'number' && status >= 400 && status < 500;
    const code = error instanceof BadReview ? 400 : isTheirs ? status : 500;
    if (code === 500) log.error({ err: error }, 'a request failed');
    if (response.headersSent) response.destroy();
    else text(response, code, code === 500 ? 'something went wrong' : String(message));
  };
}

function text(response: Response, status: number, body: string): void {
  response.status(status).type('text').send(body);
}

export interface WebhookServer {
  /** Serves this certificate to whoever connects from now on. */
  serve(serving: KeyPair): void;
  /** Resolves with the port when it listens. */
  listen(port: number, host?: string): Promise<number>;
  /**
   * Has clients leave from now on, each after its next answer. The API server keeps its connections for as long as we do, and
   * what it writes on one in the moment in which we close it is lost.
   */
  drain(): void;
  /** Takes no new connection, answers what it has, for so long at most. */
  close(ms: number): Promise<void>;
}

/** HTTPS for the app. It can listen before it has a certificate: handshakes fail until then. */
export function createWebhookServer(app: Express, clock: Clock): WebhookServer {
  const server: Server = createServer({ minVersion: 'TLSv1.2' }, app);
  // A request that dribbles in is cut off; the API server gives us ten seconds at most anyway.
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  // Longer than the API server keeps a silent connection, so that it never meets one that we have just closed.
  server.keepAliveTimeout = 120_000;
  let isDraining = false;
  server.prependListener('request', (_, response) => {
    if (isDraining) response.setHeader('connection', 'close');
  });
  return {
    drain() {
      isDraining = true;
    },
    serve: ({ cert, key }) => server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    close: (ms) =>
      new Promise((resolve) => {
        const cancel = clock.after(ms, () => server.closeAllConnections());
        server.close(() => {
          cancel();
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
