import { CANARIES } from '../../api/resources.ts';
import { KubeError } from '../../kube/errors.ts';
import type { Log } from '../../kube/log.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type Reflector, startReflector } from '../../kube/reflector.ts';
import { collectionPath, type Resource } from '../../kube/resource.ts';
import type { Query } from '../../kube/transport/transport.ts';
import type { Context } from '../context.ts';
import type { SeenRelease } from '../view/seen-release.ts';
import { EVENTS, type EventObject, eventsOfCanary, eventsQuery, toldEvent } from './canary-events.ts';
import type { Cluster } from './cluster.ts';
import { isAtPersonalGate, mayOpenGates } from './may-open-gates.ts';
import type { ReadCanary } from './read-canaries.ts';
import { unreadText } from './read-release.ts';
import { releaseWorkloads } from './release-workloads.ts';
import { type WorkloadObject, workloadOf } from './workload-object.ts';

interface Followed<T extends KubeObject> {
  readonly reflector: Reflector<T>;
  /** Resolves with the first list, or with the first failure of it. */
  readonly ready: Promise<unknown>;
  /** Why it is behind; undefined while all is well. */
  failure(): Error | undefined;
}

/**
 * Tells of a release as it is and after each change, until the signal aborts. Four lists of what is named, the canary, its
 * target, its primary and its events, and then watches of the same; a connection that is lost is taken up again.
 *
 * @param onChange gets `undefined` once the canary is deleted
 * @throws {KubeError} 404 where there is no such canary, and what else keeps it from being read at first
 */
export async function followRelease(
  cluster: Cluster,
  name: string,
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  onChange: (seen: SeenRelease | undefined) => void,
): Promise<void> {
  const { transport, namespace } = cluster;
  let tell = (): void => undefined;
  function follow<T extends KubeObject>(resource: Resource, query: Query): Followed<T> {
    let failure: Error | undefined;
    let onFailure = (): void => undefined;
    const failed = new Promise<void>((resolve) => (onFailure = resolve));
    const isWell = () => {
      const wasBehind = failure !== undefined;
      failure = undefined;
      if (wasBehind) tell();
    };
    const log = failureLog((error) => {
      failure = error;
      onFailure();
      tell();
    });
    const reflector = startReflector<T>({
      ...{ transport, clock, signal, query, log, path: collectionPath(resource, namespace) },
      metrics: { listed: isWell, heard: isWell, watchEnded: () => undefined },
      onChange: () => tell(),
    });
    return { reflector, ready: Promise.race([reflector.synced, failed]), failure: () => failure };
  }
  const named = (each: string): Query => ({ fieldSelector: `metadata.name=${each}` });

  const canaries = follow<ReadCanary>(CANARIES, named(name));
  const events = follow<EventObject>(EVENTS, eventsQuery(name));
  await Promise.all([canaries.ready, events.ready]).catch(() => undefined);
  if (signal.aborted) return;
  const first = canaries.reflector.get(`${namespace}/${name}`);
  if (first === undefined) throw canaries.failure() ?? noSuchCanary(name);
  const workloads = releaseWorkloads(first.spec).map(({ resource, ...workload }) => ({
    ...{ workload, followed: follow<WorkloadObject>(resource, named(workload.name)) },
  }));
  await Promise.all(workloads.map(({ followed }) => followed.ready)).catch(() => undefined);

  let mayOpen: boolean | undefined;
  let isAsked = false;
  tell = () => {
    if (signal.aborted) return;
    const canary = canaries.reflector.get(`${namespace}/${name}`);
    if (canary === undefined) {
      onChange(undefined);
      return;
    }
    if (isAtPersonalGate(canary) && !isAsked) {
      isAsked = true;
      void mayOpenGates(cluster, name, signal).then((answer) => {
        mayOpen = answer;
        tell();
      });
    }
    const behind = [
      ...whatIsBehind('the canary', canaries),
      ...whatIsBehind('the events', events),
      ...workloads.flatMap(({ workload, followed }) => whatIsBehind(`${workload.kind} ${workload.name}`, followed)),
    ];
    onChange({
      ...{ canary, unread: behind, ...(mayOpen !== undefined && { mayOpenGates: mayOpen }) },
      workloads: workloads.map(({ workload, followed }) => ({
        ...workloadOf(workload, followed.reflector.get(`${namespace}/${workload.name}`)),
        ...(followed.failure() !== undefined && { isUnread: true }),
      })),
      events: eventsOfCanary(events.reflector.values(), canary.metadata.uid).map(toldEvent),
    });
  };
  tell();
  await Promise.all(
    [canaries, events, ...workloads.map(({ followed }) => followed)].map(({ reflector }) => reflector.ended),
  );
}

function whatIsBehind(what: string, followed: Followed<KubeObject>): readonly string[] {
  const failure = followed.failure();
  return failure === undefined ? [] : [unreadText(what, failure)];
}

/** As the API server says it to whoever asks for it by name. */
function noSuchCanary(name: string): KubeError {
  const message = `canaries.flagger.app "${name}" not found`;
  return new KubeError({ status: 404, reason: 'NotFound', message });
}

/** A reflector tries again for ever, and says what fails to its log alone. */
function failureLog(onFailure: (error: Error) => void): Log {
  const told = (fields: object) => {
    if ('err' in fields && fields.err instanceof Error) onFailure(fields.err);
  };
  const log: Log = { debug: () => undefined, info: () => undefined, warn: told, error: told, child: () => log };
  return log;
}
