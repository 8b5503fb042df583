import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADDRESSES } from '../../sandbox/cluster/addresses.ts';

/** How a metrics server fails. Otherwise it answers each query with 100. */
export type MetricsFault = 'slow' | 'a page' | 'no number';

/** Metrics servers, one a fault, whose answers begin and end to be wrong when they are told to. */
export interface FaultyMetrics {
  /** For `metricsServer`. */
  address(fault: MetricsFault): string;
  begin(fault: MetricsFault): void;
  end(fault: MetricsFault): void;
  close(): Promise<void>;
}

/** Longer than a controller waits. */
const SLOW_MS = 10_000;

export async function startFaultyMetrics(): Promise<FaultyMetrics> {
  const begun = new Set<MetricsFault>();
  const pathOf = (fault: MetricsFault) => fault.replaceAll(' ', '-');

  const server = createServer((request, response) => {
    const fault = [...begun].find((each) => request.url?.startsWith(`/${pathOf(each)}/`));
    void answer(response, fault);
  });
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    // Pods reach the tests at the address of their node.
    address: (fault) => `http://${ADDRESSES.node}:${port}/${pathOf(fault)}`,
    begin: (fault) => void begun.add(fault),
    end: (fault) => void begun.delete(fault),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(response: ServerResponse, fault: MetricsFault | undefined): Promise<void> {
  switch (fault) {
    case 'slow':
      await sleep(SLOW_MS);
      send(response, 'application/json', vector('100'));
      break;
    case 'a page':
      send(response, 'text/html', '<!doctype html><title>Sign in</title>');
      break;
    case 'no number':
      send(response, 'application/json', vector('NaN'));
      break;
    case undefined:
      send(response, 'application/json', vector('100'));
  }
}

/** As Prometheus answers an instant query with one sample. */
function vector(value: string): string {
  const result = [{ metric: {}, value: [Date.now() / 1000, value] }];
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type }).end(body);
}
