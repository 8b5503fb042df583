import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { applyObject, patchStatus } from '../../../kube/apply.ts';
import { systemClock } from '../../../kube/clock.ts';
import { isConflict, isNotFound, KubeError } from '../../../kube/errors.ts';
import { EventRecorder } from '../../../kube/event-recorder.ts';
import { silentLog } from '../../../kube/log.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { objectPath, type Resource } from '../../../kube/resource.ts';
import { type Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { eventually } from '../eventually.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';

const configMaps: Resource = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const pods: Resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface Pod extends KubeObject {
  readonly status?: { readonly phase?: string; readonly reason?: string; readonly message?: string };
}

describe('writing to the API server', () => {
  const namespace = testNamespace('writes');
  let transport: Transport;

  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  const as = (fieldManager: string, resource = configMaps) => ({ transport, resource, fieldManager });
  const configMap = (name: string, data: Record<string, string>) => ({ metadata: { namespace, name }, data });
  const read = <T>(resource: Resource, name: string) =>
    transport.request<T>({ path: objectPath(resource, { namespace, name }) });

  describe('applyObject()', () => {
    it('creates, changes, and takes back what it no longer names; of others it touches nothing', async () => {
      const made = await applyObject<ConfigMap>(configMap('shared', { ours: '1', old: '1' }), as('us'));
      await applyObject(configMap('shared', { theirs: '1' }), as('them'));
      const changed = await applyObject<ConfigMap>(configMap('shared', { ours: '2' }), as('us'));
      assert.deepEqual(changed.data, { ours: '2', theirs: '1' });
      assert.equal(changed.metadata.uid, made.metadata.uid);
    });

    it('changes nothing when the same is applied again', async () => {
      const once = await applyObject<ConfigMap>(configMap('twice', { a: '1' }), as('us'));
      const twice = await applyObject<ConfigMap>(configMap('twice', { a: '1' }), as('us'));
      assert.equal(twice.metadata.resourceVersion, once.metadata.resourceVersion);
    });

    it('takes a field over from another, or with force: false is refused and told by whom', async () => {
      await applyObject(configMap('contested', { a: 'theirs' }), as('them'));
      await assert.rejects(
        applyObject(configMap('contested', { a: 'ours' }), { ...as('us'), force: false }),
        (error) => isConflict(error) && /conflict with "them"/.test(String(error)),
      );
      const taken = await applyObject<ConfigMap>(configMap('contested', { a: 'ours' }), as('us'));
      assert.deepEqual(taken.data, { a: 'ours' });
    });

    it('is refused with a 409 when it was decided on an older version, or on an object that was made anew', async () => {
      const seen = await applyObject<ConfigMap>(configMap('versioned', { a: '1' }), as('us'));
      await applyObject(configMap('versioned', { b: '1' }), as('them'));
      const { uid, resourceVersion } = seen.metadata;
      const late = { metadata: { namespace, name: 'versioned', resourceVersion }, data: { a: '2' } };
      await assert.rejects(applyObject(late, as('us')), isConflict);

      await kubectl('-n', namespace, 'delete', 'configmap', 'versioned');
      const another = { metadata: { namespace, name: 'versioned', uid }, data: { a: '2' } };
      await assert.rejects(applyObject(another, as('us')), isConflict);
    });

    it('says what is wrong as the API server says it', async () => {
      await assert.rejects(
        applyObject({ ...configMap('wrong', {}), data: 7 }, as('us')),
        (error) => error instanceof KubeError && error.status >= 400 && /data/.test(error.message),
      );
    });
  });

  describe('patchStatus()', () => {
    /** A pod that no scheduler takes: nobody but us writes its status. */
    async function pod(name: string): Promise<Pod> {
      const spec = { schedulerName: 'nobody', containers: [{ name: 'nothing', image: 'scale.test/nothing' }] };
      await eventually(() => applyObject({ metadata: { namespace, name }, spec }, as('us', pods)));
      return read<Pod>(pods, name);
    }

    it('writes what differs, takes away what is gone, and leaves the rest alone', async () => {
      const seen = await pod('differs');
      assert.equal(seen.status?.phase, 'Pending');
      const written = await patchStatus(seen, { ...seen.status, message: 'a', reason: 'B' }, as('us', pods));
      assert.deepEqual([written.status?.message, written.status?.reason], ['a', 'B']);
      const { message: _, ...status } = written.status ?? {};
      const less = await patchStatus(written, status, as('us', pods));
      assert.deepEqual(less.status, status);
    });

    it('sends nothing when nothing differs', async () => {
      const seen = await pod('same');
      assert.equal(await patchStatus(seen, { ...seen.status }, { ...as('us', pods), transport: unused }), seen);
    });

    it('is refused with a 409 when the object was written meanwhile', async () => {
      const seen = await pod('written');
      await kubectl('-n', namespace, 'annotate', 'pod', 'written', 'changed=meanwhile');
      await assert.rejects(patchStatus(seen, { ...seen.status, message: 'late' }, as('us', pods)), isConflict);
      assert.equal((await read<Pod>(pods, 'written')).status?.message, undefined);
    });

    it('is refused when the object is gone, and with a 409 when another has its name', async () => {
      const seen = await pod('gone');
      await kubectl('-n', namespace, 'delete', 'pod', 'gone', '--now');
      await assert.rejects(patchStatus(seen, { ...seen.status, message: 'late' }, as('us', pods)), isNotFound);
      await pod('gone');
      await assert.rejects(patchStatus(seen, { ...seen.status, message: 'late' }, as('us', pods)), isConflict);
    });
  });

  describe('EventRecorder', () => {
    interface Event {
      readonly reason: string;
      readonly note?: string;
      readonly eventTime: string;
      readonly reportingController: string;
      readonly series?: { readonly count: number };
    }

    it('is understood by the API server and shown by kubectl, with its count', async () => {
      const object = await applyObject<ConfigMap>(configMap('watched', {}), as('us'));
      const { uid, resourceVersion } = object.metadata;
      const regarding = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'watched', uid, resourceVersion };
      const names = { controller: 'flagger.app/test', instance: 'test-0' };
      const events = new EventRecorder({ transport, clock: systemClock, log: silentLog, ...names });
      const note = 'Advance podinfo.test canary weight 10';
      events.record({ regarding, type: 'Normal', reason: 'Synced', note });
      await eventually(async () => {
        const { items } = await kubectlJson<{ items: Event[] }>('-n', namespace, 'get', 'events.events.k8s.io');
        assert.deepEqual(
          items.map((event) => [event.reason, event.note, event.reportingController]),
          [['Synced', note, 'flagger.app/test']],
        );
      });
      for (let time = 0; time < 3; time++) events.record({ regarding, type: 'Normal', reason: 'Synced', note });
      await events.close(5000);

      const { items } = await kubectlJson<{ items: Event[] }>('-n', namespace, 'get', 'events.events.k8s.io');
      assert.deepEqual(
        items.map((event) => event.series?.count),
        [4],
      );
      assert.match(await kubectl('-n', namespace, 'describe', 'configmap', 'watched'), /Normal +Synced .*weight 10/);
      assert.match(await kubectl('-n', namespace, 'events', '--for', 'configmap/watched'), /weight 10/);
    });
  });
});

const unused = {
  request: () => assert.fail('nothing was to be sent'),
} as unknown as Transport;
