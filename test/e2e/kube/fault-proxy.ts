import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServingCertificate } from '../certificate.ts';
import {
  type AnswerFault,
  type Fault,
  type ProxiedRequest,
  type StatusFault,
  type StreamFault,
  statusOf,
} from './fault.ts';
import { openTcpGate } from './tcp-gate.ts';
import { currentUpstream, sendHead } from './upstream.ts';
import { sendUntilCut } from './watch-cutter.ts';

/**
 * Stands before the API server of the current kubeconfig and does to requests, answers and connections what networks and
 * busy API servers do. To the server, whoever comes through it is who the kubeconfig says.
 */
export interface FaultProxy {
  /** What a client connects with; it needs no credentials. */
  readonly connection: { readonly server: string; readonly ca: string };
  /** Decides the fate of each request from now on; `undefined` passes it on. */
  faults: (request: ProxiedRequest) => Fault | undefined;
  /** All that arrived so far. */
  readonly requests: readonly ProxiedRequest[];
  /** Accepted so far. */
  readonly tlsConnections: number;
  /**
   * From now on no byte passes in either direction on any connection, and new connections are accepted but not answered:
   * what a client sees of an API server that was sent a SIGSTOP.
   */
  freeze(): void;
  /** Passes on what has piled up. The requests of clients that have gone away by now may be executed or not. */
  thaw(): void;
  /** Resets every open connection. */
  cutAll(): void;
  /** Resets every open connection, takes no more, and breaks off what is under way at the server. */
  close(): Promise<void>;
}

export async function startFaultProxy(): Promise<FaultProxy> {
  const upstream = await currentUpstream();
  const { ca, cert, key } = await createServingCertificate('127.0.0.1');
  const requests: ProxiedRequest[] = [];
  let tlsConnections = 0;

  // As with an API server, ending an idle connection is left to the client; and a freeze may be long.
  const server = createServer({ cert, key, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  server.on('secureConnection', () => tlsConnections++);
  server.on('request', (request, response) => {
    const seen = proxiedRequest(request, requests.length + 1);
    requests.push(seen);
    // A client may go away at any time; what was under way for it ends with its connection.
    response.on('error', () => undefined);
    const fault = proxy.faults(seen);
    if (fault === undefined) passOn(request, response);
    else enact(fault, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gate = await openTcpGate((server.address() as AddressInfo).port);

  function reset({ socket }: IncomingMessage): void {
    if (socket.remotePort !== undefined) gate.endWithReset(socket.remotePort);
    socket.destroy();
  }

  function passOn(request: IncomingMessage, response: ServerResponse): void {
    ask(request, response, (answer) => sendBack(answer, response));
  }

  function ask(request: IncomingMessage, response: ServerResponse, onAnswer: (answer: IncomingMessage) => void): void {
    const outgoing = upstream.ask(request);
    // What breaks on the way to the server breaks for the client.
    outgoing.on('error', () => reset(request));
    outgoing.on('response', (answer) => {
      answer.on('error', () => reset(request));
      onAnswer(answer);
    });
    response.on('close', () => outgoing.destroy());
    request.pipe(outgoing);
  }

  async function cut(fault: StreamFault, request: IncomingMessage, response: ServerResponse, answer: IncomingMessage) {
    // The body will be shorter than it was said to be.
    delete answer.headers['content-length'];
    sendHead(answer, response);
    const send = (bytes: Buffer) => new Promise<void>((sent) => response.write(bytes, () => sent()));
    const end = await sendUntilCut(answer, fault, send);
    answer.destroy();
    if (end === 'end') response.end();
    else reset(request);
  }

  function enact(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
    switch (fault.kind) {
      case 'status':
        request.resume();
        respond(response, statusAnswer(fault));
        break;
      case 'answer':
        request.resume();
        respond(response, fault);
        break;
      case 'reset':
        reset(request);
        break;
      case 'reset-after':
        // The head of the answer comes when the server has done what it was asked for.
        ask(request, response, () => reset(request));
        break;
      case 'silence':
        request.resume();
        break;
      case 'delay': {
        const timer = setTimeout(() => passOn(request, response), fault.ms);
        response.on('close', () => clearTimeout(timer));
        break;
      }
      case 'cut':
      case 'watch-error':
        ask(request, response, (answer) => {
          if (answer.statusCode !== 200) sendBack(answer, response);
          else cut(fault, request, response, answer).catch(() => reset(request));
        });
        break;
    }
  }

  const proxy: FaultProxy = {
    connection: { server: `https://127.0.0.1:${gate.port}`, ca },
    faults: () => undefined,
    requests,
    get tlsConnections() {
      return tlsConnections;
    },
    freeze: () => gate.freeze(),
    thaw: () => gate.thaw(),
    cutAll: () => gate.resetAll(),
    async close() {
      await gate.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      upstream.close();
    },
  };
  return proxy;
}

function proxiedRequest({ method = 'GET', url = '/', headers }: IncomingMessage, number: number): ProxiedRequest {
  const { pathname: path, searchParams: query } = new URL(url, 'https://proxy');
  const isWatch = ['true', '1'].includes(query.get('watch') ?? '');
  return { method, path, query, isWatch, number, userAgent: headers['user-agent'] };
}

function sendBack(answer: IncomingMessage, response: ServerResponse): void {
  sendHead(answer, response);
  answer.pipe(response);
}

function respond(response: ServerResponse, { status, body, headers }: AnswerFault): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
}

function statusAnswer(fault: StatusFault): AnswerFault {
  const seconds = fault.retryAfterSeconds;
  return {
    kind: 'answer',
    status: fault.status,
    body: `${JSON.stringify(statusOf(fault))}\n`,
    headers: {
      'content-type': 'application/json',
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    },
  };
}
