// What the API server lets the author of a canary write: nothing that would do for the author what the author may not do.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { alertProvider, canary, type Manifest, type Patch, template } from '../../crd/manifest.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { inNamespace, scaleTo, webhookDeployed } from '../webhook/deployed.ts';
import { type Account, account, everywhere, saidTo, untilAllowed, userOf } from './accounts.ts';

const ROUTES = 'httpproxies.projectcontour.io';
const DRY = ['create', '--dry-run=server'] as const;
const SETTINGS = 'serviceaccount/kubectl-canary-settings';

describe('the author of a canary', { skip: sandboxOnly('it installs the webhook, and stops it') }, () => {
  const shop = testNamespace('shop');
  const other = testNamespace('other');
  webhookDeployed();
  after(() => setting({ meshProvider: 'istio', noCrossNamespaceRefs: 'false' }));

  let tenant: Account;
  let routed: Account;
  before(async () => {
    tenant = await account({ namespace: shop, name: 'tenant' }, 'edit');
    routed = await account({ namespace: shop, name: 'routed' }, 'edit', { [shop]: [['create,patch', ROUTES]] });
    await untilAllowed(routed, shop, 'patch', ROUTES);
    await untilAllowed(tenant, shop, 'create', 'canaries.flagger.app');
    await apply({ ...template(), metadata: { name: 'latency', namespace: other } });
  });

  const named = (manifest: Manifest, name = 'podinfo', namespace = shop): Manifest => ({
    ...manifest,
    metadata: { name, namespace },
  });
  const plain = (spec: Patch = {}, name?: string) => named(canary({ provider: 'kubernetes', ...spec }), name);
  const withTemplates = (...refs: readonly object[]) =>
    plain({
      analysis: { metrics: refs.map((templateRef, index) => ({ ...MEASURED, name: `m${index}`, templateRef })) },
    });
  const withAlert = (providerRef: object) => plain({ analysis: { alerts: [{ name: 'chat', providerRef }] } });
  const withSecrets = (...names: readonly string[]) =>
    plain({
      analysis: {
        webhooks: [
          { name: 'first', url: 'http://hook.test/' },
          ...names.map((name, index) => ({
            ...{ name: `hook-${index}`, url: 'http://hook.test/' },
            headers: [{ name: 'Authorization', valueFrom: { secretKeyRef: { name, key: 'token' } } }],
          })),
        ],
      },
    });

  for (const webhook of ['up', 'down'] as const) {
    describe(`with the webhook ${webhook}`, () => {
      before(async () => {
        if (webhook === 'down') await scaleTo(0);
      });

      it('needs the right to the routes that its provider writes', async () => {
        const contour = plain({ provider: 'contour', service: { hosts: ['shop.example.com'] } });
        const said = await saidTo(tenant, contour, ...DRY);
        assert.match(
          said,
          new RegExp(`spec.provider: you may not create ${ROUTES} in namespace ${shop}, and with provider contour`),
        );
        assert.equal(await saidTo(routed, contour, ...DRY), '');
        assert.match(
          await saidTo(routed, plain({ provider: 'gatewayapi:v1', service: { gatewayRefs: [{ name: 'g' }] } }), ...DRY),
          /you may not create httproutes\.gateway\.networking\.k8s\.io/,
        );
        assert.match(
          await saidTo(routed, plain({ provider: 'istio' }), ...DRY),
          /you may not create virtualservices\.networking\.istio\.io/,
        );
        assert.match(
          await saidTo(routed, plain({ provider: 'smi:v1alpha2' }), ...DRY),
          /you may not create trafficsplits\.split\.smi-spec\.io/,
        );
        assert.equal(await saidTo(tenant, plain(), ...DRY), '');
        assert.equal(await saidTo(tenant, plain({ provider: 'nginx', ingressRef: INGRESS }), ...DRY), '');
      });

      it('who may do nothing but create canaries can create none', async () => {
        const only = await account({ namespace: shop, name: 'only' }, undefined, {
          [shop]: [['create', 'canaries.flagger.app']],
        });
        await untilAllowed(only, shop, 'create', 'canaries.flagger.app');
        assert.match(await saidTo(only, plain(), ...DRY), /spec\.targetRef: you may not create deployments\.apps in/);
        const deployer = await account({ namespace: shop, name: 'deployer' }, undefined, {
          [shop]: [
            ['create', 'canaries.flagger.app'],
            ['create,patch', 'deployments.apps'],
          ],
        });
        await untilAllowed(deployer, shop, 'create', 'deployments.apps');
        assert.match(await saidTo(deployer, plain(), ...DRY), /spec\.service: you may not create services in/);
      });

      it('needs the right to the Secrets that hooks send', async () => {
        const blind = await account({ namespace: shop, name: 'blind' }, undefined, {
          [shop]: [...RELEASES, ['get', 'secrets', 'allowed']],
        });
        await untilAllowed(blind, shop, 'create', 'services');
        assert.equal(await saidTo(blind, plain(), ...DRY), '');
        assert.match(
          await saidTo(blind, withSecrets('allowed', 'token'), ...DRY),
          new RegExp(`spec.analysis.webhooks\\[2\\].headers: you may not get Secret ${shop}/token, and this canary`),
        );
        assert.equal(await saidTo(blind, withSecrets('allowed'), ...DRY), '');
        assert.equal(await saidTo(tenant, withSecrets('allowed', 'token'), ...DRY), '');
        const many = Array.from({ length: 20 }, (_, index) => `token-${index}`);
        assert.equal(await saidTo(tenant, withSecrets(...many), ...DRY), '');
      });

      it('needs the right to the Secret of a template or provider', async () => {
        const blind = await account({ namespace: shop, name: 'teller' }, undefined, {
          [shop]: [
            ['create', 'metrictemplates.flagger.app'],
            ['create', 'alertproviders.flagger.app'],
          ],
        });
        await untilAllowed(blind, shop, 'create', 'alertproviders.flagger.app');
        const metrics = named(template({ secretRef: { name: 'token' } }), 'new');
        const alerts = named(alertProvider({ address: null, secretRef: { name: 'token' } }), 'new');
        assert.match(
          await saidTo(blind, metrics, ...DRY),
          new RegExp(`spec.provider.secretRef: you may not get Secret ${shop}/token`),
        );
        assert.match(
          await saidTo(blind, alerts, ...DRY),
          new RegExp(`spec.secretRef: you may not get Secret ${shop}/token`),
        );
        assert.equal(await saidTo(blind, named(template(), 'new'), ...DRY), '');
        assert.equal(await saidTo(tenant, metrics, ...DRY), '');
        assert.equal(await saidTo(tenant, alerts, ...DRY), '');
      });

      it('needs the right to templates and providers of other namespaces, and learns nothing of which there are', async () => {
        const said = async (name: string, object = withTemplates({ name: 'own' }, { name, namespace: other })) =>
          (await saidTo(tenant, object, ...DRY)).replaceAll(name, 'NAME');
        const there = await said('latency');
        assert.match(
          there,
          new RegExp(`spec.analysis.metrics\\[1\\].templateRef: you may not get MetricTemplate ${other}/NAME`),
        );
        assert.equal(await said('nothing'), there);
        assert.match(
          await saidTo(tenant, withAlert({ name: 'slack', namespace: other }), ...DRY),
          new RegExp(`spec.analysis.alerts\\[0\\].providerRef: you may not get AlertProvider ${other}/slack`),
        );
        const guest = await account({ namespace: shop, name: 'guest' }, 'edit', {
          [other]: [
            ['get', 'metrictemplates.flagger.app', 'latency'],
            ['get', 'alertproviders.flagger.app'],
          ],
        });
        await untilAllowed(guest, other, 'get', 'alertproviders.flagger.app');
        await untilAllowed(guest, shop, 'create', 'canaries.flagger.app');
        assert.equal(await saidTo(guest, withTemplates({ name: 'latency', namespace: other }), ...DRY), '');
        assert.equal(await saidTo(guest, withAlert({ name: 'slack', namespace: other }), ...DRY), '');
        assert.match(
          await saidTo(guest, withTemplates({ name: 'revenue', namespace: other }), ...DRY),
          /you may not get MetricTemplate/,
        );
      });

      it('is let in with as much as a canary may have, and refused for the last of it', async () => {
        const most = named(largest(other));
        const admin = await account({ namespace: shop, name: 'admin' }, 'cluster-admin');
        await untilAllowed(admin, shop, 'delete', 'secrets');
        const said = await saidTo(admin, most, ...DRY);
        assert.match(said, /you may not get (MetricTemplate|AlertProvider)/);
        await everywhere(admin, 'cluster-admin');
        await untilAllowed(admin, other, 'get', 'secrets');
        assert.equal(await saidTo(admin, most, ...DRY), '');
        const { spec } = largest(shop);
        assert.equal(await saidTo(tenant, named({ ...most, spec: { ...spec, provider: 'kubernetes' } }), ...DRY), '');
        await kubectl('delete', 'clusterrolebinding', `admin-${shop}`);
      });

      it('is asked however the canary is written, but not where nothing of it changes', async () => {
        const name = `written-${webhook}`;
        const contour = plain({ provider: 'contour' }, name);
        const kubernetes = plain({}, name);
        const ways = [['create'], ['apply'], ['apply', '--server-side']];
        for (const way of ways) assert.match(await saidTo(tenant, contour, ...way), /you may not create httpproxies/);
        assert.equal(await saidTo(tenant, kubernetes, 'apply'), '');
        for (const way of [...ways.slice(1), ['replace']])
          assert.match(await saidTo(tenant, contour, ...way), /you may not create httpproxies/, way.join(' '));
        const change = (...args: string[]) =>
          tryKubectl({}, '-n', shop, ...args, `--as=${userOf(tenant)}`).then(({ exitCode, stderr }) =>
            exitCode === 0 ? '' : stderr,
          );
        const patch = ['patch', 'canary', name, '--type=merge', '-p'];
        assert.match(await change(...patch, '{"spec":{"provider":"contour"}}'), /you may not create httpproxies/);
        assert.equal(await change(...patch, '{"spec":{"analysis":{"threshold":3}}}'), '');
        await apply(contour);
        assert.match(await change(...patch, '{"spec":{"analysis":{"threshold":4}}}'), /you may not create httpproxies/);
        assert.equal(await change('label', 'canary', name, 'team=shop'), '');
        assert.equal(await change('annotate', 'canary', name, 'team=shop'), '');
        assert.equal(await change(...patch, '{"metadata":{"finalizers":["example.com/mine"]}}'), '');
        assert.equal(await change(...patch, '{"metadata":{"finalizers":null}}'), '');
        assert.equal(await change('delete', 'canary', name), '');
      });

      it('may be Flux or Argo CD, with the rights that their installs give them', async () => {
        const flux = await account({ namespace: other, name: 'kustomize-controller' }, undefined);
        const argo = await account({ namespace: other, name: 'argocd-application-controller' }, undefined);
        await everywhere(flux, 'cluster-admin');
        await apply({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: `argocd-${other}` },
          rules: [
            { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
            { nonResourceURLs: ['*'], verbs: ['*'] },
          ],
        });
        await everywhere(argo, `argocd-${other}`);
        // A tenant of Flux's: spec.serviceAccountName of its Kustomization, bound to cluster-admin in its namespace.
        const reconciler = await account({ namespace: shop, name: 'reconciler' }, 'cluster-admin');
        for (const each of [flux, argo]) await untilAllowed(each, shop, 'create', 'secrets');
        await untilAllowed(reconciler, shop, 'create', ROUTES);
        const far = { name: 'latency', namespace: other };
        const whole = plain({
          provider: 'contour',
          analysis: {
            metrics: [{ ...MEASURED, name: 'm', templateRef: far }],
            alerts: [{ name: 'chat', providerRef: { name: 'slack', namespace: other } }],
          },
        });
        const apply_ = ['apply', '--server-side', '--dry-run=server', '--field-manager=kustomize-controller'];
        assert.equal(await saidTo(flux, whole, ...apply_), '');
        assert.equal(await saidTo(argo, whole, 'apply', '--dry-run=server'), '');
        assert.equal(await saidTo(reconciler, plain({ provider: 'contour' }), ...apply_), '');
        assert.match(await saidTo(reconciler, whole, ...apply_), /you may not get (MetricTemplate|AlertProvider)/);
        await kubectl('delete', 'clusterrolebinding', `kustomize-controller-${other}`);
        await kubectl('delete', 'clusterrolebinding', `argocd-application-controller-${other}`);
        await kubectl('delete', 'clusterrole', `argocd-${other}`);
      });

      it('gets the default provider that is installed, and none where that is not said', async () => {
        const unnamed = named(canary());
        await setting({ meshProvider: 'istio' });
        await eventually(async () =>
          assert.match(
            await saidTo(tenant, unnamed, ...DRY),
            /you may not create virtualservices\.networking\.istio\.io .* with provider istio, the default,/,
          ),
        );
        await setting({ meshProvider: 'contour' });
        await eventually(async () =>
          assert.match(await saidTo(tenant, unnamed, ...DRY), /you may not create httpproxies/),
        );
        assert.equal(await saidTo(routed, unnamed, ...DRY), '');
        await setting({ meshProvider: 'contuor' });
        await eventually(async () =>
          assert.match(await saidTo(routed, unnamed, ...DRY), /the meshProvider of ConfigMap .*, contuor, is not one/),
        );
        await setting({ meshProvider: 'kubernetes' });
        await eventually(async () => assert.equal(await saidTo(tenant, unnamed, ...DRY), ''));
      });

      it('may be kept from all references to other namespaces', async () => {
        const guest = await account({ namespace: shop, name: 'allowed' }, 'edit', {
          [other]: [['get', 'metrictemplates.flagger.app']],
        });
        await untilAllowed(guest, other, 'get', 'metrictemplates.flagger.app');
        await untilAllowed(guest, shop, 'create', 'canaries.flagger.app');
        const far = withTemplates({ name: 'own' }, { name: 'latency', namespace: other });
        assert.equal(await saidTo(guest, far, ...DRY), '');
        await setting({ noCrossNamespaceRefs: 'true' });
        await eventually(async () =>
          assert.match(
            await saidTo(guest, far, ...DRY),
            /spec\.analysis\.metrics\[1\]\.templateRef: names an object of another namespace, which --no-cross-namespace-refs forbids/,
          ),
        );
        assert.equal(await saidTo(guest, withTemplates({ name: 'own' }, { name: 'own', namespace: shop }), ...DRY), '');
        await setting({ noCrossNamespaceRefs: 'false' });
        await eventually(async () => assert.equal(await saidTo(guest, far, ...DRY), ''));
      });

      it('creates nothing while the settings are missing, and can still let go what is there', async () => {
        const name = `orphan-${webhook}`;
        assert.equal(await saidTo(tenant, plain({}, name)), '');
        await kubectl('-n', shop, 'patch', 'canary', name, '--type=merge', '-p', FINALIZER);
        const { metadata } = await kubectlJson<{ metadata: { annotations: object } }>(
          ...['-n', 'kubectl-canary', 'get', SETTINGS],
        );
        await inNamespace('delete', SETTINGS);
        try {
          await eventually(async () =>
            assert.match(await saidTo(tenant, plain(), ...DRY), /installed-defaults\.canaries\.flagger\.app/),
          );
          await kubectl('-n', shop, 'delete', 'canary', name, '--wait=false');
          await kubectl('-n', shop, 'patch', 'canary', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
          await kubectl('-n', shop, 'wait', '--for=delete', `canary/${name}`, '--timeout=30s');
        } finally {
          await apply({
            ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
            metadata: {
              ...{ name: 'kubectl-canary-settings', namespace: 'kubectl-canary' },
              annotations: metadata.annotations,
            },
          });
        }
        await eventually(async () => assert.equal(await saidTo(tenant, plain(), ...DRY), ''));
      });
    });
  }
});

const MEASURED = { thresholdRange: { max: 1 } };
const FINALIZER = '{"metadata":{"finalizers":["example.com/mine"]}}';
const INGRESS = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' };
const RELEASES = [
  ['create', 'canaries.flagger.app'],
  ['create,patch', 'deployments.apps'],
  ['create,patch', 'services'],
] as const;

interface Settings {
  readonly meshProvider?: string;
  readonly noCrossNamespaceRefs?: 'true' | 'false';
}

async function setting({ meshProvider, noCrossNamespaceRefs }: Settings): Promise<void> {
  const annotations = {
    ...(meshProvider !== undefined && { 'flagger.app/mesh-provider': meshProvider }),
    ...(noCrossNamespaceRefs !== undefined && { 'flagger.app/no-cross-namespace-refs': noCrossNamespaceRefs }),
  };
  await inNamespace('patch', SETTINGS, '--type=merge', '-p', JSON.stringify({ metadata: { annotations } }));
}

/** All lists at their longest, with names as long as they may be. */
function largest(namespace: string): Manifest {
  const long = (index: number) => `${'x'.repeat(245)}-${index}`;
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  return canary({
    provider: 'istio',
    autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' },
    analysis: {
      metrics: numbers(64).map((index) => ({
        ...{ name: `m${index}`, thresholdRange: { max: 1 }, templateRef: { name: long(index), namespace } },
      })),
      alerts: numbers(32).map((index) => ({ name: `a${index}`, providerRef: { name: long(index), namespace } })),
      webhooks: numbers(64).map((hook) => ({
        ...{ name: `h${hook}`, url: 'http://hook.test/' },
        headers: numbers(16).map((header) => ({
          ...{ name: `x-${header}`, valueFrom: { secretKeyRef: { name: long(hook * 16 + header), key: 'token' } } },
        })),
      })),
    },
  });
}
