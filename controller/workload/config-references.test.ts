import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configReferences, withConfigNames } from './config-references.ts';
import type { PodTemplate } from './workload.ts';

const template = (spec: object): PodTemplate => ({ spec }) as PodTemplate;
const env = (valueFrom: object) => template({ containers: [{ name: 'a', env: [{ name: 'X', valueFrom }] }] });
const one = (kind: 'ConfigMap' | 'Secret', optional = false) => [{ kind, name: 'it', optional }];

/** Each place that is followed, and what it refers to. */
const PLACES: readonly (readonly [string, PodTemplate, ReturnType<typeof one>])[] = [
  ['a volume', template({ volumes: [{ configMap: { name: 'it' } }] }), one('ConfigMap')],
  ['a secret volume', template({ volumes: [{ secret: { secretName: 'it', optional: true } }] }), one('Secret', true)],
  [
    'a projected volume',
    template({ volumes: [{ projected: { sources: [{ configMap: { name: 'it' } }] } }] }),
    one('ConfigMap'),
  ],
  [
    'a projected secret',
    template({ volumes: [{ projected: { sources: [{ secret: { name: 'it' } }] } }] }),
    one('Secret'),
  ],
  ['a variable', env({ configMapKeyRef: { name: 'it', key: 'x' } }), one('ConfigMap')],
  ['a secret variable', env({ secretKeyRef: { name: 'it', key: 'x', optional: true } }), one('Secret', true)],
  ['an environment', template({ containers: [{ envFrom: [{ configMapRef: { name: 'it' } }] }] }), one('ConfigMap')],
  ['a secret environment', template({ containers: [{ envFrom: [{ secretRef: { name: 'it' } }] }] }), one('Secret')],
  [
    'an init container',
    template({ initContainers: [{ envFrom: [{ configMapRef: { name: 'it', optional: true } }] }] }),
    one('ConfigMap', true),
  ],
];

describe('what a pod template is configured by', () => {
  for (const [title, of, references] of PLACES) {
    it(`is found in ${title}, and renamed there and nowhere else`, () => {
      assert.deepEqual(configReferences(of), references);
      const renamed = withConfigNames(of, ({ name }) => `${name}-copy`);
      assert.equal(JSON.stringify(renamed), JSON.stringify(of).replace('"it"', '"it-copy"'));
    });
  }

  it('is each of them once, and required where any place requires it', () => {
    const containers = [
      { envFrom: [{ configMapRef: { name: 'b', optional: true } }, { secretRef: { name: 'b' } }] },
      { envFrom: [{ configMapRef: { name: 'b' } }, { configMapRef: { name: 'a', optional: true } }] },
    ];
    assert.deepEqual(configReferences(template({ containers })), [
      { kind: 'ConfigMap', name: 'a', optional: true },
      { kind: 'ConfigMap', name: 'b', optional: false },
      { kind: 'Secret', name: 'b', optional: false },
    ]);
  });

  it('is nothing that configures no process, or that says nothing', () => {
    const spec = {
      imagePullSecrets: [{ name: 'registry' }],
      volumes: [
        { csi: { nodePublishSecretRef: { name: 'csi' } } },
        { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        { emptyDir: {} },
        null,
        { configMap: {} },
      ],
      containers: [{ name: 'a', env: [{ name: 'X', value: 'y' }, { valueFrom: { fieldRef: {} } }], envFrom: [{}] }, 1],
      initContainers: 'odd',
    };
    assert.deepEqual(configReferences(template(spec)), []);
    assert.deepEqual(
      withConfigNames(template(spec), () => assert.fail('nothing is renamed')),
      template(spec),
    );
    assert.deepEqual(configReferences({}), []);
  });
});
