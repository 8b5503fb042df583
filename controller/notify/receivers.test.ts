import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AlertProvider } from '../../api/generated/alert-provider.ts';
import type { Canary } from '../../api/generated/canary.ts';
import { receiversOf } from './receivers.ts';

const canary = {
  metadata: { name: 'podinfo', namespace: 'shop' },
  spec: {
    analysis: {
      alerts: [
        { name: 'own', providerRef: { name: 'slack', namespace: '' } },
        { name: 'far', providerRef: { name: 'slack', namespace: 'flagger' } },
      ],
    },
  },
} as unknown as Canary;
const providers = {
  has: () => true,
  read: (key: string) => Promise.resolve({ spec: { type: 'slack', channel: key } } as unknown as AlertProvider),
};

async function toldBy(may?: boolean) {
  const { signal } = new AbortController();
  const channels = receiversOf(canary, providers, {}, may).map(async ({ provider, key }) => {
    const found = await provider(signal);
    return [key, found?.spec.channel];
  });
  return Promise.all(channels);
}

describe('the receivers of a canary’s alerts', () => {
  it('are of its own namespace where none is named, and may be of another', async () => {
    assert.deepEqual(await toldBy(), [
      ['shop/slack', 'shop/slack'],
      ['flagger/slack', 'flagger/slack'],
    ]);
  });

  it('are not read where they are of another namespace and that is forbidden', async () => {
    assert.deepEqual(await toldBy(false), [
      ['shop/slack', 'shop/slack'],
      ['flagger/slack', undefined],
    ]);
  });
});
