import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { systemClock } from '../clock.ts';
import { silentLog } from '../log.ts';
import { fixedConnection } from './connection.ts';
import {
  type ArrivedRequest,
  type LoopbackOptions,
  type LoopbackServer,
  startLoopbackServer,
} from './loopback-server.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';

/** A server and a transport to it, both closed at the end of the test. */
export async function loopbackTransport(
  t: TestContext,
  answer: (request: ArrivedRequest, response: ServerResponse) => void,
  options: Partial<TransportOptions> & LoopbackOptions = {},
): Promise<{ server: LoopbackServer; transport: Transport }> {
  const { scheme, host, names, ...transportOptions } = options;
  const server = await startLoopbackServer(answer, {
    ...(scheme === undefined ? {} : { scheme }),
    ...(host === undefined ? {} : { host }),
    ...(names === undefined ? {} : { names }),
  });
  t.after(() => server.close());
  const connection = fixedConnection(server.url, server.credentials);
  const transport = createTransport({ connection, clock: systemClock, log: silentLog, ...transportOptions });
  t.after(() => transport.close());
  return { server, transport };
}
