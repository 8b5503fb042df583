import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A relay before a local TCP port that can hold back and reset what goes through it: below TLS, where a client cannot
 * tell it from a server that is stopped or a network that breaks.
 */
export interface TcpGate {
  readonly port: number;
  /** From now on no byte passes in either direction; new connections are accepted, and that is all. */
  freeze(): void;
  /** Passes on what has piled up, the ends of connections included. */
  thaw(): void;
  /**
   * Makes the end of a connection, named by the port that the target sees, a reset. What was sent before is passed on,
   * and lost only to a client that is slow to read megabytes.
   */
  endWithReset(port: number): void;
  /** Resets every connection at once. */
  resetAll(): void;
  /** Resets every connection and takes no more. */
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly target: Socket;
  endsWithReset: boolean;
}

export async function openTcpGate(targetPort: number): Promise<TcpGate> {
  const links = new Set<Link>();
  /** What is to happen at the thaw; undefined while nothing is held back. */
  let held: (() => void)[] | undefined;

  function whenOpen(pass: () => void): void {
    if (held === undefined) pass();
    else held.push(pass);
  }

  function valve(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done: TransformCallback) => whenOpen(() => done(null, chunk)),
      flush: (done: TransformCallback) => whenOpen(done),
    });
  }

  function reset(client: Socket): void {
    whenOpen(() => client.resetAndDestroy());
  }

  function relay(client: Socket): void {
    const target = connect({ host: '127.0.0.1', port: targetPort, noDelay: true, allowHalfOpen: true });
    const link: Link = { client, target, endsWithReset: false };
    links.add(link);
    client.pipe(valve()).pipe(target);
    const answers = target.pipe(valve());
    answers.pipe(client, { end: false });
    answers.on('end', () => {
      if (link.endsWithReset) client.write('', () => void timeToRead().then(() => reset(client)));
      else client.end();
    });
    target.on('error', () => reset(client));
    // What is wrong with a client's connection is for the client to see; its close is all that has to be passed on.
    client.on('error', () => undefined);
    client.on('close', () => {
      links.delete(link);
      target.destroy();
    });
  }

  function resetAll(): void {
    for (const { client } of links) client.resetAndDestroy();
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, relay);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      held ??= [];
    },
    thaw() {
      const passes = held ?? [];
      held = undefined;
      for (const pass of passes) pass();
    },
    endWithReset(port) {
      for (const link of links) if (link.target.localPort === port) link.endsWithReset = true;
    },
    resetAll,
    async close() {
      const closed = once(server, 'close');
      server.close();
      resetAll();
      await closed;
    },
  };
}

/**
 * A reset takes with it what the client has not read yet, which nobody can know here. The client is mostly in this same
 * process, and so it is given turns of the event loop: one timer would be over at once in a process that was kept busy.
 */
async function timeToRead(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await sleep(5);
}
