import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from '../kube/errors.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { withoutCopies } from './copied-configs.ts';
import type { Subject } from './subject.ts';
import { type ConfigReference, configReferences } from './workload/config-references.ts';
import type { PodTemplate } from './workload/workload.ts';
import type { Writer } from './writer.ts';

const template = (...names: readonly string[]) =>
  ({
    spec: { containers: names.map((name) => ({ name: 'a', envFrom: [{ configMapRef: { name } }] })) },
  }) as PodTemplate;
const namesIn = (of: PodTemplate) => configReferences(of).map(({ name }) => name);

/** What a primary with these names is read as, beside a target with those, where ConfigMaps have these contents. */
async function read(
  ofPrimary: readonly string[],
  ofTarget: readonly string[],
  contents: Readonly<Record<string, object>>,
) {
  const transport = {
    async request({ path }: KubeRequest) {
      const name = path.split('/').at(-1) ?? '';
      const found = contents[name];
      if (found === undefined) throw new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
      return { metadata: { name, namespace: 'test', uid: name, resourceVersion: '1' }, ...found };
    },
  } as unknown as Transport;
  const { signal } = new AbortController();
  const writer = { transport, signal } as Writer;
  const configs: readonly ConfigReference[] = configReferences(template(...ofTarget));
  const subject = { canary: { metadata: { namespace: 'test' } }, target: { configs } } as unknown as Subject;
  return withoutCopies(subject, template(...ofPrimary), writer);
}

describe('the configuration of a primary that was there before', () => {
  const [one, two] = [{ data: { a: '1' } }, { data: { a: '2' } }];

  it('is the target’s where it is a copy with the same contents, Flagger’s or one of ours', async () => {
    const ours = 'env-primary-0123456789';
    for (const copy of ['env-primary', ours]) {
      const { template: same, live } = await read([copy], ['env'], { env: one, [copy]: one });
      assert.deepEqual([namesIn(same), live], [['env'], new Set()]);
    }
  });

  it('is its own where the contents differ, or are gone, or only a name is alike', async () => {
    for (const contents of [{ env: one, 'env-primary': two }, { 'env-primary': one }, { env: one }])
      assert.deepEqual(namesIn((await read(['env-primary'], ['env'], contents)).template), ['env-primary']);
    const binary = { env: { ...one, binaryData: { b: 'AAEC' } }, 'env-primary': one };
    assert.deepEqual(namesIn((await read(['env-primary'], ['env'], binary)).template), ['env-primary']);
    const odd = { env: one, 'env-primary-blue': one };
    assert.deepEqual(namesIn((await read(['env-primary-blue'], ['env'], odd)).template), ['env-primary-blue']);
  });

  it('is live where both refer to the same, whatever it is called', async () => {
    const contents = { env: one, 'env-primary': one };
    const { template: same, live } = await read(['env', 'env-primary'], ['env', 'env-primary'], contents);
    assert.deepEqual(namesIn(same), ['env', 'env-primary']);
    assert.deepEqual(live, new Set(['configmap/env', 'configmap/env-primary']));
  });
});
