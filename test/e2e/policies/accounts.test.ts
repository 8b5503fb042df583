// What a stolen token of the controller or the webhook is worth: attacks as their ServiceAccounts, with the webhook up and down.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { CANARY_LABEL } from '../../../api/keys.ts';
import { canary } from '../../crd/manifest.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { NAMESPACE, scaleTo, webhookDeployed } from '../webhook/deployed.ts';
import { as, refusal, rightsOf } from './as-account.ts';

const CONTROLLER = as('canary-controller');
const WEBHOOK = as('canary-webhook');

/** In any namespace. */
const CONTROLLER_RIGHTS = [
  'alertproviders.flagger.app: list watch',
  'canaries.flagger.app: change-primary get list patch watch',
  'canaries/status.flagger.app: patch',
  'canaryactions.flagger.app: delete list patch watch',
  'canaryactions/status.flagger.app: patch',
  'controllerrevisions.apps: create delete get list',
  'deployments.apps: create get list patch watch',
  'destinationrules.networking.istio.io: create get list patch watch',
  'endpointslices.discovery.k8s.io: create get list patch watch',
  'events.events.k8s.io: create patch',
  'horizontalpodautoscalers.autoscaling: create delete get list patch watch',
  'httpproxies.projectcontour.io: create get list patch watch',
  'httproutes.gateway.networking.k8s.io: create get list patch watch',
  'metrictemplates.flagger.app: list watch',
  'namespaces: get',
  'secrets: get',
  'services: create get list patch watch',
  'trafficsplits.split.smi-spec.io: create get list patch watch',
  'virtualservices.networking.istio.io: create get list patch watch',
];
const LEASE_RIGHTS = [
  'leases.coordination.k8s.io kubectl-canary-controller: get list update watch',
  'leases.coordination.k8s.io: create',
];
const TRACKING_RIGHTS = ['configmaps: create delete get list watch', 'secrets: create delete get list watch'];
const WEBHOOK_RIGHTS = [
  'alertproviders.flagger.app: list watch',
  'canaries.flagger.app: list watch',
  'daemonsets.apps: list watch',
  'deployments.apps: list watch',
  'horizontalpodautoscalers.autoscaling: get',
  'metrictemplates.flagger.app: list watch',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io kubectl-canary: get list patch watch',
  'services.serving.knative.dev: get',
  'services: list watch',
  'validatingwebhookconfigurations.admissionregistration.k8s.io kubectl-canary: get list patch watch',
];

describe('the ServiceAccounts of an installation', { skip: sandboxOnly('it installs and stops the webhook') }, () => {
  const namespace = testNamespace('accounts');
  webhookDeployed();

  it('may do what this table says and nothing else, with configuration not tracked', async () => {
    // As manifests/with-config-tracking says, where another suite has installed that.
    await kubectl('delete', 'clusterrole,clusterrolebinding', 'kubectl-canary-config-tracking', '--ignore-not-found');
    assert.deepEqual(await rightsOf('canary-controller', namespace), CONTROLLER_RIGHTS);
    assert.deepEqual(await rightsOf('canary-webhook', namespace), WEBHOOK_RIGHTS);
    const certificates = 'secrets canary-webhook-certificates: get list update watch';
    assert.deepEqual(
      await rightsOf('canary-controller', NAMESPACE),
      [...CONTROLLER_RIGHTS, ...LEASE_RIGHTS].toSorted(),
    );
    assert.deepEqual(await rightsOf('canary-webhook', NAMESPACE), [...WEBHOOK_RIGHTS, certificates].toSorted());
  });

  it('may list and create ConfigMaps and Secrets where configuration is tracked, and nothing else', async () => {
    await execa('make', ['deploy', 'OVERLAY=with-config-tracking'], { timeout: 240_000 });
    const others = CONTROLLER_RIGHTS.filter((right) => !right.startsWith('secrets:'));
    assert.deepEqual(await rightsOf('canary-controller', namespace), [...others, ...TRACKING_RIGHTS].toSorted());
  });
});

