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
const providerOf = (key: string) => ({ spec: { type: 'slack', channel: key } }) as unknown as AlertProvider;
const toldBy = (may?: boolean) =>
  receiversOf(canary, providerOf, {}, may).map(({ provider, key }) => [key, provider()?.spec.channel]);

describe('the receivers of a canary’s alerts', () => {
  it('are of its own namespace where none is named, and may be of another', () => {
    assert.deepEqual(toldBy(), [
      ['shop/slack', 'shop/slack'],
      ['flagger/slack', 'flagger/slack'],
    ]);
  });

  it('are not read where they are of another namespace and that is forbidden', () => {
    assert.deepEqual(toldBy(false), [
      ['shop/slack', 'shop/slack'],
      ['flagger/slack', undefined],
    ]);
  });
});
