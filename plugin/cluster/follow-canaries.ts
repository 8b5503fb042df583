import { CANARIES } from '../../api/resources.ts';
import { type Log, silentLog } from '../../kube/log.ts';
import { startReflector } from '../../kube/reflector.ts';
import { collectionPath } from '../../kube/resource.ts';
import type { Context } from '../context.ts';
import type { Cluster } from './cluster.ts';
import { nameOf, type ReadCanary, type Which } from './read-canaries.ts';

/** What else is told than that a canary is there. */
export interface FollowOptions {
  /** It is gone; this is how it was seen last. */
  readonly onDeleted?: (canary: ReadCanary) => void;
  /** All that is there has been told of. */
  readonly onSynced?: () => void;
  /** The API server cannot be asked for now; told once each time. It is tried again. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Tells of the canaries as they are and of every change of them, until the signal aborts. A connection that is lost is taken up
 * again.
 *
 * @throws {KubeError} where the caller may not list or watch them: that does not change by waiting
 */
export async function followCanaries(
  { transport, namespace }: Cluster,
  { names, selector, allNamespaces }: Which,
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  onCanary: (canary: ReadCanary) => void,
  { onDeleted, onSynced, onTrouble }: FollowOptions = {},
): Promise<void> {
  const wanted = new Set(names.map(nameOf));
  const [only] = wanted;
  const query = {
    ...(selector !== undefined && { labelSelector: selector }),
    // Whoever may see one canary alone may list that one.
    ...(wanted.size === 1 && { fieldSelector: `metadata.name=${only}` }),
  };
  const stop = new AbortController();
  const end = () => stop.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const failure: { error?: Error } = {};
  const log = listener({
    onTrouble,
    onRefused(error) {
      failure.error ??= error;
      end();
    },
  });
  const reflector = startReflector<ReadCanary>({
    ...{ transport, clock, signal: stop.signal, query, log },
    path: collectionPath(CANARIES, allNamespaces === true ? undefined : namespace),
    // The last one of those that are deleted is told of, too, and objects are printed as they are.
    keep: (canary) => canary,
    onChange(_key, canary, before) {
      const one = canary ?? before;
      if (one === undefined || (wanted.size > 0 && !wanted.has(one.metadata.name))) return;
      if (canary === undefined) onDeleted?.(one);
      else onCanary(canary);
    },
  });
  // Its first list may never come.
  reflector.synced.then(onSynced, () => undefined);
  await reflector.ended;
  signal.removeEventListener('abort', end);
  if (failure.error !== undefined) throw failure.error;
}

/** A reflector tells in its log what goes wrong: as errors what does not get better by trying again. */
function listener({
  onRefused,
  onTrouble,
}: {
  readonly onRefused: (error: Error) => void;
  readonly onTrouble: FollowOptions['onTrouble'];
}): Log {
  const errorIn = (fields: object): Error =>
    'err' in fields && fields.err instanceof Error ? fields.err : new Error('the watch has ended');
  const log: Log = {
    ...silentLog,
    error: (fields) => onRefused(errorIn(fields)),
    warn(fields) {
      if ('failures' in fields && fields.failures === 1) onTrouble?.(errorIn(fields));
    },
    child: () => log,
  };
  return log;
}