for (const state of ['up', 'down'] as const) {
  describe(`a stolen account, with the webhook ${state},`, { skip: sandboxOnly('it stops the webhook') }, () => {
    const namespace = testNamespace('stolen');
    webhookDeployed('with-config-tracking');
    const meta = (name: string, more: object = {}, where = namespace) => ({ name, namespace: where, ...more });
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'shop', uid: 'f00' };
    const made = { labels: { [CANARY_LABEL]: 'shop' }, ownerReferences: [owner] };

    after(() => kubectl('-n', 'kube-system', 'delete', 'deployment', `x-${namespace}`));
    before(async () => {
      await apply(deployment(meta('shop')), deployment(meta('coffee')), service(meta('coffee')), {
        ...canary(),
        metadata: meta('shop'),
      });
      await apply(
        { apiVersion: 'v1', kind: 'Secret', metadata: meta('password'), stringData: { a: 'b' } },
        { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: meta('coffee'), spec: SCALER },
      );
      await kubectl('-n', 'kube-system', 'create', 'deployment', `x-${namespace}`, '--image=scale.test/x');
      if (state === 'down') await scaleTo(0);
      // A policy that was written just now is held a moment later.
      await eventually(async () =>
        assert.notEqual(await refusal(CONTROLLER, secret(meta('probe')), 'create', '-f', '-', '--dry-run=server'), ''),
      );
    });

    const isRefused = async (why: RegExp, ...request: Parameters<typeof refusal>) => {
      const text = await refusal(...request);
      assert.match(text, why, `let through: ${JSON.stringify(request)}`);
    };
    const creates = (object: object) => [CONTROLLER, object, 'create', '-f', '-', '--validate=false'] as const;
    const patches = (what: string, patch: object, where = namespace) =>
      [
        ...[CONTROLLER, {}, '-n', where, 'patch', ...what.split(' ')],
        ...['--type=merge', '-p', JSON.stringify(patch)],
      ] as [readonly string[], object, ...string[]];
    const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: 'x', image: name }] } } } });

    it('of the controller makes no token of another account, and no Secret but copies', async () => {
      const token = { annotations: { 'kubernetes.io/service-account.name': 'default' } };
      const tokenType = 'kubernetes.io/service-account-token';
      // More than one policy has something against it.
      await isRefused(/kubectl-canary-controller-/, ...creates(secret(meta('t', token, 'kube-system'), tokenType)));
      const name = 't-primary-0123456789';
      await isRefused(/writes nothing in namespace kube-system/, ...creates(secret(meta(name, made, 'kube-system'))));
      const copy = meta(name, { ...made, ...token });
      await isRefused(
        /creates no Secret of type kubernetes\.io\/service-account-token/,
        ...creates(secret(copy, tokenType)),
      );
      await isRefused(
        /creates no Secret of type bootstrap\.kubernetes\.io\/token/,
        ...creates(secret(copy, 'bootstrap.kubernetes.io/token')),
      );
      await isRefused(/writes no secrets but copies/, ...creates(secret(meta('t'))));
      await isRefused(/writes no secrets but copies/, CONTROLLER, {}, '-n', namespace, 'delete', 'secret', 'password');
      assert.equal(await refusal(...creates(secret(copy, 'Opaque'))), '');
    });

    it('of the controller makes no Deployment but a primary', async () => {
      await isRefused(/creates no Deployment but primaries/, ...creates(deployment(meta('miner'))));
      await isRefused(
        /creates no Deployment but primaries/,
        ...creates(deployment(meta('miner-primary', { labels: made.labels }))),
      );
      await isRefused(
        /creates no Deployment but primaries/,
        ...creates(deployment(meta('x-primary', { ownerReferences: [owner] }))),
      );
      await isRefused(
        /writes nothing in namespace kube-system/,
        ...creates(deployment(meta('x-primary', made, 'kube-system'))),
      );
      await isRefused(
        /writes nothing in namespace kubectl-canary/,
        ...creates(deployment(meta('x-primary', made, NAMESPACE))),
      );
    });

    it('of the controller changes of a target, and of any Deployment that is no primary, the replicas alone', async () => {
      for (const name of ['shop', 'coffee']) {
        const what = `deployment ${name}`;
        const only = /changes only spec\.replicas/;
        await isRefused(only, ...patches(what, image('scale.test/miner')));
        await isRefused(only, ...patches(what, { metadata: { labels: made.labels }, ...image('scale.test/miner') }));
        // What would make a primary of it, for a second request.
        await isRefused(only, ...patches(what, { metadata: { labels: made.labels } }));
        await isRefused(only, ...patches(what, { metadata: { ownerReferences: [owner] } }));
        await isRefused(only, ...patches(what, { metadata: { annotations: { note: 'x' } } }));
        await isRefused(only, ...patches(what, { spec: { paused: true } }));
        assert.equal(await refusal(...patches(what, { spec: { replicas: 0 } })), '');
      }
      await isRefused(
        /writes nothing in namespace kube-system/,
        ...patches(`deployment x-${namespace}`, { spec: { replicas: 0 } }, 'kube-system'),
      );
    });

    it('of the controller writes no Service, autoscaler or revision but those of a canary, and no canary', async () => {
      await isRefused(
        /writes no services but those/,
        ...patches('service coffee', { spec: { selector: { app: 'spy' } } }),
      );
      await isRefused(/writes no services but those/, ...creates(service(meta('spy'))));
      const revision = {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: meta('r'),
        revision: 1,
        data: {},
      };
      await isRefused(/writes no controllerrevisions but those/, ...creates(revision));
      await isRefused(
        /writes no horizontalpodautoscalers but those/,
        ...[CONTROLLER, {}, '-n', namespace, 'delete', 'hpa', 'coffee'],
      );
      await isRefused(/changes nothing of Canary shop but/, ...patches('canary shop', { spec: { suspend: true } }));
      await isRefused(
        /changes nothing of Canary shop but/,
        ...patches('canary shop', { metadata: { labels: { a: 'b' } } }),
      );
      assert.equal(
        await refusal(...patches('canary shop', { metadata: { finalizers: ['finalizer.flagger.app'] } })),
        '',
      );
      await kubectl(
        '-n',
        namespace,
        'patch',
        'canary',
        'shop',
        '--type=merge',
        '-p',
        '{"metadata":{"finalizers":null}}',
      );
    });

    it('of the webhook has itself asked about nothing else', async () => {
      const only = /changes nothing of (mutating|validating)webhookconfigurations kubectl-canary but the caBundle/;
      const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['secrets', 'pods'] }];
      for (const kind of ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration']) {
        for (const [path, value] of [
          ['/webhooks/0/rules', rules],
          ['/webhooks/0/failurePolicy', 'Fail'],
          ['/webhooks/0/namespaceSelector', { matchLabels: { a: 'b' } }],
          ['/webhooks/0/clientConfig/service/path', '/x'],
          ['/webhooks/0/clientConfig/service/namespace', namespace],
          ['/webhooks/0/matchConditions', [{ name: 'never', expression: 'false' }]],
          ['/metadata/annotations', { 'cert-manager.io/inject-ca-from': 'a/b' }],
        ] as const) {
          const patch = JSON.stringify([{ op: 'add', path, value }]);
          await isRefused(only, WEBHOOK, {}, 'patch', kind, 'kubectl-canary', '--type=json', '-p', patch);
        }
        const removed = JSON.stringify([{ op: 'remove', path: '/webhooks/0' }]);
        await isRefused(only, WEBHOOK, {}, 'patch', kind, 'kubectl-canary', '--type=json', '-p', removed);
        const bundle = JSON.stringify([{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }]);
        const flags = ['--type=json', '--dry-run=server', '-p', bundle];
        assert.equal(await refusal(WEBHOOK, {}, 'patch', kind, 'kubectl-canary', ...flags), '');
      }
    });
  });
}

const SCALER = {
  scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'coffee' },
  ...{ minReplicas: 1, maxReplicas: 2 },
};

function secret(metadata: object, type = 'Opaque'): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata, type, stringData: { a: 'b' } };
}

function service(metadata: { readonly name: string }): object {
  const spec = { selector: { app: metadata.name }, ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec };
}

function deployment(metadata: { readonly name: string }): object {
  const labels = { app: metadata.name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'x', image: 'scale.test/x' }] } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
}
