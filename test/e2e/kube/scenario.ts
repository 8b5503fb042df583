import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../../kube/clock.ts';
import { connectionFromKubeConfig } from '../../../kube/kube-config/kube-config.ts';
import { silentLog } from '../../../kube/log.ts';
import { withoutManagedFields } from '../../../kube/object.ts';
import { type Connection, fixedConnection } from '../../../kube/transport/connection.ts';
import { createTransport, type Query, type Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../eventually.ts';
import { type ConfigMap, startWriter, type Writer, type WriterOptions } from './config-map-writer.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { startWitness, type Witness } from './witness.ts';

export interface FollowOptions {
  /** The reflector's. @default systemClock */
  readonly clock?: Clock;
  /** The transport's, by which requests time out and silent watches end. @default systemClock */
  readonly transportClock?: Clock;
  readonly userAgent?: string;
  /** @default through the proxy */
  readonly connection?: Connection;
}

/** ConfigMaps with a label of their own: one writes them straight to the API server, another follows them through faults. */
export interface Scenario {
  readonly proxy: FaultProxy;
  /** Past the proxy. */
  readonly upstream: Connection;
  follow(options?: FollowOptions): Witness;
  write(options: Pick<WriterOptions, 'keys' | 'workers' | 'pauseMs'>): Writer;
  /** Waits until the store is what a fresh list is, and then looks at the way that led there. */
  assertFaithful(witness: Witness, writer: Writer, withinMs?: number): Promise<void>;
  /** Of a witness that was there from the first write: there was no other list, and every single state was told. */
  assertWhole(witness: Witness, writer: Writer): Promise<void>;
  /** Shown with the test: what it took. */
  tellFigures(witness: Witness, writer: Writer): void;
}

/** Ends all that it starts after the test. */
export async function openScenario(t: TestContext, namespace: string, name: string): Promise<Scenario> {
  const started = performance.now();
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const query = { labelSelector: `scenario=${name}` };
  const stops: (() => Promise<void> | void)[] = [];
  t.after(async () => {
    for (const stop of stops.toReversed()) await stop();
  });
  const proxy = await startFaultProxy();
  stops.push(() => proxy.close());
  const { server, ca } = proxy.connection;

  function transportTo(connection: Connection, clock = systemClock, userAgent = 'direct'): Transport {
    const transport = createTransport({ connection, clock, log: silentLog, userAgent });
    stops.push(() => transport.close());
    return transport;
  }

  const upstream = await connectionFromKubeConfig({ env: process.env, clock: systemClock });
  const direct = transportTo(upstream);

  async function assertFaithful(witness: Witness, writer: Writer, withinMs?: number): Promise<void> {
    await writer.stop();
    await eventually(async () => assert.deepEqual(contents(witness), await freshList(direct, path, query)), withinMs);
    assert.deepEqual(witness.untrue, []);
    assertInOrder(witness, writer);
  }

  return {
    ...{ proxy, upstream },
    follow({ clock = systemClock, transportClock, userAgent, connection = fixedConnection(server, { ca }) } = {}) {
      const transport = transportTo(connection, transportClock, userAgent);
      const witness = startWitness({ transport, path, query, clock });
      stops.push(() => witness.stop());
      return witness;
    },
    write(options) {
      const writer = startWriter({ ...options, transport: direct, namespace, scenario: name });
      stops.push(() => writer.stop().catch(() => undefined));
      return writer;
    },
    assertFaithful,
    async assertWhole(witness, writer) {
      await assertFaithful(witness, writer);
      assert.equal(witness.lists, 1);
      assert.deepEqual(witness.told, writer.states);
    },
    tellFigures({ changes, lists, ends }, { writes }) {
      const seconds = Math.round((performance.now() - started) / 1000);
      const watches = proxy.requests.filter(({ isWatch }) => isWatch).length;
      const requests = `${proxy.requests.length} requests, ${watches} of them watches, on ${proxy.tlsConnections} connections`;
      const ended = Object.entries(ends)
        .map(([reason, count]) => `${reason} ${count}`)
        .join(', ');
      t.diagnostic(
        `${requests}; ${lists} lists; watches ended: ${ended}; ${changes} changes of ${writes}; ${seconds} s`,
      );
    },
  };
}

function contents({ reflector }: Witness): Record<string, ConfigMap> {
  return Object.fromEntries([...reflector.values()].map((object) => [object.metadata.name, object]));
}

async function freshList(transport: Transport, path: string, query: Query): Promise<Record<string, ConfigMap>> {
  const { items } = await transport.request<{ items: ConfigMap[] }>({ path, query });
  const typed = items.map((item) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...withoutManagedFields(item) }));
  return Object.fromEntries(typed.map((object) => [object.metadata.name, object]));
}

/** Each key went through states that it had, in the order in which it had them. */
function assertInOrder({ told }: Witness, { states }: Writer): void {
  for (const [name, seen] of told) {
    const had = states.get(name) ?? [];
    let at = -1;
    for (const state of seen) {
      at = had.indexOf(state, at + 1);
      assert.notEqual(at, -1, `${name} had ${had.join(' ')} and was told as ${seen.join(' ')}`);
    }
  }
}
