import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { pause } from './pause.ts';

export interface StreamHelperOptions {
  /** `program stream-server --socket PATH` serves /exec and /portforward. */
  readonly program: string;
  readonly socket: string;
  readonly log: (message: string, error?: unknown) => void;
}

const RESTART_MS = 1000;

/**
 * The program that speaks the streaming protocols of `kubectl exec` and `kubectl port-forward` (SPDY and WebSocket
 * channels), which no library of Node does. The kubelet decides who may do what and hands the connection on.
 */
export class StreamHelper {
  readonly #options: StreamHelperOptions;
  readonly #stopped = new AbortController();
  readonly #sockets = new Set<Duplex>();
  readonly #running: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(options: StreamHelperOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Hands an upgrade on, with another path, and copies bytes both ways until one side ends. */
  handOver(request: IncomingMessage, socket: Duplex, head: Buffer, path: string): void {
    const upstream = connect(this.#options.socket);
    this.#sockets.add(socket);
    const end = (): void => {
      this.#sockets.delete(socket);
      upstream.destroy();
      socket.destroy();
    };
    upstream.once('connect', () => {
      upstream.write(requestHead(request, path));
      if (head.length > 0) upstream.write(head);
      upstream.pipe(socket);
      socket.pipe(upstream);
    });
    upstream.once('error', (error) => {
      this.#options.log('the stream helper does not answer', error);
      end();
    });
    upstream.once('close', end);
    socket.once('error', end);
    socket.once('close', end);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const socket of this.#sockets) socket.destroy();
    this.#child?.kill('SIGKILL');
    await this.#running;
  }

  async #run(): Promise<void> {
    const { program, socket, log } = this.#options;
    const { signal } = this.#stopped;
    await mkdir(dirname(socket), { recursive: true });
    while (!signal.aborted) {
      await rm(socket, { force: true });
      const child = spawn(program, ['stream-server', '--socket', socket], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { PATH: process.env['PATH'] },
      });
      this.#child = child;
      const how = await new Promise<unknown>((resolve) => {
        child.once('error', resolve);
        child.once('exit', (code, endedBy) => resolve(new Error(`it ended with ${code ?? endedBy}`)));
      });
      if (signal.aborted) break;
      log('the stream helper is started again', how);
      await pause(RESTART_MS, signal);
    }
    await rm(socket, { force: true });
  }
}

function requestHead(request: IncomingMessage, path: string): string {
  const lines = [`${request.method} ${path} HTTP/1.1`];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
