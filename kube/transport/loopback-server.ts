import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { Credentials } from './connection.ts';

/** A server of this process, for tests of what happens between a client and the first byte of an API server. */
export interface LoopbackServer {
  readonly port: number;
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** What its certificate is trusted by. */
  readonly credentials: Credentials;
  /** All that arrived so far, in order. */
  readonly requests: readonly ArrivedRequest[];
  /** Connections so far, each after its TLS handshake. */
  readonly connections: number;
  /** Resolves once so many requests have arrived, with their bodies. */
  arrived(count: number): Promise<void>;
  openConnections(): Promise<number>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

export interface ArrivedRequest {
  readonly method: string;
  /** With its query, as it was on the wire. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
  /** Counts all requests, from 1. */
  readonly number: number;
}

export interface LoopbackOptions {
  /** @default 'https' */
  readonly scheme?: 'http' | 'https';
  /** @default '127.0.0.1' */
  readonly host?: '127.0.0.1' | '::1';
  /** For which names and addresses its certificate is. @default ['127.0.0.1', '::1', 'localhost'] */
  readonly names?: readonly string[];
}

/** Once a request has arrived with its body, it is `answer`'s to do with it as it likes. */
export async function startLoopbackServer(
  answer: (request: ArrivedRequest, response: ServerResponse) => void,
  options: LoopbackOptions = {},
): Promise<LoopbackServer> {
  const { scheme = 'https', host = '127.0.0.1', names = ['127.0.0.1', '::1', 'localhost'] } = options;
  const { cert, key } = await createCertificate(names);
  const requests: ArrivedRequest[] = [];
  const waiting = new Set<() => void>();
  let connections = 0;

  // A client that goes away is what is tested, and a pause of the debugger no reason to close.
  const patient = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
  const server = scheme === 'http' ? createHttpServer(patient) : createHttpsServer({ ...patient, cert, key });
  server.on(scheme === 'http' ? 'connection' : 'secureConnection', () => connections++);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const body = Buffer.concat(chunks).toString('utf8');
      const arrived = { method, url, headers, socket, body, number: requests.length + 1 };
      requests.push(arrived);
      for (const look of waiting) look();
      answer(arrived, response);
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    credentials: scheme === 'http' ? {} : { ca: cert },
    requests,
    get connections() {
      return connections;
    },
    arrived(count) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (requests.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    openConnections() {
      return new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      });
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Self-signed, its own authority. */
async function createCertificate(names: readonly string[]): Promise<{ cert: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const alternatives = names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=loopback',
    notAfter: new Date(Date.now() + 24 * 3600 * 1000),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new SubjectAlternativeNameExtension(alternatives)],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: certificate.toString('pem'), key };
}
