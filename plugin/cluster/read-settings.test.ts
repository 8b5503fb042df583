import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from '../../kube/errors.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { expandedArgs } from './read-settings.ts';

const SETTINGS = '/api/v1/namespaces/system/configmaps/settings';
const transportOf = (answers: Readonly<Record<string, object>>) =>
  ({
    request({ path }: { readonly path: string }) {
      const found = answers[path];
      if (found === undefined) throw new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
      return Promise.resolve(found);
    },
  }) as unknown as Transport;
const program = {
  args: ['--mesh-provider=$(PROVIDER)', '--port=1', '--lease-name=x-$(PLAIN)'],
  env: [
    { name: 'PROVIDER', valueFrom: { configMapKeyRef: { name: 'settings', key: 'provider' } } },
    { name: 'PLAIN', value: 'y' },
    { name: 'UNUSED', valueFrom: { configMapKeyRef: { name: 'others', key: 'x' } } },
  ],
};
const { signal } = new AbortController();

describe('the command line of a program', () => {
  it('has the values of the ConfigMap that it refers to', async () => {
    const transport = transportOf({ [SETTINGS]: { data: { provider: 'contour' } } });
    assert.deepEqual(await expandedArgs(transport, 'system', program, signal), [
      '--mesh-provider=contour',
      '--port=1',
      '--lease-name=x-y',
    ]);
  });

  it('lacks an option whose value the caller may not read', async () => {
    assert.deepEqual(await expandedArgs(transportOf({}), 'system', program, signal), ['--port=1', '--lease-name=x-y']);
  });
});
