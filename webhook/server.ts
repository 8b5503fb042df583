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
import { checkShape, createBodyBudget } from './body-bounds.ts';
import type { KeyPair } from './certificates/key-pair.ts';

export type Outcome = 'allowed' | 'denied' | 'error';

export interface WebhookMetrics {
  /** A review that was answered; `seconds` from its last byte to the answer. */
  reviewed(path: string, outcome: Outcome, seconds: number): void;
}

type Admit = (request: AdmissionRequest) => Promise<Verdict>;

/** Who decides about the reviews that are posted to a path, and how large one can be. */
export interface AdmissionPath {
  readonly admit: Admit;
  readonly maxBytes: number;
}

export interface AppOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics?: WebhookMetrics;
  readonly paths: Readonly<Record<`/${string}`, AdmissionPath>>;
}

const MB = 2 ** 20;
/** etcd keeps no object that is larger as it writes it, which for objects of definitions is JSON. */
const LARGEST_OBJECT = 1.5 * MB;
/** The new object and the old one, and who asks. */
export const CUSTOM_OBJECT_BYTES = 2 * LARGEST_OBJECT + MB / 4;
/** A decision is made and not changed: 4 kB of fields, and labels and annotations, of which the API server takes 256 kB. */
export const ACTION_BYTES = MB / 2;
/** A Deployment is kept in another form, which JSON is twice as long as; the API server takes 3 MB of JSON. */
export const WORKLOAD_BYTES = 7 * MB;

/**
 * What is received and answered at a time: room for hundreds of usual reviews, of 10 kB, and for two of the largest of one
 * address. The API server sends each when it comes, and takes an answer 503 for that of a webhook that is not there.
 */
const AT_A_TIME = { bytes: 32 * MB, bytesOfAddress: 16 * MB, requests: 1024, requestsOfAddress: 256 };

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
  const budget = createBodyBudget(AT_A_TIME);
  const verify = (request: object, _response: object, body: Buffer): void => {
    received.set(request, options.clock.now());
    checkShape(body);
  };
  const withinBudget: RequestHandler = (request, response, next) => {
    const busy = (): void => {
      response.set({ connection: 'close', 'retry-after': '1' });
      text(response, 503, 'too many reviews at a time: try again');
      // What is still to come is not read.
      response.once('finish', () => request.destroy());
    };
    const { hasRoom, free } = budget.take(request, () => {
      if (!response.headersSent) busy();
    });
    if (!hasRoom) return busy();
    response.once('close', free);
    next();
  };
  for (const [path, { admit, maxBytes }] of Object.entries(options.paths)) {
    const json = express.json({ limit: maxBytes, strict: false, type: 'application/json', inflate: false, verify });
    app.post(path, onlyJson, withinBudget, json, async (request: Request, response: Response) => {
      if (response.headersSent) return;
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
    const { status } = error as { status?: unknown };
    const isTheirs = typeof status === 'number' && status >= 400 && status < 500;
    const isBad = error instanceof BadReview;
    const code = isBad ? 400 : isTheirs ? status : 500;
    if (code === 500) log.error({ err: error }, 'a request failed');
    // An answer was sent before the body had come whole.
    if (response.headersSent) return;
    text(response, code, isBad ? error.message : (REFUSALS[code] ?? 'the request cannot be read'));
  };
}

/** Words of our own: what a parser says has a part of the body in it. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'the body is not JSON',
  413: 'the body is larger than any review of this path',
  415: 'the body must be JSON in UTF-8, and not compressed',
  500: 'something went wrong',
};

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

/**
 * HTTPS for the app. It can listen before it has a certificate: handshakes fail until then.
 *
 * @param clientCa PEM of the authorities of the only clients that are answered: without a certificate of theirs no handshake
 *   succeeds. Without it, all are.
 */
export function createWebhookServer(app: Express, clock: Clock, clientCa?: string): WebhookServer {
  const tls = { minVersion: 'TLSv1.2', ...(clientCa === undefined ? {} : { ca: clientCa }) } as const;
  const clients = clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  const server: Server = createServer({ ...tls, ...clients }, app);
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
    serve: ({ cert, key }) => server.setSecureContext({ cert, key, ...tls }),
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
